"""Rehearsals as recovery plans: who is tested together, once, and what becomes of who is not."""

from collections.abc import Callable
from typing import Any

import pytest

from activities.rehearse import gather_rehearsal, hold_rehearsal
from shared.contracts.cohorts import Cohort
from shared.contracts.requests import PhaseExit
from shared.contracts.rounds import Member
from shared.coordination import operator_intents
from shared.coordination.operator_intents import ALL_MACHINES, Control, Intent, Skip
from shared.ledger.machine_row import Mark
from shared.problems import Interrupted
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.in_step import in_step
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of
from tests.activities.repeating import effects, patiently, submits_once
from tests.clouds import VAULT

TESTED = "*/replicationRecoveryPlans/testFailover/action"
ALONE = "*/replicationProtectedItems/testFailover/action"
CLEANED = "*/replicationProtectedItems/testFailoverCleanup/action"
NAMES = ("db1", "web1")
LEG = ("start_test_failover", "verify_test_vm", "accept_test_vm", "clean_up_test_failover")


def together() -> dict[str, Any]:
    plan = plan_of(*NAMES)
    plan["target"]["network"]["resourceGroup"] = VAULT.resource_group
    plan["waves"][0] |= {"cutover": {"mode": "recoveryPlan"}, "test": {"mode": "recoveryPlan"}}
    return plan


def cohort(ferry: MigrationHarness, **more: object) -> Cohort:
    poll: Cohort = ferry.look("", "rehearsal-1", kind=Cohort)
    members = tuple(Member(name=name, boot_group=group) for group, name in enumerate(NAMES, 1))
    return poll.replace(wave=WAVE, number=1, machines=members, land=LEG, owner="rehearsal-flow").replace(**more)


@pytest.fixture
def synced(ferry: MigrationHarness) -> MigrationHarness:
    """Two machines that are in step."""
    in_step(ferry, together())
    for name in NAMES:
        ferry.stands(name, state=MachineState.READY_FOR_TEST, phase="initial_sync")
    return ferry


@pytest.fixture
def listed(ferry: MigrationHarness) -> MigrationHarness:
    """The same, in the ledger only."""
    ferry.take_in(together())
    ferry.enlist(state=MachineState.READY_FOR_TEST, phase="initial_sync")
    return ferry


def test_a_wave_is_tested_as_one_plan_and_each_copy_is_looked_at_and_removed(synced: MigrationHarness) -> None:
    synced.play("rehearse", cohort(synced))
    assert len(effects(synced, TESTED)) == 1
    assert effects(synced, ALONE) == []
    assert len(effects(synced, CLEANED)) == 2
    assert {synced.row(name).state for name in NAMES} == {MachineState.READY_FOR_CUTOVER}
    assert all(synced.row(name).test_vm_id for name in NAMES)
    assert len(effects(synced, "*/replicationRecoveryPlans/delete")) == 1


def test_a_machine_whose_copy_the_plan_did_not_bring_up_is_tested_alone(synced: MigrationHarness) -> None:
    synced.cloud.fault("job-fails", scenario="TestFailover", match="web1", code="28031")
    synced.play("rehearse", cohort(synced))
    tested = [each["path"].rpartition("/testFailover")[0].rpartition("/")[2] for each in effects(synced, ALONE)]
    assert tested == ["web1"]
    assert {synced.row(name).state for name in NAMES} == {MachineState.READY_FOR_CUTOVER}


def test_the_test_is_submitted_once_through_all_deaths(synced: MigrationHarness, dying: Callable[..., Dying]) -> None:
    poll = cohort(synced)
    patiently(synced, "make_recovery_plan", poll)
    synced.cloud.later(60)
    submits_once(synced, dying, "start_plan_test", poll.replace(now=synced.cloud.now()), TESTED)
    assert {synced.row(name).state for name in NAMES} == {MachineState.TESTING}
    assert all(synced.row(name).mark(Mark.TEST_ASKED) for name in NAMES)


def test_who_is_paused_or_is_not_to_be_tested_is_not_in_the_plan(listed: MigrationHarness) -> None:
    now = listed.cloud.now()
    operator_intents.set_intent(
        Control(migration=listed.migration, machine="db1", intent=Intent.PAUSE, by="ann", at=now)
    )
    assert [each.name for each in hold_rehearsal(cohort(listed)).members] == ["web1"]
    operator_intents.request_skip(
        Skip(migration=listed.migration, machine="web1", phase="start_test_failover", by="ann", at=now)
    )
    assert hold_rehearsal(cohort(listed)).members == ()


def test_a_paused_migration_rehearses_later_and_a_cancelled_one_never(listed: MigrationHarness) -> None:
    assert gather_rehearsal(cohort(listed)).settled
    listed.cloud.later(60)

    def wanted(intent: Intent) -> Cohort:
        now = listed.cloud.now()
        operator_intents.set_intent(
            Control(migration=listed.migration, machine=ALL_MACHINES, intent=intent, by="ann", at=now)
        )
        return cohort(listed)

    assert not gather_rehearsal(wanted(Intent.PAUSE)).settled
    listed.cloud.later(60)
    with pytest.raises(Interrupted):
        gather_rehearsal(wanted(Intent.CANCEL))


def test_who_is_in_step_before_the_others_says_what_it_waits_for(listed: MigrationHarness) -> None:
    listed.ask("leave", listed.place("db1", "initial_sync", kind=PhaseExit))
    assert "the other machines of wave first" in listed.row("db1").waiting_for
