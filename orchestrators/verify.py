"""Verify: the migrated machine boots in Azure and the plan's checks pass; then its downtime has ended."""

from orchestrators.verifying import verify_machine
from shared.contracts import MARK_VERIFIED, VERIFY
from shared.durable import Blueprint, Context, Waits, call, orchestrates
from shared.models import Done, Place

bp = Blueprint()


@orchestrates(bp, VERIFY)
def verify(context: Context, place: Place) -> Waits[Done]:
    """Boot, checks, and the mark from which the downtime is measured."""
    yield from verify_machine(context, place, test=False)
    return (yield from call(context, MARK_VERIFIED, place))
