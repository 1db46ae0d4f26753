"""Try back: the server itself tries the ports of a machine through which it is to push the agent."""

from datetime import timedelta

from activities.facts.server_location import ServerAt, locate
from activities.facts.server_routes import push_ports
from activities.flow.interruption import raise_if_stopped
from activities.source_scripts.command_results import settle
from activities.verification import connection_attempts
from shared import ids
from shared.contracts.contracts import POLL_BACK, TRY_BACK
from shared.contracts.requests import Poll, PollResult
from shared.contracts.sources import CommandStarted
from shared.durable.seam import Blueprint, serves
from shared.guest_scripts.wrapper import SYSTEMS_MANAGER, wrap
from shared.ledger import events
from shared.ledger.machine_context import MachineContext, machine_context
from shared.models import CLOCK_SKEW, Scope
from shared.problems import CloudRefused, Refused
from shared.sources.aws import ssm
from shared.sources.aws.place import place_of
from shared.sources.aws.ssm import SsmScript

bp = Blueprint()

SCRIPT = "try-back"
DYNAMIC = 49152  # Windows listens behind these only while it is asked something
AT_MOST = timedelta(minutes=15)
A_MOMENT = 10


@serves(bp, TRY_BACK)
def try_back(poll: Poll) -> CommandStarted:
    """Send the attempt to the server, once; nothing where no management agent answers there: the rules were judged."""
    raise_if_stopped(poll)
    machine = machine_context(poll)
    server = locate(machine.plan)
    if server is None or server.instance is None:
        return _not_tried(poll, "the server stands outside EC2")
    try:
        return CommandStarted(command=ssm.send_command(place_of(machine.plan), _script(poll, machine, server)))
    except CloudRefused as refused:
        return _not_tried(poll, f"no command can be run on {server.name}: {refused.facts.detail}")


def _not_tried(scope: Scope, why: str) -> CommandStarted:
    text = f"the way back to {scope.machine} was judged from rules, not tried: {why}"
    events.write(scope, "way-back-not-tried", text)
    return CommandStarted()


def _script(poll: Poll, machine: MachineContext, server: ServerAt) -> SsmScript:
    return SsmScript(
        instance=server.instance.id if server.instance else "",
        windows=True,
        lines=wrap(
            connection_attempts.script(_tried(machine), windows=True), SYSTEMS_MANAGER, _nonce(poll), windows=True
        ),
        token=ids.command_token(poll.key, SCRIPT),
        since=poll.since - CLOCK_SKEW,
        timeout=int(AT_MOST.total_seconds()),
    )


def _nonce(poll: Poll) -> str:
    return ids.short_hash(f"{poll.key}.{SCRIPT}")


def _tried(machine: MachineContext) -> tuple[connection_attempts.Tried, ...]:
    """Give the ports that always answer on a machine that takes a push."""
    first = (port for port, _ in push_ports(machine.row.source) if port < DYNAMIC)
    return tuple((machine.row.private_ip, port) for port in first)


@serves(bp, POLL_BACK)
def poll_back(poll: Poll) -> PollResult:
    """Settle when the machine answered. Raises `Refused` that names the ports that did not."""
    raise_if_stopped(poll)
    machine = machine_context(poll)
    server = locate(machine.plan)
    if server is None or server.instance is None:
        return PollResult(settled=True)
    result = settle(ssm.read_command(place_of(machine.plan), poll.job, server.instance.id), _nonce(poll))
    if result.running and poll.now - poll.since < AT_MOST:
        return PollResult(patience=A_MOMENT)
    if result.succeeded:
        text = f"tried from {server.name}: it reaches {connection_attempts.named(_tried(machine))} to push the agent"
        events.write(poll, "way-back-tried", text)
        return PollResult(settled=True)
    if result.exit_code != connection_attempts.SHUT:
        _not_tried(poll, f"the attempt on {server.name} ended as {result.status} {result.stderr.strip()[:200]}")
        return PollResult(settled=True)
    raise Refused(
        f"tried from {server.name}: {result.stderr.strip()[:1000]}",
        id="push-unreachable",
        title="The server does not reach the machine to push the agent",
        advice="On the machine let in File and Printer Sharing and Windows Management Instrumentation (Linux: SSH), in its "
        "own firewall as in its security groups; then retry. Or install the agent by hand (agent: {install: manual}).",
    )
