"""Enable replication: the machine becomes a protected item, within the limits on initial syncs."""

from shared.contracts import ENABLE, ENABLE_REPLICATION, TAKE_SLOTS
from shared.durable import Blueprint, Context, Waits, orchestrates
from shared.models import Done, Place
from shared.requests import Look, Slots, at
from shared.waiting import submit, until

bp = Blueprint()


@orchestrates(bp, ENABLE)
def enable_replication(context: Context, place: Place) -> Waits[Done]:
    """The slot is held until the initial sync has ended; the walker frees it also after a failure."""
    yield from until(context, TAKE_SLOTS, at(place, Slots, limit="replicating"))
    yield from submit(context, ENABLE_REPLICATION, at(place, Look))
    return Done()
