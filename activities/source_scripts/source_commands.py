"""Commands: scripts run on a source machine through its management agent, sent once, looked at until they end."""

from datetime import timedelta

from activities.facts.server_location import address_of
from activities.flow.interruption import raise_if_stopped
from activities.flow.phase_entry import enters
from activities.gates.manual_gate import ask
from activities.source_scripts.command_results import described, settle
from activities.source_scripts.scripts import script_of
from activities.verification import connection_attempts
from shared import ids
from shared.concerns.source_facts import SourceFacts
from shared.contracts.contracts import POLL_COMMAND, SEND_COMMAND
from shared.contracts.requests import Poll, PollResult
from shared.contracts.sources import CommandStarted, SourceCommand
from shared.durable.seam import Blueprint, serves
from shared.guest_scripts.wrapper import GuestScript, wrap
from shared.ledger import events, machines
from shared.ledger.event_data import EventData
from shared.ledger.machine_context import MachineContext, machine_context
from shared.ledger.machine_row import MachineChanges, MachineRow, Mark
from shared.ledger.serving import Serving, in_doubt, up
from shared.models import CLOCK_SKEW, NEVER, Scope
from shared.problems import Refused
from shared.roads.registry import road_of
from shared.sources.aws.ssm import CommandResult, SsmScript
from shared.sources.command_runner import CommandRunner

bp = Blueprint()

A_MOMENT, LONGEST = 10, 60  # seconds between looks at a running command
TAKES_AT_LEAST = 22  # seconds, of what tries connections one by one, or installs something
OF_THE_CUTOVER = ("stop-services", "start-services")  # each second is downtime
NEVER_DELIVERED = timedelta(hours=2)  # AWS gives up the delivery after an hour (documented: the default)
TRIED = "tried from the machine itself: everything that it has to reach answers"
CHECK = "check-connectivity"
ADVICE = {
    "install-agent": "Read the output; docs/agents.md explains the exit code. Mend it and retry.",
    "check-connectivity": "Open the way from the machine to what does not answer (its own firewall, routes, ACLs, proxies) "
    "and retry.",
    "stop-services": "Mend the plan's script or stop the services by hand, then retry.",
    "start-services": "Start the services by hand.",
}


@serves(bp, SEND_COMMAND)
@enters
def send_command(request: SourceCommand) -> CommandStarted:
    """Send a script once; nothing is sent when the plan has none, or when no agent answers (then a person installs)."""
    raise_if_stopped(request)
    machine = machine_context(request)
    facts = machine.row.source
    if request.script == "install-agent" and road_of(machine.plan).pushes_agent(machine.plan):
        return CommandStarted()
    if request.script == "install-agent" and not (machine.plan.replication.agent.install == "ssm" and facts.ssm_online):
        return CommandStarted(by_hand=True)
    if request.script == CHECK and not facts.ssm_online:
        return _not_tried(request, machine)
    script = _script(request, machine, facts)
    if script is None:  # of the installer: nobody knows the appliance's address
        return CommandStarted(by_hand=request.script == "install-agent" or _stays_down(request, machine.row))
    if road_of(machine.plan).source.runner is None:  # no cloud runs it, so none can run a script in it
        return _by_hand(request)
    if not facts.ssm_online:
        raise Refused(
            f"{request.script} cannot run on {request.machine}: no management agent answers there",
            id="no-agent",
            title="No management agent answers on the machine",
            advice="Run the script by hand and leave it out of the plan, or bring the agent up (SSM on EC2, the VM agent in Azure) and retry.",
        )
    return _send(request, machine, facts, script)


def _not_tried(request: SourceCommand, machine: MachineContext) -> CommandStarted:
    """Say that nobody tried the way, where somebody would have if there were an agent."""
    if road_of(machine.plan).source.runner is not None:
        events.write(
            request, "way-not-tried", f"no management agent answers on {request.machine}: nothing was tried from it"
        )
    return CommandStarted()


def _stays_down(request: SourceCommand, row: MachineRow) -> bool:
    """Tell whether only a person can bring services back: the plan stopped them, and names no script for the way back.

    A source that was off and started since has brought up its services by itself.
    """
    return request.script == "start-services" and services_rest(row) and row.service.at != Serving.SOURCE


def services_rest(row: MachineRow) -> bool:
    """Tell whether services were to be stopped for the cutover, and were not started again since."""
    return (row.mark(Mark.SERVICES_ASKED) or NEVER) > (row.mark(Mark.SERVICES_BACK) or NEVER)


def _by_hand(request: SourceCommand) -> CommandStarted:
    """Let a person do it; a rollback has services started again even if nobody said that they were stopped."""
    if request.script == "stop-services":
        machines.change(request, marks={Mark.SERVICES_ASKED: request.now}, service=in_doubt(request.now))
    return CommandStarted(by_hand=True)


def _script(request: SourceCommand, machine: MachineContext, facts: SourceFacts) -> GuestScript | None:
    """Give the script, with the server's address where it needs one."""
    plan, windows = machine.plan, facts.os_family == "windows"
    road = road_of(plan)
    if request.script == CHECK and road.server is None:
        return connection_attempts.script(
            connection_attempts.urls_of(plan.target.cache_storage_account), windows=windows
        )
    needed = request.script in ("install-agent", CHECK)
    address = address_of(plan) if needed and road.source.sees_network else ""
    if needed and not address:
        return None
    return script_of(request.script, plan, machine.wave, machine.entry, windows=windows, appliance_ip=address)


def _nonce(scope: Scope) -> str:
    """Give what the mark of this step's script carries: the same for who sends it and who reads it."""
    return ids.short_hash(f"{scope.key}.script")


def _runner(machine: MachineContext) -> CommandRunner:
    """Return who runs scripts on the machine. Raise `Refused` where only people can."""
    runner = road_of(machine.plan).source.runner
    if runner is None:
        raise Refused(
            f"the app cannot run scripts on {machine.row.name}",
            id="no-runner",
            title="The app cannot run scripts on this machine",
            advice="Run the script on it by hand, then leave the phase out (skip).",
        )
    return runner


def _send(request: SourceCommand, machine: MachineContext, facts: SourceFacts, wanted: GuestScript) -> CommandStarted:
    """Send it under a token by which it is found again."""
    timeout = int(machine.plan.replication.agent.timeout.total_seconds())
    runner, windows = _runner(machine), facts.os_family == "windows"
    script = SsmScript(
        instance=machine.row.source_id,
        windows=windows,
        lines=wrap(wanted, runner.channel, _nonce(request), windows=windows),
        token=ids.command_token(request.key, _numbered(request)),
        since=request.since - CLOCK_SKEW,
        timeout=timeout,
    )
    if (
        request.script == "stop-services"
    ):  # a rollback starts them again, even if we die before we know that it was sent
        machines.change(request, marks={Mark.SERVICES_ASKED: request.now}, service=in_doubt(request.now))
    command = runner.send(request, machine, script)
    waiting_for = f"the script {request.script} on the machine"
    machines.change(
        request, waiting_for=waiting_for, release="", jobs={f"{_numbered(request)}.{request.round}": command}
    )
    events.write(request, f"{request.script}-sent", waiting_for, data=EventData(command=command))
    return CommandStarted(command=command, patience=A_MOMENT if request.script in OF_THE_CUTOVER else TAKES_AT_LEAST)


def _numbered(request: SourceCommand) -> str:
    return request.script if request.number == 1 else f"{request.script}-{request.number}"


@serves(bp, POLL_COMMAND)
def poll_command(poll: SourceCommand) -> PollResult:
    """Settle when the command has ended well; raises what it said when it did not.

    Without a command a person does it, at the gate of the script's name.
    """
    raise_if_stopped(poll)
    if not poll.job:
        return _done_by_hand(poll)
    machine = machine_context(poll)
    ended = ended_command(poll, machine)
    if ended is None:
        return PollResult(patience=patience_of(poll))
    take_end(poll, ended)
    return PollResult(settled=True)


def ended_command(poll: SourceCommand, machine: MachineContext) -> CommandResult | None:
    """Give what a command came to, None while it runs. Raises `Refused` when it never ends."""
    result = settle(_runner(machine).read(machine, poll.job), _nonce(poll))
    if not result.running:
        return result
    _check_patience(poll, machine)
    return None


def take_end(poll: SourceCommand, result: CommandResult) -> None:
    """Write down that a command has ended well. Raises `Refused` with what it said when it did not."""
    script = poll.script
    if not result.succeeded:
        text = f"{script} on {poll.machine} ended as {described(result)}"
        events.write(poll, f"{script}-failed", text, data=EventData(command=poll.job))
        raise Refused(
            text,
            id="command-failed",
            title="A script failed on the source machine",
            advice=ADVICE.get(script, "Read the output and retry."),
            extra={"command": poll.job},
        )
    machines.change(poll, **_meaning(poll, script))
    text = TRIED if script == CHECK else f"{script.replace('-', ' ')} ended well"
    events.write(poll, f"{script}-ended", text)


def _done_by_hand(poll: SourceCommand) -> PollResult:
    """Settle when a person says that it is done."""
    if ask(poll, poll.script) is None:
        return PollResult(patience=LONGEST)
    machines.change(poll, **_meaning(poll, poll.script))
    return PollResult(settled=True)


def _meaning(poll: Poll, script: str) -> MachineChanges:
    """Give what a script that ended well means for the machine's row."""
    if script != "start-services":
        return {"waiting_for": ""}
    back = up(Serving.SOURCE, poll.now)
    return {"waiting_for": "", "marks": {Mark.SERVICES_BACK: poll.now}, "service": back}


def patience_of(poll: Poll) -> int:
    """Look often at first: most scripts take seconds, and some of them are downtime."""
    return min(LONGEST, max(A_MOMENT, int((poll.now - poll.since).total_seconds() / 4)))


def _check_patience(poll: SourceCommand, machine: MachineContext) -> None:
    """Raise `Refused` when a command neither ends nor times out: its machine or its agent is gone."""
    if poll.now - poll.since < machine.plan.replication.agent.timeout + NEVER_DELIVERED:
        return
    raise Refused(
        f"{poll.script} on {poll.machine} neither ended nor timed out",
        id="command-lost",
        title="A script never ended",
        advice="See that the machine and its management agent run, then retry.",
        extra={"command": poll.job},
    )
