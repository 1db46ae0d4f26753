"""Decommission source: after the grace period and a second approval an image is kept and the source terminated."""

from shared.contracts import (
    DECOMMISSION_SOURCE,
    KEEP_IMAGE,
    LOOK_GATE,
    READ_DECOMMISSION,
    TERMINATE_SOURCE,
)
from shared.durable import Blueprint, Context, Waits, call, orchestrates
from shared.models import Done, Place
from shared.requests import Gate, Look, at
from shared.waiting import until

bp = Blueprint()


@orchestrates(bp, DECOMMISSION_SOURCE)
def decommission_source(context: Context, place: Place) -> Waits[Done]:
    """Settles at once, with nothing done, when the plan does not ask for it; a rejection keeps the source, stopped."""
    asked = yield from until(context, READ_DECOMMISSION, at(place, Look))
    if asked.opens_at is None:
        return Done()
    seen = yield from until(context, LOOK_GATE, at(place, Gate, name="decommission"))
    if seen.decision == "reject":
        return Done()
    yield from until(context, KEEP_IMAGE, at(place, Look))
    return (yield from call(context, TERMINATE_SOURCE, place))
