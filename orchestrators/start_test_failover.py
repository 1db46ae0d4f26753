"""Test failover: a copy of the machine starts in the isolated test network; the source is not touched."""

from shared.contracts.contracts import START_TEST_FAILOVER, SUBMIT_TEST_FAILOVER
from shared.contracts.requests import Poll, scoped_as
from shared.durable.seam import Blueprint, Context, Waits, orchestrates
from shared.durable.waiting import submit
from shared.models import Done, Scope

bp = Blueprint()


@orchestrates(bp, START_TEST_FAILOVER)
def start_test_failover(context: Context, scope: Scope) -> Waits[Done]:
    """Submit, wait for the job."""
    yield from submit(context, SUBMIT_TEST_FAILOVER, scoped_as(scope, Poll))
    return Done()
