"""Try back: the server itself tries the ports of a machine through which it is to push the agent."""

from datetime import timedelta

from activities import trying
from activities.check_connectivity import push_ports
from activities.interrupting import strike
from activities.planned import Planned, planned
from activities.senders import settle
from activities.server_location import ServerAt, locate
from shared import ids
from shared.concerns.facts import SourceFacts
from shared.contracts import LOOK_BACK, TRY_BACK
from shared.durable import Blueprint, serves
from shared.guest_scripts.wrapper import SYSTEMS_MANAGER, wrap
from shared.ledger import events
from shared.models import Place
from shared.problems import CloudRefused, Refused
from shared.requests import Began, Look, Seen
from shared.sources.aws import ssm
from shared.sources.aws.side import place_of
from shared.sources.aws.ssm import Script

bp = Blueprint()

SCRIPT = "try-back"
DYNAMIC = 49152  # Windows listens behind these only while it is asked something
AT_MOST = timedelta(minutes=15)
CLOCK_SKEW = timedelta(minutes=10)
A_MOMENT = 10


@serves(bp, TRY_BACK)
def try_back(look: Look) -> Began:
    """Send the attempt to the server, once; nothing where no management agent answers there: the rules were judged."""
    strike(look)
    machine = planned(look)
    server = locate(machine.plan)
    if server is None or server.instance is None:
        return _not_tried(look, "the server stands outside EC2")
    try:
        return Began(command=ssm.send_command(place_of(machine.plan), _script(look, machine, server)))
    except CloudRefused as refused:
        return _not_tried(look, f"no command can be run on {server.name}: {refused.facts.detail}")


def _not_tried(place: Place, why: str) -> Began:
    said = f"the way back to {place.machine} was judged from rules, not tried: {why}"
    events.write(place, "way-back-not-tried", said)
    return Began()


def _script(look: Look, machine: Planned, server: ServerAt) -> Script:
    return Script(
        instance=server.instance.id if server.instance else "",
        windows=True,
        lines=wrap(trying.script(_tried(machine), windows=True), SYSTEMS_MANAGER, _nonce(look), windows=True),
        token=ids.command_token(look.key, SCRIPT),
        since=look.since - CLOCK_SKEW,
        timeout=int(AT_MOST.total_seconds()),
    )


def _nonce(look: Look) -> str:
    return ids.short_hash(f"{look.key}.{SCRIPT}")


def _tried(machine: Planned) -> tuple[trying.Tried, ...]:
    """Give the ports that always answer on a machine that takes a push."""
    facts = SourceFacts.model_validate(machine.row.source)
    first = (one for one, _ in push_ports(facts) if one < DYNAMIC)
    return tuple((machine.row.private_ip, port) for port in first)


@serves(bp, LOOK_BACK)
def look_back(look: Look) -> Seen:
    """Settle when the machine answered. Raises `Refused` that names the ports that did not."""
    strike(look)
    machine = planned(look)
    server = locate(machine.plan)
    if server is None or server.instance is None:
        return Seen(settled=True)
    result = settle(ssm.read_command(place_of(machine.plan), look.job, server.instance.id), _nonce(look))
    if result.running and look.now - look.since < AT_MOST:
        return Seen(patience=A_MOMENT)
    if result.succeeded:
        said = f"tried from {server.name}: it reaches {trying.named(_tried(machine))} to push the agent"
        events.write(look, "way-back-tried", said)
        return Seen(settled=True)
    if result.exit_code != trying.SHUT:
        _not_tried(look, f"the attempt on {server.name} ended as {result.status} {result.stderr.strip()[:200]}")
        return Seen(settled=True)
    raise Refused(
        f"tried from {server.name}: {result.stderr.strip()[:1000]}",
        id="push-unreachable",
        title="The server does not reach the machine to push the agent",
        advice="On the machine let in File and Printer Sharing and Windows Management Instrumentation (Linux: SSH), in its "
        "own firewall as in its security groups; then retry. Or install the agent by hand (agent: {install: manual}).",
    )
