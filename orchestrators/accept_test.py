"""Accept test: people look at the test machines as long as they need, within the plan's hours."""

from shared.contracts import ACCEPT_TEST, LOOK_GATE
from shared.durable import Blueprint, Context, Waits, orchestrates
from shared.models import Done, Place
from shared.problems import Refused
from shared.requests import Gate, at
from shared.waiting import until

bp = Blueprint()


@orchestrates(bp, ACCEPT_TEST)
def accept_test(context: Context, place: Place) -> Waits[Done]:
    """An automatic gate settles at the first look; rejection and expiry stop the machine, the clean-up still runs."""
    seen = yield from until(context, LOOK_GATE, at(place, Gate, name="test"))
    if seen.expired:
        raise Refused(
            "nobody accepted the test within the hours that the plan allows",
            id="test-not-accepted",
            title="The test was not accepted in time",
            advice="Retry the machine: it is tested again.",
        )
    if seen.decision == "reject":
        raise Refused(
            f"{seen.by} rejected the test: {seen.comment}",
            id="test-rejected",
            title="The test was rejected",
            advice="Mend what the tester found and retry, or skip the test with a reason.",
        )
    return Done()
