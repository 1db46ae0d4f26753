"""Clean up: what the migration left behind in Azure for this machine is removed."""

from shared.contracts.contracts import CLEAN_UP, REMOVE_LEFTOVERS
from shared.durable.seam import Blueprint, Context, Waits, orchestrates
from shared.durable.waiting import first
from shared.models import Done, Scope

bp = Blueprint()


@orchestrates(bp, CLEAN_UP)
def clean_up(context: Context, scope: Scope) -> Waits[Done]:
    """Only what carries the migration's own marks."""
    return (yield from first(context, REMOVE_LEFTOVERS, scope))
