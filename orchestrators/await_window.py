"""Await window: the waves this one depends on are done, an opening of the window has room, and there is a free place."""

from itertools import count

from shared.contracts import (
    AWAIT_WINDOW,
    BEGIN_CUTOVER,
    FREE_SLOTS,
    LOOK_DEPENDENCIES,
    LOOK_WINDOW,
    TAKE_SLOTS,
)
from shared.durable import Blueprint, Context, Waits, call, orchestrates
from shared.requests import Cohort, Opening, Slots, at
from shared.waiting import call_and_wake, until

bp = Blueprint()


@orchestrates(bp, AWAIT_WINDOW)
def await_window(context: Context, cohort: Cohort) -> Waits[Opening]:
    """Give those of the cohort that may begin; replication runs on meanwhile.

    Free places are taken only while the window is open: whoever waits a week for it keeps none from other waves. If it
    closes while a place is awaited, all begins again with the next opening.
    """
    yield from until(context, LOOK_DEPENDENCIES, cohort)
    for turn in count(1):
        tag = f"turn-{turn}" if turn > 1 else ""
        opening = yield from until(context, LOOK_WINDOW, cohort.but(tag=tag))
        going = cohort.but(machines=opening.machines)
        yield from until(context, TAKE_SLOTS, _places(going, tag))
        begun = yield from call(context, BEGIN_CUTOVER, going)
        if begun.settled:
            break
        yield from free_places(context, going)
    return opening


def _places(cohort: Cohort, tag: str) -> Slots:
    """Ask for a place for each of them."""
    more = {"owner": cohort.owner, "machines": cohort.machines, "tag": tag}
    return at(cohort, Slots, limit="cuttingOver", count=len(cohort.machines), **more)


def free_places(context: Context, cohort: Cohort) -> Waits[None]:
    """Give the cohort's places back, and wake whoever has them now."""
    yield from call_and_wake(context, FREE_SLOTS, at(cohort, Slots, limit="cuttingOver", owner=cohort.owner))
