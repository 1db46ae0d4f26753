"""Accept test: people look at the test machines as long as they need, within the plan's hours."""

from shared.contracts.contracts import ACCEPT_TEST_VM, POLL_GATE
from shared.contracts.requests import GatePoll, where
from shared.durable.seam import Blueprint, Context, Waits, orchestrates
from shared.durable.waiting import until
from shared.models import Done, Scope
from shared.problems import Refused

bp = Blueprint()


@orchestrates(bp, ACCEPT_TEST_VM)
def accept_test_vm(context: Context, scope: Scope) -> Waits[Done]:
    """An automatic gate settles at the first look; rejection and expiry stop the machine, the clean-up still runs."""
    seen = yield from until(context, POLL_GATE, GatePoll(**where(scope), name="test"))
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
