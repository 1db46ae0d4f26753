"""Stand back: a cutover stopped before its failover, so the source serves again; the copy is kept."""

from orchestrators.roll_back import restore_source, start_services
from shared.contracts import READ_SERVICES, READ_STANDING, RESTORE_SERVICES, STAND_BACK
from shared.durable import Blueprint, Context, Waits, call, orchestrates
from shared.models import Done, Place

bp = Blueprint()


@orchestrates(bp, STAND_BACK)
def stand_back(context: Context, place: Place) -> Waits[Done]:
    """The window closed. Only what the cutover did to the source is taken back: it is as it was before its quiesce."""
    standing = yield from call(context, READ_STANDING, place)
    yield from restore_source(context, place, standing)
    return Done()


@orchestrates(bp, RESTORE_SERVICES)
def restore_services(context: Context, place: Place) -> Waits[Done]:
    """The cutover was refused. A source that still runs serves again until somebody retries; one that is off stays off."""
    standing = yield from call(context, READ_SERVICES, place)
    if standing.services_stopped:
        yield from start_services(context, place)
    return Done()
