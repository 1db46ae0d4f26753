"""Protect target: hand the migrated machine over to disaster recovery in another region, where the plan asks for it."""

from shared.contracts import PROTECT_TARGET, START_TARGET_PROTECTION
from shared.durable import Blueprint, Context, Waits, orchestrates
from shared.models import Done, Place
from shared.requests import Look, at
from shared.waiting import submit

bp = Blueprint()


@orchestrates(bp, PROTECT_TARGET)
def protect_target(context: Context, place: Place) -> Waits[Done]:
    """Nothing is submitted, and nothing waited for, when the plan does not ask for it."""
    yield from submit(context, START_TARGET_PROTECTION, at(place, Look))
    return Done()
