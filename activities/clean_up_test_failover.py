"""Clean up test: the copies are removed, gated on what Site Recovery offers and not on the test state it shows."""

from activities.flow.job_submission import adopt, earlier, submit_once
from activities.flow.phase_entry import enters
from shared.contracts.contracts import START_TEST_CLEAN_UP
from shared.contracts.requests import Poll, Submitted
from shared.durable.seam import Blueprint, serves
from shared.ledger.machine_context import machine_context
from shared.site_recovery import failover
from shared.site_recovery.items import item_of
from shared.site_recovery.shared_looks import look_at

bp = Blueprint()


@serves(bp, START_TEST_CLEAN_UP)
@enters
def start_test_clean_up(poll: Poll) -> Submitted:
    """Submit, unless there is nothing to clean up."""
    machine = machine_context(poll)
    item = look_at(machine.vault, item_of(machine.row.item_id)) if machine.row.item_id else None
    if item is None:
        return Submitted()
    if before := earlier(poll, machine, "test-clean-up"):
        return before
    if not item.allows("TestFailoverCleanup"):
        following = adopt(poll, machine, item, "TestFailoverCleanup")
        return following or Submitted()

    def send(request: str) -> str:
        return failover.clean_up_test_failover(machine.vault, item.ref, f"azferry {poll.migration}", request)

    return submit_once(poll, machine, "test-clean-up", send)
