"""Leaving a phase: the state it led to or the problem that stopped it, who is woken, what becomes free."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.contracts.cohorts import ApprovalPoll, Slots
from shared.coordination import gates, operator_intents, slots
from shared.coordination.decision import Decision, Verdict
from shared.coordination.operator_intents import Intent
from shared.models import Announcement
from shared.problems import CloudRefused, Interrupted
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.crash_matrix import ledger_text, outlives_every_death
from tests.activities.flow.walking import PROBLEM, enter, leaving
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.gate_answers import record

LOCKED = CloudRefused("the scope is locked", code="ScopeLocked", advice="Take the lock off.")


@pytest.mark.parametrize(
    ("phase", "state", "shown"),
    [
        ("initial_sync", MachineState.READY_FOR_TEST, "initial_sync"),
        ("clean_up_test_failover", MachineState.READY_FOR_CUTOVER, "approval"),
        ("clean_up", MachineState.FINALIZED, "clean_up"),
    ],
)
def test_a_machine_that_went_well_stands_where_its_last_phase_led(
    enlisted: MigrationHarness, phase: str, state: MachineState, shown: str
) -> None:
    enter(enlisted, "web1", phase)
    enlisted.ask("leave", leaving(enlisted, phase))
    row = enlisted.row("web1")
    assert (row.state, row.owner, row.phase) == (state, "", shown)


@pytest.fixture
def manned(ferry: MigrationHarness) -> MigrationHarness:
    """Two machines whose cutover a person approves within a day."""
    plan = plan_of("web1", "db1")
    ferry.take_in(plan | {"waves": [plan["waves"][0] | {"gates": {"cutover": "manual", "expires": "P1D"}}]})
    ferry.enlist()
    return ferry


def test_a_machine_that_is_ready_waits_at_the_gate_at_once_while_others_prepare(manned: MigrationHarness) -> None:
    poll: ApprovalPoll = manned.look("", "migrate_wave", kind=ApprovalPoll, instance="wave").replace(wave=manned.wave)
    assert not manned.ask("poll_approval", poll).cohorts
    enter(manned, "web1", "clean_up_test_failover")
    announcements = [manned.ask("leave", leaving(manned, "clean_up_test_failover")) for _ in range(2)]

    assert all(each.announcements == (Announcement(instance="wave", event=poll.event),) for each in announcements)
    row = manned.row("web1")
    assert row.waiting_for.startswith(f"an approval of the cutover of wave {manned.wave}; if nobody decides by ")
    assert row.waiting_for.endswith("counts as rejected; replication goes on, and a retry asks again")
    record(
        manned.migration,
        manned.wave,
        "cutover",
        Decision(verdict=Verdict.APPROVE, by="ann", comment="", at=manned.cloud.now()),
        None,
    )
    seen = manned.ask("poll_approval", poll.replace(taken=1, event="look:2"))
    assert [[each.name for each in cohort] for cohort in seen.cohorts] == [["web1"]]
    assert not seen.settled


def test_a_machine_that_goes_without_a_gate_opens_none(enlisted: MigrationHarness) -> None:
    enter(enlisted, "web1", "clean_up_test_failover")
    enlisted.ask("leave", leaving(enlisted, "clean_up_test_failover"))
    assert gates.of_migration(enlisted.migration) == ()


def test_a_failed_machine_says_where_why_and_how_it_goes_on(enlisted: MigrationHarness) -> None:
    enter(enlisted, "web1", "initial_sync")
    enlisted.ask("leave", leaving(enlisted, "initial_sync", PROBLEM))
    row = enlisted.row("web1")
    assert (row.state, row.failed_in, row.owner) == (MachineState.FAILED, "initial_sync", "")
    assert row.problem
    assert (row.problem.code, row.problem.causes, row.problem.advice) == ("28031", "a full disk", "Make room.")
    assert row.waiting_for == "Make room."
    assert row.release == f"azferry retry {enlisted.migration} --machine web1"


@pytest.mark.parametrize(
    ("phase", "state"),
    [("complete_migration", MachineState.CUT_OVER), ("decommission_source", MachineState.FINALIZED)],
)
def test_a_machine_that_serves_is_not_called_failed_for_a_lock(
    strict: MigrationHarness, phase: str, state: MachineState
) -> None:
    enter(strict, "web1", phase)
    strict.ask("leave", leaving(strict, phase, LOCKED))
    row = strict.row("web1")
    assert (row.state, row.failed_in, row.owner) == (state, phase, "")
    assert row.waiting_for.startswith("it serves in Azure, ")
    assert row.waiting_for.endswith("Take the lock off.")
    assert row.release == f"azferry retry {strict.migration} --machine web1"
    assert operator_intents.intent(strict.migration).intent == Intent.RUN, "nothing is amiss with the others"


def test_an_interrupted_machine_is_let_go_of_and_does_not_count_as_failed(enlisted: MigrationHarness) -> None:
    enter(enlisted, "web1", "initial_sync")
    enlisted.ask("leave", leaving(enlisted, "initial_sync", Interrupted("bob asked for rollback")))
    row = enlisted.row("web1")
    assert (row.state, row.owner, row.problem) == (MachineState.INITIAL_SYNC, "", None)


def test_an_operator_who_stops_what_follows_leaves_the_machine_migrated(enlisted: MigrationHarness) -> None:
    enter(enlisted, "web1", "decommission_source")
    enlisted.stands("web1", state=MachineState.AWAITING_USER_ACTION, waiting_for="an approval", release="approve")
    enlisted.ask("leave", leaving(enlisted, "decommission_source", Interrupted("bob asked for cancel")))
    row = enlisted.row("web1")
    assert (row.state, row.owner, row.waiting_for, row.problem) == (MachineState.FINALIZED, "", "", None)


def test_a_protection_that_an_operator_stopped_can_be_retried(enlisted: MigrationHarness) -> None:
    enter(enlisted, "web1", "protect_target")
    enlisted.ask("leave", leaving(enlisted, "protect_target", Interrupted("bob asked for rollback")))
    row = enlisted.row("web1")
    assert (row.state, row.failed_in) == (MachineState.FINALIZED, "protect_target")
    assert row.release.endswith("--machine web1")


@pytest.fixture
def strict(ferry: MigrationHarness) -> MigrationHarness:
    """Two machines, of which none may fail."""
    ferry.take_in(plan_of("web1", "db1", limits={"failureTolerance": 0}))
    ferry.enlist()
    return ferry


def test_an_interruption_does_not_pause_again_what_a_person_resumed(strict: MigrationHarness) -> None:
    strict.stands("db1", state=MachineState.FAILED)
    enter(strict, "web1", "initial_sync")
    strict.ask("leave", leaving(strict, "initial_sync", Interrupted("bob asked for cancel")))
    assert operator_intents.intent(strict.migration).intent == Intent.RUN


def test_too_many_failures_pause_the_others(strict: MigrationHarness) -> None:
    enter(strict, "web1", "initial_sync")
    strict.ask("leave", leaving(strict, "initial_sync", PROBLEM))
    assert operator_intents.intent(strict.migration).intent == Intent.PAUSE


def test_who_waits_for_the_machine_is_woken(enlisted: MigrationHarness) -> None:
    enter(enlisted, "web1", "initial_sync")
    taking = enlisted.look("web1", "rollback", owner="roll-back", instance="roll-back")
    assert not enlisted.ask("take_over", taking).settled
    announcements = enlisted.ask("leave", leaving(enlisted, "initial_sync", Interrupted("bob asked for rollback")))
    assert announcements.announcements == (Announcement(instance="roll-back", event=taking.event),)


def test_a_flow_that_lost_the_machine_does_not_let_go_of_it(enlisted: MigrationHarness) -> None:
    enter(enlisted, "web1", "initial_sync", owner="rollback-2")
    enlisted.ask("leave", leaving(enlisted, "initial_sync", Interrupted("taken over"), owner="walk"))
    assert enlisted.row("web1").owner == "rollback-2"


def test_its_slot_goes_to_the_next_when_it_failed(enlisted: MigrationHarness) -> None:
    taken = enlisted.look("web1", "enable_replication", kind=Slots, limit="replicating")
    assert enlisted.ask("take_slots", taken).settled
    assert [each.holder for each in slots.everything()[0]] == [f"{enlisted.migration}/web1/replicating"]
    enter(enlisted, "web1", "initial_sync")
    enlisted.ask("leave", leaving(enlisted, "initial_sync", PROBLEM))
    assert list(slots.everything()[0]) == []


def test_leaving_with_a_problem_that_pauses_the_others_outlives_every_death(
    ferry: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    names = iter(f"plan-{number}" for number in range(1000))

    def fresh() -> Callable[[], Any]:
        ferry.take_in(plan_of("web1", "db1", name=next(names), limits={"failureTolerance": 0}))
        ferry.enlist()
        ferry.ask("take_slots", ferry.look("web1", "enable_replication", kind=Slots, limit="replicating"))
        enter(ferry, "web1", "initial_sync")
        left = leaving(ferry, "initial_sync", PROBLEM)
        return lambda: ferry.ask("leave", left)

    outlives_every_death(dying, fresh, lambda: ledger_text(ferry))
