"""Stop source: the source machine is off before its twin starts."""

from shared.contracts import STOP, STOP_SOURCE
from shared.durable import Blueprint, Context, Waits, orchestrates
from shared.models import Done, Place
from shared.requests import Look, at
from shared.waiting import until

bp = Blueprint()


@orchestrates(bp, STOP)
def stop_source(context: Context, place: Place) -> Waits[Done]:
    """Each look asks for the stop if it is not under way, and is settled when the machine is off."""
    yield from until(context, STOP_SOURCE, at(place, Look))
    return Done()
