"""Assess: read the facts of sources and target, judge them; nothing is changed."""

from shared.contracts import ASSESS, JUDGE_MACHINES, LOOK_INSPECTION, READ_SOURCES, READ_TARGET, START_INSPECTION
from shared.durable import Blueprint, Context, Waits, call, orchestrates
from shared.inspections import Inspection
from shared.models import Done, Place
from shared.requests import Look, at
from shared.waiting import arm, until

bp = Blueprint()


@orchestrates(bp, ASSESS)
def assess(context: Context, place: Place) -> Waits[Done]:
    """Facts first, then rules: a machine with a critical concern is stopped before anything is changed."""
    yield from call(context, READ_SOURCES, place)
    yield from call(context, READ_TARGET, place)
    begun = yield from call(context, START_INSPECTION, arm(context, "start_inspection", at(place, Look), 0))
    if begun.sent:
        yield from until(context, LOOK_INSPECTION, at(place, Inspection, sent=begun.sent))
    return (yield from call(context, JUDGE_MACHINES, place))
