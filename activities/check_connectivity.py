"""Check connectivity: judged from rules first, then tried where somebody can run a command; each says which it was."""

from activities.facts.reassessment import judged_again
from activities.facts.server_location import ServerAt, locate
from activities.facts.server_routes import TO_SERVER, end_of, push_ports, read_network
from activities.facts.server_rules import outside
from activities.flow.phase_entry import enters
from shared.contracts.contracts import CHECK_ROUTES
from shared.contracts.sources import RouteJudgement
from shared.durable.seam import Blueprint, serves
from shared.ledger import events
from shared.ledger.machine_context import MachineContext, machine_context
from shared.models import Scope
from shared.problems import Refused
from shared.roads.registry import road_of
from shared.sources.aws.place import place_of
from shared.sources.aws.ways import closed

bp = Blueprint()


@serves(bp, CHECK_ROUTES)
@enters
def check_routes(scope: Scope) -> RouteJudgement:
    """Judge the way from the machine to the server, and back where it pushes the agent, by what EC2 tells.

    Raises `Refused` that names what closes it.
    """
    machine = machine_context(scope)
    road = road_of(machine.plan)
    if road.server is None:
        return RouteJudgement()  # there is no server between regions: what the machine reaches is tried from it
    if not road.source.sees_network:
        return _not_judged(judged_again(scope, machine), scope)
    server = locate(machine.plan)
    if server is None:
        events.write(scope, "way-not-judged", "nobody knows where the server stands: the way to it is not judged")
        return RouteJudgement()
    shut = _closed(machine, server)
    if shut:
        raise Refused(
            f"{scope.machine} and {server.name} do not reach each other, judged from security groups, routes and network "
            f"ACLs: {'; '.join(shut)}",
            id="appliance-unreachable",
            title="The machine does not reach the appliance",
            advice="Open the way (security groups in both directions, routes, network ACLs) and retry.",
        )
    events.write(scope, "way-judged", _said(scope, machine, server))
    return RouteJudgement(back=road_of(machine.plan).pushes_agent(machine.plan))


def _said(scope: Scope, machine: MachineContext, server: ServerAt) -> str:
    """Say what was judged, and that nothing was tried yet."""
    back = ", and back for the push of the agent" if road_of(machine.plan).pushes_agent(machine.plan) else ""
    beyond = f"; {server.name} stands outside EC2: {outside(server.address)}" if server.instance is None else ""
    return (
        f"judged from security groups, routes and network ACLs, not tried: {scope.machine} reaches ports 443 and 9443 of "
        f"{server.name} ({server.address}){back}{beyond}"
    )


def _not_judged(machine: MachineContext, scope: Scope) -> RouteJudgement:
    """Say what has to be open where the app sees neither rules nor routes; the appliance tells whether it is."""
    server = machine.plan.replication.appliance.name
    text = (
        f"neither judged nor tried: the network between {scope.machine} and {server} is not seen; ports 443 and 9443 of "
        f"{server} must be open to it"
    )
    events.write(scope, "way-not-judged", text)
    return RouteJudgement()


def _closed(machine: MachineContext, server: ServerAt) -> list[str]:
    """Name what closes the way in either direction."""
    facts = machine.row.source
    own = end_of(machine.row.name, facts)
    if own is None:
        return ["its address or its subnet is not known"]
    ends = (own, server.end)
    network = read_network(place_of(machine.plan), ends)
    back = push_ports(facts) if road_of(machine.plan).pushes_agent(machine.plan) else ()
    return [*closed(network, *ends, TO_SERVER), *(closed(network, server.end, own, back) if back else ())]
