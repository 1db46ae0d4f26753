"""Verify test: the test machine boots and the plan's checks pass inside it."""

from orchestrators.verifying import verify_machine
from shared.contracts import VERIFY_TEST
from shared.durable import Blueprint, Context, Waits, orchestrates
from shared.models import Done, Place

bp = Blueprint()


@orchestrates(bp, VERIFY_TEST)
def verify_test(context: Context, place: Place) -> Waits[Done]:
    """The same checks as after the real failover, on the test machine."""
    return (yield from verify_machine(context, place, test=True))
