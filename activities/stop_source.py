"""Stop source: by the app where it can, by a person where it cannot; where the failover does it, afterwards if it failed."""

from datetime import timedelta

from activities.flow.interruption import raise_if_stopped
from activities.flow.phase_entry import enters
from activities.gates.manual_gate import ask, leave
from shared.contracts.contracts import STOP_SOURCE_MACHINE
from shared.contracts.requests import Poll, PollResult
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines
from shared.ledger.machine_context import machine_context
from shared.ledger.machine_row import Mark
from shared.ledger.serving import down, in_doubt
from shared.problems import Refused
from shared.roads.registry import road_of
from shared.scheduling.patience import A_MINUTE

bp = Blueprint()

A_MOMENT = 10  # seconds; every one of them is downtime
GATE = "shut-down-source"
LEFT_RUNNING = "left-running"
STOPS_WITHIN = timedelta(minutes=20)


@serves(bp, STOP_SOURCE_MACHINE)
@enters
def stop_source_machine(poll: Poll) -> PollResult:
    """Stop the source and see it stopped; the time of the request is where the downtime begins.

    A source that its failover shuts down is left to it; `left-running` says that the failover did not manage.
    """
    raise_if_stopped(poll)
    machine = machine_context(poll)
    source = road_of(machine.plan).source
    if source.failover_shuts_down and poll.tag != LEFT_RUNNING:
        return PollResult(settled=True)
    state = source.state(machine.plan, machine.row.source_id)
    if state == "stopped":
        return _stopped(poll)
    if state in ("gone", "terminated", "shutting-down"):
        raise Refused(f"{poll.machine} is {state}", id="source-gone", title="The source machine is gone")
    if not source.has_power:
        return _by_hand(poll)
    requested_at = machine.row.mark(Mark.STOP_REQUESTED)
    if requested_at is None or (
        state == "running" and requested_at < poll.since
    ):  # an earlier attempt was refused: it ran on
        # the event first: once the mark stands, nobody comes here again
        events.write(poll, "stop-requested", f"{poll.machine} is being stopped")
        marks = {Mark.STOP_REQUESTED: poll.now}
        machines.change(poll, marks=marks, service=down(poll.now), waiting_for="the source to stop")
    elif poll.now - poll.since > STOPS_WITHIN:
        raise Refused(
            f"{poll.machine} is {state} {STOPS_WITHIN} after it was asked to stop",
            id="source-not-stopped",
            title="The source does not stop",
            advice="Force its stop (EC2: aws ec2 stop-instances --force) and retry; or roll back.",
        )
    source.stop(machine.plan, machine.row.source_id)
    return PollResult(patience=A_MOMENT)


def _by_hand(poll: Poll) -> PollResult:
    """Ask a person; the machine counts as down from the moment of the answer, unless it is seen down before.

    Whoever is asked may have shut it down and not said so yet: from the asking on, a way back has it started again.
    """
    row = machines.get(poll.migration, poll.machine)
    if row is not None and row.mark(Mark.STOP_REQUESTED) is None:
        machines.change(poll, marks={Mark.STOP_REQUESTED: poll.now}, service=in_doubt(poll.now))
    decision = ask(poll, GATE)
    if decision is None:
        return PollResult(patience=A_MINUTE)  # the event of a person's answer may be lost
    marks = {Mark.STOPPED: decision.at, Mark.STOP_REQUESTED: decision.at}
    machines.change(poll, marks=marks, service=down(decision.at), waiting_for="")
    events.write(poll, "source-stopped", f"{poll.machine} is off: {decision.by or 'somebody'} says so")
    return PollResult(settled=True)


def _stopped(poll: Poll) -> PollResult:
    """Note it; a machine that somebody else had stopped is down since now, as far as we know."""
    machine = machine_context(poll)
    marks = {Mark.STOPPED: poll.now} | (
        {} if machine.row.mark(Mark.STOP_REQUESTED) else {Mark.STOP_REQUESTED: poll.now}
    )
    if not road_of(machine.plan).source.has_power:
        leave(poll, GATE)
    machines.change(poll, marks=marks, service=down(poll.now), waiting_for="")
    events.write(poll, "source-stopped", f"{poll.machine} is off")
    return PollResult(settled=True)
