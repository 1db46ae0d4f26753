"""Cancel failover: a Hyper-V machine goes back with its replication kept, as long as nobody worked on it in Azure."""

from collections.abc import Callable

import pytest

from shared.coordination.operator_intents import Control, Intent, set_intent
from shared.states import MachineState
from tests.activities import premises
from tests.activities.crash_injection import Dying
from tests.activities.hosts import hyperv_plan
from tests.activities.migration_harness import MigrationHarness
from tests.activities.repeating import effects, submits_once
from tests.activities.roads.test_hyperv import CANCEL, PLANNED, REMOVE, event_ids, machine

ENABLE = "*/replicationProtectedItems/write"


@pytest.fixture
def failed_over(ferry: MigrationHarness) -> MigrationHarness:
    """A machine of a host, `web1`, after its planned failover and before it was verified."""
    ferry.begin(plan=hyperv_plan("web1"))
    ferry.prepare()
    ferry.walk("web1", until="verify")
    return ferry


def test_a_rollback_before_the_machine_was_verified_cancels_its_planned_failover_and_keeps_replication(
    failed_over: MigrationHarness,
) -> None:
    assert not machine(failed_over, "WEB1")["poweredOn"]
    premises.roll_back(failed_over, "web1")
    assert machine(failed_over, "WEB1")["poweredOn"]
    assert failed_over.row("web1").state == MachineState.READY_FOR_CUTOVER
    assert (len(effects(failed_over, CANCEL)), effects(failed_over, REMOVE)) == (1, [])
    happened = event_ids(failed_over, "web1")
    assert happened.index("target-fenced") < happened.index("start-source-confirmed")
    again = Control(migration=failed_over.migration, machine="web1", intent=Intent.RUN, at=failed_over.cloud.now())
    set_intent(again)
    failed_over.cloud.later(900)  # its replication goes on where it stood
    failed_over.round = 3
    failed_over.stands("web1", round=3, owner="", phase="clean_up_test_failover")
    failed_over.walk("web1")
    assert failed_over.row("web1").item_id == ""
    assert (len(effects(failed_over, PLANNED)), len(effects(failed_over, ENABLE))) == (2, 1), "no new copy was made"


def test_the_failover_is_cancelled_once_through_all_deaths(
    failed_over: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    submits_once(failed_over, dying, "cancel_failover", failed_over.look("web1", "rollback"), CANCEL)
    failed_over.cloud.later(300)
    again = failed_over.look("web1", "rollback", round=2)
    assert failed_over.ask("cancel_failover", again).job == "", "there is nothing left to cancel"


def test_a_failover_that_cannot_be_cancelled_leaves_service_on_the_source_all_the_same(
    failed_over: MigrationHarness,
) -> None:
    failed_over.cloud.fault("job-fails", scenario="CancelFailover", code="539")
    premises.roll_back(failed_over, "web1")
    assert machine(failed_over, "WEB1")["poweredOn"]
    assert failed_over.row("web1").state == MachineState.ROLLED_BACK
    assert len(effects(failed_over, REMOVE)) == 1
