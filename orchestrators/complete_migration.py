"""Complete migration: replication is removed and billing stops; the evidence is kept before, the end is verified after."""

from shared.contracts.contracts import COMPLETE_MIGRATION, POLL_GONE, START_COMMIT, START_COMPLETION
from shared.contracts.requests import Poll, scoped_as
from shared.durable.seam import Blueprint, Context, Waits, orchestrates
from shared.durable.waiting import submit, until
from shared.models import Done, Scope

bp = Blueprint()


@orchestrates(bp, COMPLETE_MIGRATION)
def complete_migration(context: Context, scope: Scope) -> Waits[Done]:
    """The item disappears from Site Recovery: nothing can be read of it afterwards, so the submission keeps the evidence."""
    yield from submit(context, START_COMMIT, scoped_as(scope, Poll))
    scope = scope.replace(enters="")
    yield from submit(context, START_COMPLETION, scoped_as(scope, Poll))
    yield from until(context, POLL_GONE, scoped_as(scope, Poll))
    return Done()
