"""Complete migration: replication is removed and billing stops; the evidence is kept before, the end is verified after."""

from shared.contracts import COMPLETE_MIGRATION, LOOK_GONE, START_COMMIT, START_COMPLETION
from shared.durable import Blueprint, Context, Waits, orchestrates
from shared.models import Done, Place
from shared.requests import Look, at
from shared.waiting import submit, until

bp = Blueprint()


@orchestrates(bp, COMPLETE_MIGRATION)
def complete_migration(context: Context, place: Place) -> Waits[Done]:
    """The item disappears from Site Recovery: nothing can be read of it afterwards, so the submission keeps the evidence."""
    yield from submit(context, START_COMMIT, at(place, Look))
    yield from submit(context, START_COMPLETION, at(place, Look))
    yield from until(context, LOOK_GONE, at(place, Look))
    return Done()
