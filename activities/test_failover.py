"""Test failover: a copy of the machine in the isolated test network, submitted once."""

from activities.enable_replication import item_ref
from activities.planned import planned
from activities.set_replication_policy import provider_of
from activities.submitting import adopt, not_allowed, submit_once
from activities.targeting import network_id
from shared import controls
from shared.contracts import START_TEST_FAILOVER
from shared.durable import Blueprint, serves
from shared.models import Place
from shared.problems import Refused
from shared.requests import Look, Submitted
from shared.site_recovery import failover
from shared.site_recovery.items import get_item

bp = Blueprint()


@serves(bp, START_TEST_FAILOVER)
def start_test_failover(look: Look) -> Submitted:
    """Submit, unless a test is up already or an operator left the test out."""
    if is_skipped(look):
        return Submitted()
    machine = planned(look)
    item = get_item(machine.vault, item_ref(machine))
    if item is None:
        raise Refused(f"{look.machine} is not protected", id="not-protected", title="Not protected", advice="Retry.")
    if item.allows("TestFailoverCleanup"):
        return Submitted()
    following = adopt(look, machine, item, "TestFailover")
    if following is not None:
        return following
    if not item.allows("TestFailover"):
        raise not_allowed(machine, item, "TestFailover")
    network, provider = network_id(machine.plan, test=True), provider_of(machine.plan)

    def send(request: str) -> str:
        return failover.start_test_failover(machine.vault, item.ref, provider, network_id=network, request=request)

    return submit_once(look, machine, "test-failover", send)


def is_skipped(place: Place, phase: str = "test_failover") -> bool:
    """Tell whether an operator left a phase of this machine out."""
    return phase in {skip.phase for skip in controls.skips(place.migration, place.machine)}
