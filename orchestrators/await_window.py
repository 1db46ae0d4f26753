"""Await window: the waves this one depends on are done, an opening of the window has room, and there is a free place."""

from itertools import count

from orchestrators.cutover_slots import free_places
from shared.contracts.cohorts import Cohort, Slots, WindowPollResult
from shared.contracts.contracts import (
    AWAIT_WINDOW,
    BEGIN_CUTOVER,
    POLL_DEPENDENCIES,
    POLL_WINDOW,
    TAKE_SLOTS,
)
from shared.contracts.requests import where
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates
from shared.durable.waiting import until

bp = Blueprint()


@orchestrates(bp, AWAIT_WINDOW)
def await_window(context: Context, cohort: Cohort) -> Waits[WindowPollResult]:
    """Give those of the cohort that may begin; nobody where all of them went another way. Replication runs on meanwhile.

    Free places are taken only while the window is open: whoever waits a week for it keeps none from other waves. If it
    closes while a place is awaited, all begins again with the next opening.
    """
    yield from until(context, POLL_DEPENDENCIES, cohort)
    for turn in count(1):
        tag = f"turn-{turn}" if turn > 1 else ""
        opening = yield from until(context, POLL_WINDOW, cohort.replace(tag=tag))
        if not opening.machines:
            break
        going = cohort.replace(machines=opening.machines)
        yield from until(context, TAKE_SLOTS, _places(going, tag))
        begun = yield from call(context, BEGIN_CUTOVER, going)
        if begun.settled:
            break
        yield from free_places(context, going)
    return opening


def _places(cohort: Cohort, tag: str) -> Slots:
    """Ask for a place for each of them."""
    here, members = where(cohort), cohort.machines
    return Slots(**here, limit="cuttingOver", count=len(members), owner=cohort.owner, machines=members, tag=tag)
