"""Stop source: by the app where it can, by a person where it cannot; where the failover does it, afterwards if it failed."""

from datetime import timedelta

from activities.by_hand import ask, leave
from activities.interrupting import strike
from activities.planned import planned
from shared.contracts import STOP_SOURCE
from shared.durable import Blueprint, serves
from shared.ledger import events, machines
from shared.problems import Refused
from shared.requests import Look, Seen
from shared.serving import down, in_doubt
from shared.sources.sides import side

bp = Blueprint()

A_MOMENT = 10  # seconds; every one of them is downtime
A_MINUTE = 60  # between looks for a person's answer, whose event may be lost
GATE = "shut-down-source"
LEFT_RUNNING = "left-running"
STOPS_WITHIN = timedelta(minutes=20)


@serves(bp, STOP_SOURCE)
def stop_source_machine(look: Look) -> Seen:
    """Stop the source and see it stopped; the time of the request is where the downtime begins.

    A source that its failover shuts down is left to it; `left-running` says that the failover did not manage.
    """
    strike(look)
    machine = planned(look)
    source = side(machine.plan)
    if source.failover_shuts_down and look.tag != LEFT_RUNNING:
        return Seen(settled=True)
    state = source.state(machine.plan, machine.row.source_id)
    if state == "stopped":
        return _stopped(look)
    if state in ("gone", "terminated", "shutting-down"):
        raise Refused(f"{look.machine} is {state}", id="source-gone", title="The source machine is gone")
    if not source.has_power:
        return _by_hand(look)
    asked = machine.row.mark("stopRequested")
    if asked is None or (state == "running" and asked < look.since):  # an earlier attempt was refused: it ran on
        marks = {"stopRequested": look.now}
        machines.change(look, marks=marks, service=down(look.now), waiting_for="the source to stop")
        events.write(look, "stop-requested", f"{look.machine} is being stopped")
    elif look.now - look.since > STOPS_WITHIN:
        raise Refused(
            f"{look.machine} is {state} {STOPS_WITHIN} after it was asked to stop",
            id="source-not-stopped",
            title="The source does not stop",
            advice="Force its stop (EC2: aws ec2 stop-instances --force) and retry; or roll back.",
        )
    source.stop(machine.plan, machine.row.source_id)
    return Seen(patience=A_MOMENT)


def _by_hand(look: Look) -> Seen:
    """Ask a person; the machine counts as down from the moment of the answer, unless it is seen down before.

    Whoever is asked may have shut it down and not said so yet: from the asking on, a way back has it started again.
    """
    row = machines.get(look.migration, look.machine)
    if row is not None and row.mark("stopRequested") is None:
        machines.change(look, marks={"stopRequested": look.now}, service=in_doubt(look.now))
    decision = ask(look, GATE)
    if decision is None:
        return Seen(patience=A_MINUTE)
    marks = {"stopped": decision.at, "stopRequested": decision.at}
    machines.change(look, marks=marks, service=down(decision.at), waiting_for="")
    events.write(look, "source-stopped", f"{look.machine} is off: {decision.by or 'somebody'} says so")
    return Seen(settled=True)


def _stopped(look: Look) -> Seen:
    """Note it; a machine that somebody else had stopped is down since now, as far as we know."""
    row = machines.get(look.migration, look.machine)
    marks = {"stopped": look.now} | ({} if row and row.mark("stopRequested") else {"stopRequested": look.now})
    if not side(planned(look).plan).has_power:
        leave(look, GATE)
    machines.change(look, marks=marks, service=down(look.now), waiting_for="")
    events.write(look, "source-stopped", f"{look.machine} is off")
    return Seen(settled=True)
