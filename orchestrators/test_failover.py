"""Test failover: a copy of the machine starts in the isolated test network; the source is not touched."""

from shared.contracts import START_TEST_FAILOVER, TEST_FAILOVER
from shared.durable import Blueprint, Context, Waits, orchestrates
from shared.models import Done, Place
from shared.requests import Look, at
from shared.waiting import submit

bp = Blueprint()


@orchestrates(bp, TEST_FAILOVER)
def test_failover(context: Context, place: Place) -> Waits[Done]:
    """Submit, wait for the job."""
    yield from submit(context, START_TEST_FAILOVER, at(place, Look))
    return Done()
