"""Test failover: a copy of the machine in the isolated test network, submitted once."""

from datetime import timedelta

from activities.flow.interruption import raise_if_stopped
from activities.flow.job_submission import ASKED, adopt, earlier, not_allowed, submit_once
from activities.flow.phase_entry import enters
from activities.flow.protected_item import item_ref
from activities.flow.retry_phase import not_protected
from activities.flow.skipped_phases import is_skipped
from activities.gates.manual_gate import check_not_rejected
from shared import ids
from shared.contracts.contracts import SUBMIT_TEST_FAILOVER
from shared.contracts.requests import Poll, Submitted
from shared.durable.seam import Blueprint, serves
from shared.ledger import machines
from shared.ledger.machine_context import MachineContext, machine_context
from shared.ledger.machine_row import Mark
from shared.problems import Busy
from shared.roads.registry import road_of
from shared.roads.target_names import network_id
from shared.site_recovery import failover
from shared.site_recovery.items import Item
from shared.site_recovery.shared_looks import look_at

bp = Blueprint()

CLEANING = timedelta(minutes=1)


@serves(bp, SUBMIT_TEST_FAILOVER)
@enters
def submit_test_failover(poll: Poll) -> Submitted:
    """Submit, unless a test is up already or an operator left the test out."""
    if is_skipped(poll):
        return Submitted()
    raise_if_stopped(poll)
    machine = machine_context(poll)
    if before := earlier(poll, machine, "test-failover"):
        return before
    item = look_at(machine.vault, item_ref(machine))
    if item is None:
        raise not_protected(poll)
    if item.allows("TestFailoverCleanup"):
        return _there_already(poll, machine, item)
    check_not_rejected(poll, machine.row)
    following = adopt(poll, machine, item, "TestFailover")
    if following is not None:
        return following
    if not item.allows("TestFailover"):
        raise not_allowed(machine, item, "TestFailover")
    network, provider = network_id(machine.plan, test=True), road_of(machine.plan).provider
    # a migration item's test names its point (required in the SDK), a protected item's takes the latest by itself
    point = item.replication.last_recovery_point_id if item.ref.migrates else ""

    def send(request: str) -> str:
        return failover.start_test_failover(
            machine.vault, item.ref, provider, network_id=network, recovery_point_id=point, request=request
        )

    return submit_once(poll, machine, "test-failover", send, mark_as=Mark.TEST_ASKED)


def _there_already(poll: Poll, machine: MachineContext, item: Item) -> Submitted:
    """Take a test that is up as it is; one that failed, or whose clean-up failed, is cleaned up first, once a round."""
    if not item.test_failover_state.endswith("Failed"):
        return Submitted()
    mark = f"stale-test.{poll.round}"
    if machine.row.jobs.get(mark, ASKED) != ASKED:
        raise not_allowed(machine, item, "TestFailover")
    machines.change(poll, jobs={mark: ASKED})
    request = ids.request_id(poll.key, "stale test")
    job = failover.clean_up_test_failover(machine.vault, item.ref, f"azferry {poll.migration}", request)
    machines.change(poll, jobs={mark: job})
    raise Busy(f"{poll.machine}: an earlier test is being cleaned up", CLEANING)
