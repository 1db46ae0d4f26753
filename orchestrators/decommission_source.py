"""Decommission source: after the grace period and a second approval an image is kept and the source terminated."""

from shared.contracts.contracts import DECOMMISSION_SOURCE, KEEP_IMAGE, POLL_GATE, READ_DECOMMISSION, TERMINATE_SOURCE
from shared.contracts.requests import GatePoll, Poll, scoped_as, where
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates
from shared.durable.waiting import until
from shared.models import Done, Scope

bp = Blueprint()


@orchestrates(bp, DECOMMISSION_SOURCE)
def decommission_source(context: Context, scope: Scope) -> Waits[Done]:
    """Settles at once, with nothing done, when the plan does not ask for it; a rejection keeps the source, stopped."""
    reply = yield from until(context, READ_DECOMMISSION, scoped_as(scope, Poll))
    scope = scope.replace(enters="")
    if reply.opens_at is None:
        return Done()
    seen = yield from until(context, POLL_GATE, GatePoll(**where(scope), name="decommission"))
    if seen.decision == "reject":
        return Done()
    yield from until(context, KEEP_IMAGE, scoped_as(scope, Poll))
    return (yield from call(context, TERMINATE_SOURCE, scope))
