"""Stop source: each look asks for the stop if it is not under way, and is settled when the machine is off."""

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
    if "stopRequested" not in machine.row.marks:
        machines.change(look, marks={"stopRequested": look.now}, waiting_for="the source to stop")
        events.write(look, "stop-requested", f"{look.machine} is being stopped")
    source.stop(machine.plan, machine.row.source_id)
    return Seen(patience=A_MOMENT)


def _stopped(look: Look) -> Seen:
    """Note it; a machine that somebody else had stopped is down since now, as far as we know."""
    row = machines.get(look.migration, look.machine)
    marks = {"stopped": look.now} | ({} if row and "stopRequested" in row.marks else {"stopRequested": look.now})
    machines.change(look, marks=marks, waiting_for="")
    events.write(look, "source-stopped", f"{look.machine} is off")
    return Seen(settled=True)
