"""Clean up test: the test machines are removed, always, also after a failed test."""

from shared.contracts.contracts import CLEAN_UP_TEST_FAILOVER, START_TEST_CLEAN_UP
from shared.contracts.requests import Poll, scoped_as
from shared.durable.seam import Blueprint, Context, Waits, orchestrates
from shared.durable.waiting import submit
from shared.models import Done, Scope

bp = Blueprint()


@orchestrates(bp, CLEAN_UP_TEST_FAILOVER)
def clean_up_test_failover(context: Context, scope: Scope) -> Waits[Done]:
    """Submit, wait for the job; nothing to do when no test is up."""
    yield from submit(context, START_TEST_CLEAN_UP, scoped_as(scope, Poll))
    return Done()
