"""Assess: read the facts of sources and target, judge them; nothing is changed."""

from shared.contracts.contracts import (
    ASSESS,
    JUDGE_MACHINES,
    POLL_INSPECTION,
    READ_SOURCES,
    READ_TARGET,
    START_INSPECTION,
)
from shared.contracts.inspections import Inspection
from shared.contracts.requests import Poll, scoped_as, where
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates
from shared.durable.waiting import arm, until
from shared.models import Done, Scope

bp = Blueprint()


@orchestrates(bp, ASSESS)
def assess(context: Context, scope: Scope) -> Waits[Done]:
    """Facts first, then rules: a machine with a critical concern is stopped before anything is changed."""
    yield from call(context, READ_SOURCES, scope)
    yield from call(context, READ_TARGET, scope)
    begun = yield from call(context, START_INSPECTION, arm(context, "start_inspection", scoped_as(scope, Poll), 0))
    if begun.sent:
        yield from until(context, POLL_INSPECTION, Inspection(**where(scope), sent=begun.sent))
    return (yield from call(context, JUDGE_MACHINES, scope))
