"""Check connectivity: security groups, routes and network ACLs let machine and appliance reach each other."""

from collections.abc import Iterable

from activities.judging import judged_again
from activities.open_security_groups import PORTS, PUSH_PORTS, appliance_instance
from activities.planned import Planned, planned
from activities.replication_server import pushed
from shared.concerns.facts import SourceFacts
from shared.contracts import CHECK_ROUTES
from shared.durable import Blueprint, serves
from shared.ledger import events
from shared.models import Done, Place
from shared.problems import Refused
from shared.sources.aws.instances import Ec2Instance
from shared.sources.aws.routes import Subnet, reaches, read_subnets
from shared.sources.aws.security_groups import Opening, allowed, read_rules
from shared.sources.aws.side import place_of

bp = Blueprint()

Ports = tuple[tuple[int, int], ...]  # ranges, first and last


@serves(bp, CHECK_ROUTES)
def check_routes(place: Place) -> Done:
    """Judge the way from the machine to the appliance, and back where it pushes the agent.

    Raises `Refused` that names what closes it.
    """
    machine = planned(place)
    if machine.plan.scenario != "aws-to-azure":
        return _not_judged(judged_again(place), place)
    appliance = appliance_instance(machine.plan)
    if appliance is None:
        events.write(place, "way-not-judged", "the appliance is not an EC2 instance of this VPC: the way is not judged")
        return Done()
    facts = SourceFacts.model_validate(machine.row.source)
    pushing = _push_ports(machine, facts)
    closed = [
        *_closed_groups(machine, facts, appliance),
        *_closed_to_push(machine, facts, appliance, pushing),
        *_closed_ways(machine, facts, appliance, pushing),
    ]
    if closed:
        raise Refused(
            f"{place.machine} and the appliance do not reach each other: {'; '.join(closed)}",
            id="appliance-unreachable",
            title="The machine does not reach the appliance",
            advice="Open the way (security groups, routes, network ACLs) and retry.",
        )
    return Done()


def _not_judged(machine: Planned, place: Place) -> Done:
    """Say what has to be open where the app sees neither rules nor routes; the appliance tells whether it is."""
    server = machine.plan.replication.appliance.name
    said = f"the network between {place.machine} and {server} is not seen: ports 443 and 9443 of {server} must be open to it"
    events.write(place, "way-not-judged", said)
    return Done()


def _push_ports(machine: Planned, facts: SourceFacts) -> Ports:
    """Give the ports of the machine through which the agent is pushed; none where nothing is pushed."""
    return PUSH_PORTS["windows" if facts.os_family == "windows" else "linux"] if pushed(machine.plan) else ()


def _closed_groups(machine: Planned, facts: SourceFacts, appliance: Ec2Instance) -> list[str]:
    """Name the ports that no security group rule of the appliance opens for this machine."""
    rules = read_rules(place_of(machine.plan), appliance.groups)
    groups = facts.nics[0].security_groups if facts.nics else ()

    def is_open(port: int) -> bool:
        openings = (Opening(group=group, port=port) for group in appliance.groups)
        return any(allowed(rules, one, groups, machine.row.private_ip) for one in openings)

    return [f"no security group rule opens port {port}" for port in PORTS if not is_open(port)]


def _closed_to_push(machine: Planned, facts: SourceFacts, appliance: Ec2Instance, ports: Ports) -> list[str]:
    """Name the ports that no security group rule of the machine opens for the server that pushes."""
    own = facts.nics[0].security_groups if ports and facts.nics else ()
    rules = read_rules(place_of(machine.plan), own) if own else ()

    def is_open(first: int, last: int) -> bool:
        openings = (Opening(group=group, port=first, to_port=last) for group in own)
        return any(allowed(rules, one, appliance.groups, appliance.private_ip) for one in openings)

    return [
        f"no security group rule of the machine opens {_named(first, last)} for the push of the agent"
        for first, last in ports
        if own and not is_open(first, last)
    ]


def _named(first: int, last: int) -> str:
    return f"port {first}" if first == last else f"ports {first} to {last}"


def _closed_ways(machine: Planned, facts: SourceFacts, appliance: Ec2Instance, pushing: Ports) -> list[str]:
    """Name what is wrong with routes and ACLs."""
    own = facts.nics[0].subnet_id if facts.nics else None
    if not own:
        return ["its subnet is not known"]
    subnets = read_subnets(place_of(machine.plan), {own, appliance.subnet})
    here, there = subnets.get(own), subnets.get(appliance.subnet)
    if here is None or there is None:
        return ["its subnet, or that of the appliance, could not be read"]
    back = [port for ends in pushing for port in ends]
    to = _judge((here, machine.row.private_ip), (there, appliance.private_ip), PORTS)
    return to + (_judge((there, appliance.private_ip), (here, machine.row.private_ip), back) if back else [])


def _judge(source: tuple[Subnet, str], target: tuple[Subnet, str], ports: Iterable[int]) -> list[str]:
    """Judge the way from an address in one subnet to an address in another."""
    closed = [] if source[0].route_to(target[1]) else [f"no route from {source[0].id} to {target[1]}"]
    shut = [port for port in dict.fromkeys(ports) if not reaches(*source, *target, port)]
    return closed + [f"a network ACL closes port {port} to {target[1]}" for port in shut]
