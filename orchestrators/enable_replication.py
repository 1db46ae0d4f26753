"""Enable replication: the machine becomes a protected item, within the limits on initial syncs."""

from shared.contracts.cohorts import Slots
from shared.contracts.contracts import ENABLE_REPLICATION, START_REPLICATION, TAKE_SLOTS
from shared.contracts.requests import Poll, scoped_as, where
from shared.durable.seam import Blueprint, Context, Waits, orchestrates
from shared.durable.waiting import submit, until
from shared.models import Done, Scope

bp = Blueprint()


@orchestrates(bp, ENABLE_REPLICATION)
def enable_replication(context: Context, scope: Scope) -> Waits[Done]:
    """The slot is held until the initial sync has ended; the walker frees it also after a failure."""
    yield from until(context, TAKE_SLOTS, Slots(**where(scope), limit="replicating"))
    scope = scope.replace(enters="")
    yield from submit(context, START_REPLICATION, scoped_as(scope, Poll))
    return Done()
