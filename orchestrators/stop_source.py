"""Stop source: the source machine is off before its twin starts."""

from shared.contracts.contracts import STOP_SOURCE, STOP_SOURCE_MACHINE
from shared.contracts.requests import Poll, scoped_as
from shared.durable.seam import Blueprint, Context, Waits, orchestrates
from shared.durable.waiting import until
from shared.models import Done, Scope

bp = Blueprint()


@orchestrates(bp, STOP_SOURCE)
def stop_source(context: Context, scope: Scope) -> Waits[Done]:
    """Each look asks for the stop if it is not under way, and is settled when the machine is off."""
    yield from until(context, STOP_SOURCE_MACHINE, scoped_as(scope, Poll))
    return Done()
