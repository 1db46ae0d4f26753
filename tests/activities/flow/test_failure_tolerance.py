"""Failure tolerance: too many failed machines pause the migration."""

from typing import Any

import pytest

from activities.flow.failure_tolerance import WHO, pause_if_too_many_failed
from shared.coordination import operator_intents
from shared.coordination.operator_intents import Control, Intent
from shared.ledger import events, migrations
from shared.states import MachineState, MigrationStatus
from tests.activities.migration_harness import MigrationHarness, plan_of

FOUR = ("a1", "a2", "a3", "a4")


@pytest.fixture
def four(ferry: MigrationHarness) -> MigrationHarness:
    """Four machines, of which one may fail."""
    ferry.take_in(plan_of(*FOUR, limits={"failureTolerance": "25%"}))
    ferry.enlist()
    return ferry


def fail(ferry: MigrationHarness, *names: str) -> None:
    for name in names:
        ferry.stands(name, state=MachineState.FAILED)


def intent(ferry: MigrationHarness) -> Control:
    return operator_intents.intent(ferry.migration)


def happened(ferry: MigrationHarness) -> list[str]:
    return [event.what for event in events.page(ferry.migration)[0]]


def test_as_many_failures_as_the_plan_tolerates_pause_nothing(four: MigrationHarness) -> None:
    fail(four, "a1")
    assert not pause_if_too_many_failed(four.place("a1"))
    assert intent(four).intent == Intent.RUN


def test_one_more_pauses_and_everybody_sees_why_and_how_it_goes_on(four: MigrationHarness) -> None:
    fail(four, "a1", "a2")
    assert pause_if_too_many_failed(four.place("a2"))
    assert (intent(four).intent, intent(four).by) == (Intent.PAUSE, WHO)
    row = migrations.get(four.migration)
    assert row
    assert row.status == MigrationStatus.PAUSED
    assert "2 of 4 machines failed" in row.waiting_for
    assert row.release == f"azferry resume {four.migration}"
    assert "too-many-failed" in happened(four)


def test_run_twice_it_pauses_once(four: MigrationHarness) -> None:
    fail(four, "a1", "a2")
    place = four.place("a2")
    for _ in range(2):
        assert pause_if_too_many_failed(place)
    assert happened(four).count("too-many-failed") == 1


def test_a_late_twin_does_not_pause_what_a_person_resumed(four: MigrationHarness) -> None:
    fail(four, "a1", "a2")
    place = four.place("a2")
    pause_if_too_many_failed(place)
    four.cloud.later(60)
    operator_intents.set_intent(Control(migration=four.migration, by="ann", at=four.cloud.now()))
    pause_if_too_many_failed(place)
    assert intent(four).intent == Intent.RUN


def test_after_a_person_resumed_a_further_failure_pauses_again(four: MigrationHarness) -> None:
    fail(four, "a1", "a2")
    pause_if_too_many_failed(four.place("a2"))
    four.cloud.later(60)
    operator_intents.set_intent(Control(migration=four.migration, by="ann", at=four.cloud.now()))
    four.cloud.later(60)
    fail(four, "a3")
    assert pause_if_too_many_failed(four.place("a3"))


def test_nothing_is_paused_when_nothing_is_left_to_hold(four: MigrationHarness) -> None:
    fail(four, *FOUR)
    assert not pause_if_too_many_failed(four.place("a4"))


@pytest.mark.parametrize(("tolerance", "failed", "paused"), [("0", 1, True), ("2", 2, False), ("2", 3, True)])
def test_the_tolerance_may_be_a_number(ferry: MigrationHarness, tolerance: Any, failed: int, paused: bool) -> None:
    ferry.take_in(plan_of(*FOUR, limits={"failureTolerance": int(tolerance)}))
    ferry.enlist()
    fail(ferry, *FOUR[:failed])
    assert pause_if_too_many_failed(ferry.place("a1")) == paused
