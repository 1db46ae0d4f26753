"""Check connectivity: judged from rules first, then tried where somebody can run a command; each says which it was."""

from activities.judging import judged_again
from activities.open_security_groups import PORTS, PUSH_PORTS, outside
from activities.planned import Planned, planned
from activities.replication_server import pushed
from activities.server_location import ServerAt, locate
from shared.concerns.facts import SourceFacts
from shared.contracts import CHECK_ROUTES
from shared.durable import Blueprint, serves
from shared.ledger import events
from shared.models import Place
from shared.problems import Refused
from shared.requests import WayJudged
from shared.sources.aws.routes import read_subnets
from shared.sources.aws.security_groups import read_rules
from shared.sources.aws.session import AwsPlace
from shared.sources.aws.side import place_of
from shared.sources.aws.ways import End, Network, Ports, closed, groups_of, subnets_of

bp = Blueprint()

TO_SERVER: Ports = tuple((port, port) for port in PORTS)


@serves(bp, CHECK_ROUTES)
def check_routes(place: Place) -> WayJudged:
    """Judge the way from the machine to the server, and back where it pushes the agent, by what EC2 tells.

    Raises `Refused` that names what closes it.
    """
    machine = planned(place)
    if machine.plan.scenario == "azure-to-azure":
        return WayJudged()  # there is no server between regions: what the machine reaches is tried from it
    if machine.plan.scenario != "aws-to-azure":
        return _not_judged(judged_again(place), place)
    server = locate(machine.plan)
    if server is None:
        events.write(place, "way-not-judged", "nobody knows where the server stands: the way to it is not judged")
        return WayJudged()
    shut = _closed(machine, server)
    if shut:
        raise Refused(
            f"{place.machine} and {server.name} do not reach each other, judged from security groups, routes and network "
            f"ACLs: {'; '.join(shut)}",
            id="appliance-unreachable",
            title="The machine does not reach the appliance",
            advice="Open the way (security groups in both directions, routes, network ACLs) and retry.",
        )
    events.write(place, "way-judged", _said(place, machine, server))
    return WayJudged(back=pushed(machine.plan))


def _said(place: Place, machine: Planned, server: ServerAt) -> str:
    """Say what was judged, and that nothing was tried yet."""
    back = ", and back for the push of the agent" if pushed(machine.plan) else ""
    beyond = f"; {server.name} stands outside EC2: {outside(server.address)}" if server.instance is None else ""
    return (
        f"judged from security groups, routes and network ACLs, not tried: {place.machine} reaches ports 443 and 9443 of "
        f"{server.name} ({server.address}){back}{beyond}"
    )


def _not_judged(machine: Planned, place: Place) -> WayJudged:
    """Say what has to be open where the app sees neither rules nor routes; the appliance tells whether it is."""
    server = machine.plan.replication.appliance.name
    said = (
        f"neither judged nor tried: the network between {place.machine} and {server} is not seen; ports 443 and 9443 of "
        f"{server} must be open to it"
    )
    events.write(place, "way-not-judged", said)
    return WayJudged()


def _closed(machine: Planned, server: ServerAt) -> list[str]:
    """Name what closes the way in either direction."""
    facts = SourceFacts.model_validate(machine.row.source)
    own = end_of(machine.row.name, facts)
    if own is None:
        return ["its address or its subnet is not known"]
    ends = (own, server.end)
    network = read_network(place_of(machine.plan), ends)
    back = push_ports(facts) if pushed(machine.plan) else ()
    return [*closed(network, *ends, TO_SERVER), *(closed(network, server.end, own, back) if back else ())]


def end_of(name: str, facts: SourceFacts) -> End | None:
    """Give a machine as the end of a way: its first card; None where that is not known."""
    card = facts.nics[0] if facts.nics else None
    if card is None or not card.subnet_id or not facts.private_ip:
        return None
    return End(what=name, address=facts.private_ip, subnet=card.subnet_id, groups=card.security_groups)


def push_ports(facts: SourceFacts) -> Ports:
    """Give the ports of the machine through which the agent is pushed."""
    return PUSH_PORTS["windows" if facts.os_family == "windows" else "linux"]


def read_network(place: AwsPlace, ends: tuple[End, ...]) -> Network:
    """Read what decides about the ways between ends: three requests, and one for 200 groups."""
    groups, subnets = groups_of(ends), subnets_of(ends)
    rules = read_rules(place, groups) if groups else ()
    return Network(rules=rules, subnets=read_subnets(place, subnets) if subnets else {})
