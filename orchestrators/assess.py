"""Assess: read the facts of sources and target, judge them; nothing is changed."""

from shared.contracts import ASSESS, JUDGE_MACHINES, READ_SOURCES, READ_TARGET
from shared.durable import Blueprint, Context, Waits, call, orchestrates
from shared.models import Done, Place

bp = Blueprint()


@orchestrates(bp, ASSESS)
def assess(context: Context, place: Place) -> Waits[Done]:
    """Facts first, then rules: a machine with a critical concern is stopped before anything is changed."""
    yield from call(context, READ_SOURCES, place)
    yield from call(context, READ_TARGET, place)
    return (yield from call(context, JUDGE_MACHINES, place))
