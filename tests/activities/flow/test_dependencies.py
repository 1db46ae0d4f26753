"""Other waves come before a cohort's own, and an application's lower boot groups; nobody waits for machines that went another way."""

from typing import Any

import pytest

from activities.flow.dependencies import poll_dependencies
from shared.contracts.cohorts import Cohort
from shared.contracts.rounds import Member
from shared.coordination import operator_intents
from shared.coordination.operator_intents import Control, Intent
from shared.ledger import machines
from shared.problems import Interrupted
from shared.states import MachineState
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of
from tests.activities.waiting_cohort import READY, cohort, ready
from tests.ledger_rows import put


def test_other_waves_come_first(ferry: MigrationHarness) -> None:
    plan = plan_of("web1")
    later = {**plan["waves"][0], "name": "second", "dependsOn": [WAVE]}
    plan["waves"].append(later | {"machines": [{"name": "db1", "source": {"privateIp": "10.0.2.22"}}]})
    ferry.take_in(plan)
    ferry.enlist()
    put(ferry.place("db1", wave="second"), state=READY)
    look = ferry.look("", "cohort-1", kind=Cohort, machines=(Member(name="db1"),)).replace(wave="second")
    assert not poll_dependencies(look).settled
    assert (
        ferry.row("db1").waiting_for
        == f"waves that it depends on to be complete in Azure: web1 of wave {WAVE} is NotReady"
    )
    put(ferry.place("web1"), state=MachineState.CUT_OVER, phase="accept")
    assert not poll_dependencies(look).settled, "it may still go back to its source"
    put(ferry.place("web1"), state=MachineState.FINALIZED, phase="clean_up")
    assert poll_dependencies(look).settled


@pytest.mark.parametrize(
    ("stands", "holds_up"),
    [
        ({"state": MachineState.AWAITING_USER_ACTION, "phase": "decommission_source"}, False),
        ({"state": MachineState.PAUSED, "phase": "protect_target"}, False),
        ({"state": MachineState.FAILED, "failed_in": "decommission_source"}, False),
        ({"state": MachineState.DECOMMISSIONED, "phase": "decommission_source"}, False),
        ({"state": MachineState.CANCELLED}, False),
        ({"state": MachineState.AWAITING_USER_ACTION, "phase": "accept"}, True),
        ({"state": MachineState.FAILED, "failed_in": "complete_migration"}, True),
        ({"state": MachineState.ROLLED_BACK}, True),
    ],
)
def test_a_later_wave_waits_for_machines_that_serve_for_good_and_not_for_the_end_of_their_sources(
    ferry: MigrationHarness, stands: dict[str, Any], *, holds_up: bool
) -> None:
    plan = plan_of("web1")
    plan["waves"].append(
        {
            **plan["waves"][0],
            "name": "second",
            "dependsOn": [WAVE],
            "machines": [{"name": "db1", "source": {"privateIp": "10.0.2.22"}}],
        }
    )
    ferry.take_in(plan)
    ferry.enlist()
    put(ferry.place("web1"), **stands)
    look = ferry.look("", "cohort-1", kind=Cohort, machines=(Member(name="db1"),)).replace(wave="second")
    assert poll_dependencies(look).settled is not holds_up


@pytest.mark.parametrize(
    ("state", "phase", "through"),
    [
        (READY, "clean_up_test_failover", False),
        (MachineState.CUTTING_OVER, "verify", False),
        (MachineState.AWAITING_USER_ACTION, "fail_over", False),
        (MachineState.AWAITING_USER_ACTION, "accept", True),
        (MachineState.CUT_OVER, "complete_migration", True),
        (MachineState.FAILED, "fail_over", True),
    ],
)
def test_a_part_of_an_application_waits_until_its_lower_boot_groups_serve(
    ferry: MigrationHarness, state: MachineState, phase: str, *, through: bool
) -> None:
    poll = cohort(ready(ferry)).replace(machines=(Member(name="web1", boot_group=2),), after=("db1",))
    ferry.stands("db1", state=state, phase=phase)
    seen = poll_dependencies(poll)
    assert seen.settled is through
    assert through or (seen.patience, "db1" in ferry.row("web1").waiting_for) == (60, True)


def test_nobody_waits_for_other_waves_with_machines_that_a_later_round_has(ferry: MigrationHarness) -> None:
    poll = cohort(ready(ferry)).replace(after=("web1",), machines=(Member(name="db1"),))
    assert not poll_dependencies(poll).settled
    machines.change(ferry.place("db1"), round=2)
    assert poll_dependencies(poll).settled


def test_nobody_of_a_cancelled_migration_waits_for_other_waves(ferry: MigrationHarness) -> None:
    poll = cohort(ready(ferry))
    operator_intents.set_intent(Control(migration=ferry.migration, intent=Intent.CANCEL, at=ferry.cloud.now()))
    with pytest.raises(Interrupted):
        poll_dependencies(poll)
