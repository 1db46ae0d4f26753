"""Stand back: the cutover window closed before the failover was submitted, so the source serves again; the copy is kept."""

from orchestrators.roll_back import restore_source
from shared.contracts import READ_STANDING, STAND_BACK
from shared.durable import Blueprint, Context, Waits, call, orchestrates
from shared.models import Done, Place

bp = Blueprint()


@orchestrates(bp, STAND_BACK)
def stand_back(context: Context, place: Place) -> Waits[Done]:
    """Only what the cutover did to the source is taken back: the machine is as it was before its quiesce."""
    standing = yield from call(context, READ_STANDING, place)
    yield from restore_source(context, place, standing)
    return Done()
