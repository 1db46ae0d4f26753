"""Test failover: a copy of the machine in the isolated test network, submitted once."""

from datetime import timedelta

from activities.by_hand import check_not_rejected
from activities.enable_replication import item_ref
from activities.ground import not_protected
from activities.interrupting import strike
from activities.planned import Planned, planned
from activities.set_replication_policy import provider_of
from activities.submitting import ASKED, adopt, earlier, not_allowed, submit_once
from activities.targeting import network_id
from shared import controls, ids
from shared.contracts import START_TEST_FAILOVER
from shared.durable import Blueprint, serves
from shared.ledger import machines
from shared.models import Place
from shared.problems import Later
from shared.requests import Look, Submitted
from shared.site_recovery import failover
from shared.site_recovery.items import Item, get_item

bp = Blueprint()

CLEANING = timedelta(minutes=1)


@serves(bp, START_TEST_FAILOVER)
def start_test_failover(look: Look) -> Submitted:
    """Submit, unless a test is up already or an operator left the test out."""
    if is_skipped(look):
        return Submitted()
    strike(look)
    machine = planned(look)
    if before := earlier(look, machine, "test-failover"):
        return before
    item = get_item(machine.vault, item_ref(machine))
    if item is None:
        raise not_protected(look)
    if item.allows("TestFailoverCleanup"):
        return _there_already(look, machine, item)
    check_not_rejected(look, machine.row)
    following = adopt(look, machine, item, "TestFailover")
    if following is not None:
        return following
    if not item.allows("TestFailover"):
        raise not_allowed(machine, item, "TestFailover")
    network, provider = network_id(machine.plan, test=True), provider_of(machine.plan)
    # a migration item's test names its point (required in the SDK), a protected item's takes the latest by itself
    point = item.replication.last_recovery_point_id if item.ref.migrates else ""

    def send(request: str) -> str:
        return failover.start_test_failover(
            machine.vault, item.ref, provider, network_id=network, recovery_point_id=point, request=request
        )

    return submit_once(look, machine, "test-failover", send)


def _there_already(look: Look, machine: Planned, item: Item) -> Submitted:
    """Take a test that is up as it is; one that failed, or whose clean-up failed, is cleaned up first, once a round."""
    if not item.test_failover_state.endswith("Failed"):
        return Submitted()
    mark = f"stale-test.{look.round}"
    if machine.row.jobs.get(mark, ASKED) != ASKED:
        raise not_allowed(machine, item, "TestFailover")
    machines.change(look, jobs={mark: ASKED})
    request = ids.request_id(look.key, "stale test")
    job = failover.clean_up_test_failover(machine.vault, item.ref, f"azferry {look.migration}", request)
    machines.change(look, jobs={mark: job})
    raise Later(f"{look.machine}: an earlier test is being cleaned up", CLEANING)


def is_skipped(place: Place, phase: str = "test_failover") -> bool:
    """Tell whether an operator left a phase of this machine out."""
    return phase in {skip.phase for skip in controls.skips(place.migration, place.machine)}
