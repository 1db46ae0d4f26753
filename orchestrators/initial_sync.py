"""Initial sync: wait until the item is protected, healthy, and has a recovery point; days, if need be."""

from shared.contracts.cohorts import Slots
from shared.contracts.contracts import FREE_SLOTS, INITIAL_SYNC, POLL_SYNC, SET_TARGET
from shared.contracts.requests import Poll, scoped_as, where
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates
from shared.durable.waiting import submit_each, until
from shared.models import Done, Scope

bp = Blueprint()


@orchestrates(bp, INITIAL_SYNC)
def initial_sync(context: Context, scope: Scope) -> Waits[Done]:
    """The operation of enabling has long ended when replication is in step: only the item itself tells.

    Then its cards and disks have ids, and what the plan says of them can be set; what
    a change of the plan set is read back.
    """
    seen = yield from until(context, POLL_SYNC, scoped_as(scope, Poll))
    scope = scope.replace(enters="")
    yield from call(context, FREE_SLOTS, Slots(**where(scope), limit="replicating"))
    if seen.differs:
        yield from submit_each(context, SET_TARGET, scoped_as(scope, Poll))
    return Done()
