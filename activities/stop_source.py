"""Stop source: each look asks for the stop if it is not under way, and is settled when the machine is off."""

from datetime import timedelta

from activities.interrupting import strike
from activities.planned import planned
from shared.contracts import STOP_SOURCE
from shared.durable import Blueprint, serves
from shared.ledger import events, machines
from shared.problems import Refused
from shared.requests import Look, Seen
from shared.sources.sides import side

bp = Blueprint()

A_MOMENT = 10  # seconds; every one of them is downtime
STOPS_WITHIN = timedelta(minutes=20)


@serves(bp, STOP_SOURCE)
def stop_source_machine(look: Look) -> Seen:
    """Stop the source and see it stopped; the time of the request is where the downtime begins."""
    strike(look)
    machine = planned(look)
    source = side(machine.plan)
    state = source.state(machine.plan, machine.row.source_id)
    if state == "stopped":
        return _stopped(look)
    if state in ("gone", "terminated", "shutting-down"):
        raise Refused(f"{look.machine} is {state}", id="source-gone", title="The source machine is gone")
    if machine.row.mark("stopRequested") is None:
        machines.change(look, marks={"stopRequested": look.now}, waiting_for="the source to stop")
        events.write(look, "stop-requested", f"{look.machine} is being stopped")
    elif look.now - look.since > STOPS_WITHIN:
        raise Refused(
            f"{look.machine} is {state} {STOPS_WITHIN} after it was asked to stop",
            id="source-not-stopped",
            title="The source does not stop",
            advice="Force its stop in AWS (aws ec2 stop-instances --force) and retry; or roll back.",
        )
    source.stop(machine.plan, machine.row.source_id)
    return Seen(patience=A_MOMENT)


def _stopped(look: Look) -> Seen:
    """Note it; a machine that somebody else had stopped is down since now, as far as we know."""
    row = machines.get(look.migration, look.machine)
    marks = {"stopped": look.now} | ({} if row and row.mark("stopRequested") else {"stopRequested": look.now})
    machines.change(look, marks=marks, waiting_for="")
    events.write(look, "source-stopped", f"{look.machine} is off")
    return Seen(settled=True)
