"""Clean up test: the test machines are removed, always, also after a failed test."""

from shared.contracts import CLEAN_UP_TEST, START_TEST_CLEAN_UP
from shared.durable import Blueprint, Context, Waits, orchestrates
from shared.models import Done, Place
from shared.requests import Look, at
from shared.waiting import submit

bp = Blueprint()


@orchestrates(bp, CLEAN_UP_TEST)
def clean_up_test(context: Context, place: Place) -> Waits[Done]:
    """Submit, wait for the job; nothing to do when no test is up."""
    yield from submit(context, START_TEST_CLEAN_UP, at(place, Look))
    return Done()
