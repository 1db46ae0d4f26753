"""Whether two ends reach each other, judged from what EC2 tells: security groups, routes and network ACLs.

Nothing is tried here: a machine's own firewall, and what stands behind a transit gateway, show only when somebody tries.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from shared.models import Model
from shared.sources.aws.routes import EPHEMERAL, VpcSubnet, reaches
from shared.sources.aws.security_groups import RequiredRule, SecurityGroupRule, allowed, lets_out

Ports = Sequence[tuple[int, int]]  # ranges: first and last port


class RouteEnd(Model):
    """One end of a way; without a subnet it stands outside EC2, where nothing of it can be read."""

    what: str
    address: str
    subnet: str = ""
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Network:
    """What was read of the network between ends."""

    rules: Sequence[SecurityGroupRule] = ()
    subnets: Mapping[str, VpcSubnet] = field(default_factory=dict)


def closed(network: Network, source: RouteEnd, target: RouteEnd, ports: Ports, *, let_in: bool = True) -> list[str]:
    """Name what keeps TCP connections from one end from the ports of the other; empty = nothing that can be read does.

    With `let_in` false the target's inbound rules are left out: they are still to be opened.
    """
    found = [*_not_let_out(network, source, target, ports)]
    if let_in:
        found += _not_let_in(network, source, target, ports)
    missing = [each.subnet for each in (source, target) if each.subnet and each.subnet not in network.subnets]
    if missing:
        return [*found, f"the subnet {missing[0]} could not be read"]
    found += [*_no_route(network, source, target), *_no_route(network, target, source)]
    return [*dict.fromkeys([*found, *_shut(network, source, target, ports)])]


def _not_let_out(network: Network, source: RouteEnd, target: RouteEnd, ports: Ports) -> Iterator[str]:
    if not source.groups:
        return
    for first, last in ports:
        ends = {first, last}
        if not all(lets_out(network.rules, source.groups, port, target.address, target.groups) for port in ends):
            yield f"no outbound security group rule of {source.what} lets {named(first, last)} of {target.address} through"


def _not_let_in(network: Network, source: RouteEnd, target: RouteEnd, ports: Ports) -> Iterator[str]:
    for first, last in ports if target.groups else ():
        openings = (RequiredRule(group=group, port=first, to_port=last) for group in target.groups)
        if not any(allowed(network.rules, each, source.groups, source.address) for each in openings):
            yield f"no security group rule of {target.what} opens {named(first, last)} for {source.what}"


def named(first: int, last: int) -> str:
    """Name a range of ports."""
    return f"port {first}" if first == last else f"ports {first} to {last}"


def _no_route(network: Network, source: RouteEnd, target: RouteEnd) -> Iterator[str]:
    """Say why packets do not find from one end to the other; what stands outside EC2 routes by itself."""
    subnet = network.subnets.get(source.subnet)
    if subnet is None:
        return
    route = subnet.route_to(target.address)
    if route is None and not subnet.lists:
        yield f"no route leads from {subnet.id} to {target.address}"
    elif route is not None and route.to_the_internet and ip_address(target.address).is_private:
        yield (
            f"the route from {subnet.id} to {target.address} ends at {route.target}, a way to the internet: a private "
            "address is reached through a peering connection, a transit gateway or a VPN"
        )


def _shut(network: Network, source: RouteEnd, target: RouteEnd, ports: Ports) -> Iterator[str]:
    here, far = network.subnets.get(source.subnet), network.subnets.get(target.subnet)
    for port in dict.fromkeys(port for ends in ports for port in ends):
        if not _acls_let(here, source.address, far, target.address, port):
            yield f"a network ACL closes port {port} to {target.address}"


def _acls_let(here: VpcSubnet | None, source: str, existing: VpcSubnet | None, target: str, port: int) -> bool:
    """Ask the ACLs of both ends that have some."""
    if here is not None and existing is not None:
        return reaches(here, source, existing, target, port)
    if here is not None:
        return here.lets(target, port, egress=True) and here.lets(target, EPHEMERAL, egress=False)
    if existing is not None:
        return existing.lets(source, port, egress=False) and existing.lets(source, EPHEMERAL, egress=True)
    return True


def groups_of(ends: Iterable[RouteEnd]) -> set[str]:
    """Give the groups whose rules decide."""
    return {group for each in ends for group in each.groups}


def subnets_of(ends: Iterable[RouteEnd]) -> set[str]:
    """Give the subnets whose routes and ACLs decide."""
    return {each.subnet for each in ends if each.subnet}
