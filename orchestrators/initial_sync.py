"""Initial sync: wait until the item is protected, healthy, and has a recovery point; days, if need be."""

from shared.contracts import FREE_SLOTS, INITIAL_SYNC, LOOK_SYNC, SET_TARGET
from shared.durable import Blueprint, Context, Waits, orchestrates
from shared.models import Done, Place
from shared.requests import Look, Slots, at
from shared.waiting import call_and_wake, submit, until

bp = Blueprint()


@orchestrates(bp, INITIAL_SYNC)
def initial_sync(context: Context, place: Place) -> Waits[Done]:
    """The operation of enabling has long ended when replication is in step: only the item itself tells.

    Then its cards and disks have ids, and what the plan says of them can be set.
    """
    yield from until(context, LOOK_SYNC, at(place, Look))
    yield from call_and_wake(context, FREE_SLOTS, at(place, Slots, limit="replicating"))
    yield from submit(context, SET_TARGET, at(place, Look))
    return Done()
