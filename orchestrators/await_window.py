"""Await window: the waves this one depends on are done, there is room, and the cutover window is open."""

from shared.contracts import AWAIT_WINDOW, LOOK_DEPENDENCIES, LOOK_WINDOW, TAKE_SLOTS
from shared.durable import Blueprint, Context, Waits, orchestrates
from shared.models import Done
from shared.requests import Cohort, Look, Slots, at
from shared.waiting import until

bp = Blueprint()


@orchestrates(bp, AWAIT_WINDOW)
def await_window(context: Context, cohort: Cohort) -> Waits[Done]:
    """Replication runs on meanwhile. The window is looked at last: the other two can take long."""
    yield from until(context, LOOK_DEPENDENCIES, at(cohort, Look))
    count = len(cohort.machines)
    yield from until(context, TAKE_SLOTS, at(cohort, Slots, limit="cuttingOver", count=count, owner=cohort.owner))
    yield from until(context, LOOK_WINDOW, cohort)
    return Done()
