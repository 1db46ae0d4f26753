"""Clean up: what the migration left behind in Azure for this machine is removed."""

from shared.contracts import CLEAN_UP, REMOVE_LEFTOVERS
from shared.durable import Blueprint, Context, Waits, call, orchestrates
from shared.models import Done, Place

bp = Blueprint()


@orchestrates(bp, CLEAN_UP)
def clean_up(context: Context, place: Place) -> Waits[Done]:
    """Only what carries the migration's own marks."""
    return (yield from call(context, REMOVE_LEFTOVERS, place))
