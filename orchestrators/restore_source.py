"""Stand back: a cutover stopped before its failover, so the source serves again; the copy is kept."""

from orchestrators.undo import start_services, walk_back
from shared.contracts.contracts import READ_SERVICES, READ_STANDING, RESTORE_SERVICES, RESTORE_SOURCE
from shared.contracts.requests import where
from shared.contracts.rounds import Round
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates
from shared.itinerary import Stage
from shared.models import Done, Scope

bp = Blueprint()

CUT_OVER: tuple[Stage, ...] = ("CutOver",)


@orchestrates(bp, RESTORE_SOURCE)
def restore_source(context: Context, scope: Scope) -> Waits[Done]:
    """The window closed. Only what the cutover did to the source is taken back: it is as it was before its quiesce."""
    standing = yield from call(context, READ_STANDING, scope)
    yield from walk_back(context, Round(**where(scope), purpose="restore"), standing, CUT_OVER)
    return Done()


@orchestrates(bp, RESTORE_SERVICES)
def restore_services(context: Context, scope: Scope) -> Waits[Done]:
    """The cutover was refused. A source that still runs serves again until somebody retries; one that is off stays off."""
    standing = yield from call(context, READ_SERVICES, scope)
    if standing.services_stopped:
        yield from start_services(context, scope)
    return Done()
