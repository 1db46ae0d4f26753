"""Check connectivity: security groups, routes and network ACLs let the machine reach the appliance and Azure."""

from activities.open_security_groups import PORTS, appliance_instance
from activities.planned import Planned, planned
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


@serves(bp, CHECK_ROUTES)
def check_routes(place: Place) -> Done:
    """Judge the way from the machine to the appliance. Raises `Refused` that names what closes it."""
    machine = planned(place)
    if machine.plan.source.aws is None:
        return Done()
    appliance = appliance_instance(machine.plan)
    if appliance is None:
        events.write(place, "way-not-judged", "the appliance is not an EC2 instance of this VPC: the way is not judged")
        return Done()
    facts = SourceFacts.model_validate(machine.row.source)
    closed = [*_closed_groups(machine, facts, appliance), *_closed_ways(machine, facts, appliance)]
    if closed:
        raise Refused(
            f"{place.machine} does not reach the appliance: {'; '.join(closed)}",
            id="appliance-unreachable",
            title="The machine does not reach the appliance",
            advice="Open the way (security groups, routes, network ACLs) and retry.",
        )
    return Done()


def _closed_groups(machine: Planned, facts: SourceFacts, appliance: Ec2Instance) -> list[str]:
    """Name the ports that no security group rule of the appliance opens for this machine."""
    rules = read_rules(place_of(machine.plan), appliance.groups)
    groups = facts.nics[0].security_groups if facts.nics else ()

    def is_open(port: int) -> bool:
        openings = (Opening(group=group, port=port) for group in appliance.groups)
        return any(allowed(rules, one, groups, machine.row.private_ip) for one in openings)

    return [f"no security group rule opens port {port}" for port in PORTS if not is_open(port)]


def _closed_ways(machine: Planned, facts: SourceFacts, appliance: Ec2Instance) -> list[str]:
    """Name what is wrong with routes and ACLs."""
    own = facts.nics[0].subnet_id if facts.nics else None
    if not own:
        return ["its subnet is not known"]
    subnets = read_subnets(place_of(machine.plan), {own, appliance.subnet})
    source, target = subnets.get(own), subnets.get(appliance.subnet)
    if source is None or target is None:
        return ["its subnet, or that of the appliance, could not be read"]
    return _judge(source, machine.row.private_ip, target, appliance.private_ip)


def _judge(source: Subnet, source_ip: str, target: Subnet, target_ip: str) -> list[str]:
    """Judge the way between two subnets."""
    closed = [] if source.route_to(target_ip) else [f"no route from {source.id} to {target_ip}"]
    ports = [port for port in PORTS if not reaches(source, source_ip, target, target_ip, port)]
    return closed + [f"a network ACL closes port {port}" for port in ports]
