"""Rules about addresses and networks of one machine."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_network

from shared.concerns.kept_addresses import addresses_of
from shared.concerns.registry import AWS, TO_AZURE, MachineCase, Unknown, known, rule
from shared.concerns.target_facts import SubnetFacts
from shared.plan.target import KEEP

RESERVED = (0, 1, 2, 3, -1)  # addresses of each subnet that Azure keeps (documented)
MOST_NAMES = 5


@rule(
    "public-ip-lost",
    "warning",
    "It has public addresses that are lost when it is stopped, and it will have none in Azure",
    "Give it elastic addresses now if the way back must keep them; plan DNS and public addresses in Azure.",
    applies_to=AWS,
)
def _public(case: MachineCase) -> Iterator[str]:
    if lost := known(case.source.public_ips, "public_ips"):
        yield ", ".join(lost)


@rule(
    "elastic-ip-stays",
    "information",
    "Its elastic addresses stay in AWS",
    "Change DNS at cutover; release the addresses when the source is decommissioned.",
    applies_to=AWS,
)
def _elastic(case: MachineCase) -> Iterator[str]:
    if elastic := known(case.source.elastic_ips, "elastic_ips"):
        yield ", ".join(elastic)


@rule(
    "several-private-addresses",
    "warning",
    "A network card has several private addresses, and only its first comes along",
    "Add the others to the card in Azure after the cutover (and to the system, where it is to have them statically), or give each "
    "its own card; change DNS where they are known to others.",
    applies_to=TO_AZURE,
)
def _others(case: MachineCase) -> Iterator[str]:
    for card in known(case.source.nics, "nics"):
        if card.other_ips:
            left = ", ".join(card.other_ips)
            yield f"{left} of {card.id or 'its card'} will not come along; {card.ip or 'the first'} is the one that does"


@rule(
    "several-private-addresses-move",
    "information",
    "A network card has several private addresses: all of them come along, where they are free in their subnet",
    "Look at them after the test failover: the system must have them statically; those of another subnet become others.",
    applies_to=("azure-to-azure",),
)
def _others_move(case: MachineCase) -> Iterator[str]:
    for card in known(case.source.nics, "nics"):
        if card.other_ips:
            yield f"{', '.join((card.ip or '?', *card.other_ips))} of {card.id.rpartition('/')[2]}"


@rule(
    "private-ip-changes",
    "information",
    "Its private address will be another one",
    "Give `target: {privateIp: keep}`, or an address, where it is known to others; else change DNS at cutover.",
)
def _private(case: MachineCase) -> Iterator[str]:
    then = next((card.private_ip for card in case.machine.target.cards), "")
    if then != KEEP and then != known(case.source.private_ip, "private_ip"):
        yield f"it is {case.source.private_ip} now and {then or 'chosen by Azure'} then"


@rule(
    "several-network-interfaces",
    "warning",
    "It has more network interfaces than the plan speaks of",
    "Give `target: {nics: […]}` what each becomes, or leave some out. Look at the others after the test failover; routes and addresses in the system may have to follow.",
)
def _several(case: MachineCase) -> Iterator[str]:
    count = len(known(case.source.nics, "nics"))
    if count > max(1, len(case.machine.target.nics)):
        yield f"it has {count} network interfaces"


@rule(
    "push-needs-firewall",
    "information",
    "The machine's own firewall must let the server install the agent",
    "On Windows let in File and Printer Sharing and Windows Management Instrumentation, on Linux SSH; the account that "
    "pushes must be a local administrator, or root. Security groups are opened by the migration.",
    applies_to=TO_AZURE,
)
def _pushed_to(case: MachineCase) -> Iterator[str]:
    if case.plan.replication.agent.install == "push":
        yield f"{case.plan.replication.appliance.name} pushes the Mobility service onto it"


@rule(
    "static-address-outside-subnet",
    "critical",
    "The address asked for is not in its subnet, or Azure keeps it for itself",
    "Choose an address of the subnet; its first four and its last are Azure's. Where the plan keeps addresses: another subnet, or "
    "`privateIp: dynamic`.",
)
def _outside(case: MachineCase) -> Iterator[str]:
    for address, subnet in _wanted(case):
        ranges = (known(subnet.prefix, "networks.subnets.prefix"), *subnet.more_prefixes)
        networks = [ip_network(each, strict=False) for each in ranges]
        network = next((each for each in networks if _is_in(address, each)), None)
        if network is None:
            yield f"{_whose(case, address)} is not in {subnet.name} ({', '.join(ranges)})"
        elif network.num_addresses > len(RESERVED) and IPv4Address(address) in {network[n] for n in RESERVED}:
            yield f"{_whose(case, address)} is one that Azure keeps in {subnet.name} ({network})"


def _is_in(address: str, network: IPv4Network | IPv6Network) -> bool:
    return isinstance(network, IPv4Network) and IPv4Address(address) in network


def _whose(case: MachineCase, address: str) -> str:
    """Name an address, and say where it comes from: of a kept one the plan shows nothing."""
    return f"{address} (its address now)" if address == case.source.private_ip else address


@rule(
    "static-address-taken",
    "critical",
    "The address asked for is in use",
    "Choose a free address, or remove what has it.",
)
def _taken(case: MachineCase) -> Iterator[str]:
    if case.standing.failing_over or case.standing.fenced:
        return  # what has it may be the machine itself: the VM of its own failover
    for address, subnet in _wanted(case):
        if address in subnet.used_ips:
            yield f"{_whose(case, address)} in {subnet.name} is in use"


@rule(
    "static-address-twice",
    "critical",
    "Another machine of the plan asks for the same address",
    "Give one of them another address or subnet, or `privateIp: dynamic`.",
)
def _twice(case: MachineCase) -> Iterator[str]:
    wanted = case.whole.by_address if case.whole else {}
    for vnet, subnet, address in addresses_of(case.plan, case.machine):
        asking = wanted.get((vnet.lower(), subnet.lower(), address), ())
        if others := [each for each in asking if each != case.machine.name]:
            yield f"{_whose(case, address)} in {subnet} is asked for by {', '.join(others[:MOST_NAMES])}, too"


@rule(
    "kept-address-not-known",
    "critical",
    "The plan keeps its address, and nobody tells which one that is",
    "Say it (`target: {privateIp: 10.1.2.15}`), or `privateIp: dynamic`. If it is accepted, the address that Site Recovery shows "
    "once the machine replicates is asked for, and nobody judges it before.",
    acknowledgeable=True,
)
def _not_told(case: MachineCase) -> Iterator[str]:
    cards = [card for card in case.machine.target.cards if card.private_ip == KEEP]
    if cards and not case.source.instance_id:
        raise Unknown("private_ip")  # it is judged again when its server shows it
    for card in cards:
        known_as = case.source.private_ip or "none"
        yield f"of its card {card.source_ip or card.name or 'no. 1'} the source tells no IPv4 address ({known_as})"


def _wanted(case: MachineCase) -> Iterator[tuple[str, SubnetFacts]]:
    """Give the static addresses that the plan asks for, each with its subnet if that exists."""
    for vnet, name, address in addresses_of(case.plan, case.machine):
        for found in known(case.target.networks, "networks"):
            here = found.name.lower() == vnet.lower()
            yield from ((address, subnet) for subnet in found.subnets if here and subnet.name.lower() == name.lower())
