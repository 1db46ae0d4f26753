"""Entering and leaving phases."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.cohorts import Cohort
from shared.contracts.rounds import Member
from shared.coordination.operator_intents import Intent
from shared.ledger import events, migrations
from shared.problems import HeldByPause, Interrupted
from shared.states import MachineState, MigrationStatus
from tests.activities.crash_injection import Dying
from tests.activities.crash_matrix import ledger_text, outlives_every_death
from tests.activities.flow.walking import enter, order, waiting
from tests.activities.migration_harness import MigrationHarness, plan_of


def test_a_phase_begins_in_the_ledger(enlisted: MigrationHarness) -> None:
    enlisted.stands("web1", waiting_for="an answer", release="do it", failed_in="initial_sync")
    assert enter(enlisted, "web1", "start_test_failover").settled
    row = enlisted.row("web1")
    assert (row.state, row.phase, row.owner) == (MachineState.TESTING, "start_test_failover", "walk")
    assert (row.waiting_for, row.release, row.failed_in, row.problem) == ("", "", "", None)
    (event,) = [each for each in events.page(enlisted.migration)[0] if each.what == "start-test-failover-began"]
    assert event.machine == "web1"


def test_a_flow_that_a_machine_has_left_for_a_later_round_neither_moves_nor_holds_it(
    enlisted: MigrationHarness,
) -> None:
    stands = {"state": MachineState.READY_FOR_CUTOVER, "owner": ""}
    enlisted.stands("web1", round=2, **stands)
    with pytest.raises(Interrupted, match="web1 was taken over by round 2"):
        enter(enlisted, "web1", "quiesce")
    order(enlisted, Intent.PAUSE)
    with pytest.raises(Interrupted, match="web1 was taken over by round 2"):
        enter(enlisted, "web1", "quiesce")
    cohort = enlisted.look("", "cohort-1", kind=Cohort, owner="cohort", machines=(Member(name="web1"),)).replace(
        wave="first"
    )
    assert enlisted.ask("hold_cohort", cohort).members == ()
    row = enlisted.row("web1")
    assert (row.state, row.owner) == (MachineState.READY_FOR_CUTOVER, "")


def test_a_phase_of_the_plan_begins_in_the_migrations_row(enlisted: MigrationHarness) -> None:
    assert enlisted.ask("enter", enlisted.look(phase="prepare_vault", owner="root")).settled
    row = migrations.get(enlisted.migration)
    assert row
    assert row.phase == "prepare_vault"


def test_entered_twice_it_begins_once(enlisted: MigrationHarness) -> None:
    enlisted.comes_to("web1", "start_test_failover")
    look = enlisted.look("web1", "start_test_failover", owner="walk")
    for _ in range(2):
        assert enlisted.ask("enter", look).settled
    happened = [each.what for each in events.page(enlisted.migration)[0]]
    assert happened.count("start-test-failover-began") == 1


def test_a_pause_holds_the_machine_and_says_who_and_how_it_goes_on(enlisted: MigrationHarness) -> None:
    order(enlisted, Intent.PAUSE, comment="change freeze")
    assert not enter(enlisted, "web1", "start_test_failover").settled
    row = enlisted.row("web1")
    assert row.state == MachineState.PAUSED
    assert row.waiting_for == "paused by bob: change freeze"
    assert row.release == f"azferry resume {enlisted.migration} --machine web1"
    assert waiting(enlisted) == ["web1 resume"]


def test_resumed_it_goes_on_and_its_wait_is_gone(enlisted: MigrationHarness) -> None:
    order(enlisted, Intent.PAUSE)
    enter(enlisted, "web1", "start_test_failover")
    enlisted.cloud.later(60)
    order(enlisted, Intent.RUN)
    assert enter(enlisted, "web1", "start_test_failover").settled
    assert enlisted.row("web1").state == MachineState.TESTING
    assert waiting(enlisted) == []


def test_a_pause_holds_a_phase_of_the_plan_too(enlisted: MigrationHarness) -> None:
    order(enlisted, Intent.PAUSE)
    assert not enlisted.ask("enter", enlisted.look(phase="prepare_vault", owner="root", tag="prepare_vault")).settled
    row = migrations.get(enlisted.migration)
    assert row
    assert row.status == MigrationStatus.PAUSED
    assert row.release == f"azferry resume {enlisted.migration}"


@pytest.mark.parametrize("phase", ["stop_source", "fail_over", "verify", "complete_migration"])
def test_no_pause_holds_a_machine_whose_source_is_stopped(enlisted: MigrationHarness, phase: str) -> None:
    order(enlisted, Intent.PAUSE)
    assert enter(enlisted, "web1", phase).settled


def test_a_cancelled_machine_begins_nothing(enlisted: MigrationHarness) -> None:
    order(enlisted, Intent.CANCEL, "web1")
    with pytest.raises(Interrupted):
        enter(enlisted, "web1", "start_test_failover")
    assert enlisted.row("web1").phase == ""


def test_a_machine_that_somebody_else_has_is_left_to_them(enlisted: MigrationHarness) -> None:
    enlisted.stands("web1", owner="rollback-2", state=MachineState.CUTTING_OVER)
    with pytest.raises(Interrupted) as raised:
        enter(enlisted, "web1", "fail_over")
    assert raised.value.facts.extra["intent"] == "rollback"
    assert enlisted.row("web1").owner == "rollback-2"


def test_entering_outlives_every_death(ferry: MigrationHarness, dying: Callable[..., Dying]) -> None:
    names = iter(f"plan-{number}" for number in range(1000))

    def fresh() -> Callable[[], Any]:
        ferry.take_in(plan_of("web1", "db1", name=next(names)))
        ferry.enlist()
        ferry.comes_to("web1", "start_test_failover")
        look = ferry.look("web1", "start_test_failover", owner="walk", tag="start_test_failover")
        return lambda: ferry.ask("enter", look)

    outlives_every_death(dying, fresh, lambda: ledger_text(ferry))


def began(ferry: MigrationHarness) -> list[Any]:
    return [each.at for each in events.page(ferry.migration)[0] if each.what == "check-connectivity-began"]


def test_the_first_activity_of_a_phase_enters_it_and_run_again_finds_it_entered(enlisted: MigrationHarness) -> None:
    here = enlisted.place("web1", "check_connectivity", enters="walk")
    for minutes in range(3):  # as when a cloud is busy: the very same request but for its moment
        enlisted.ask("check_routes", here.replace(now=here.now + timedelta(minutes=minutes)))
    row = enlisted.row("web1")
    assert (row.phase, row.owner, row.since) == ("check_connectivity", "walk", here.now)
    assert began(enlisted) == [here.now]


def test_a_phase_that_is_entered_with_its_first_activity_outlives_every_death(
    ferry: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    names = iter(f"plan-{number}" for number in range(1000))

    def fresh() -> Callable[[], Any]:
        ferry.take_in(plan_of("web1", "db1", name=next(names)))
        ferry.enlist()
        here = ferry.place("web1", "check_connectivity", enters="walk")
        return lambda: ferry.ask("check_routes", here)

    outlives_every_death(dying, fresh, lambda: ledger_text(ferry))


def test_a_pause_keeps_a_phase_from_being_entered_and_nothing_is_done(enlisted: MigrationHarness) -> None:
    before = enlisted.row("web1")
    order(enlisted, Intent.PAUSE, comment="change freeze")
    with pytest.raises(HeldByPause, match="paused by bob: change freeze"):
        enlisted.ask("check_routes", enlisted.place("web1", "check_connectivity", enters="walk"))
    assert (enlisted.row("web1"), began(enlisted), waiting(enlisted)) == (before, [], [])


def test_a_machine_that_somebody_else_has_is_not_entered_with_an_activity(enlisted: MigrationHarness) -> None:
    enlisted.stands("web1", owner="rollback-2", state=MachineState.CUTTING_OVER)
    with pytest.raises(Interrupted, match="taken over by rollback-2"):
        enlisted.ask("start_failover", enlisted.look("web1", "fail_over", enters="walk"))
    assert enlisted.row("web1").owner == "rollback-2"


def test_a_machine_walks_all_the_way(prepared: MigrationHarness) -> None:
    prepared.walk("web1")
    assert prepared.row("web1").state == MachineState.FINALIZED


def test_machines_stop_where_they_are_told_to(prepared: MigrationHarness) -> None:
    prepared.walk("web1", "db1", until="stop_source")
    assert {prepared.row(name).phase for name in ("web1", "db1")} == {"quiesce"}
    prepared.walk("db1")
    assert prepared.row("db1").state == MachineState.FINALIZED
    assert prepared.row("web1").state == MachineState.CUTTING_OVER
