"""Without a gate: a machine that stays behind does not cost the others their window, and what is waited for is told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from activities.gates.automatic_cutover import window_is_open
from shared.coordination.operator_intents import Skip, request_skip
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of
from tests.activities.repeating import after_many_deaths
from tests.activities.test_approval import ask, asking, cohorts, ready

NAMES = ("a1", "a2", "a3")
HOUR = 3_600


def windowed(**cutover: Any) -> dict[str, Any]:
    """Three machines without a gate, whose window opens in two hours for two hours."""
    plan = plan_of(*NAMES)
    wave = plan["waves"][0]
    wave["cutover"] |= {"windows": [{"start": "+PT2H", "length": "PT2H"}], **cutover}
    return plan


def enlisted(ferry: MigrationHarness, plan: dict[str, Any]) -> MigrationHarness:
    ferry.take_in(plan)
    ferry.enlist(phase="initial_sync")
    ready(ferry, "a1", "a2")
    ferry.stands("a3", state=MachineState.INITIAL_SYNC)
    return ferry


@pytest.fixture
def behind(ferry: MigrationHarness) -> MigrationHarness:
    """Two machines are ready, the third stays behind in its first copy; the window opens in two hours."""
    return enlisted(ferry, windowed())


def test_those_that_are_ready_go_when_their_window_opens(behind: MigrationHarness) -> None:
    early = ask(behind, prepared=False)
    assert (cohorts(early), early.exact, early.patience) == ([], True, 2 * HOUR + 1)
    behind.cloud.later(2 * HOUR)
    seen = ask(behind, early.taken, 2, prepared=False)
    assert (cohorts(seen), seen.settled) == ([["a1", "a2"]], False)


def test_who_comes_later_goes_in_the_same_window_and_nobody_goes_twice(behind: MigrationHarness) -> None:
    behind.cloud.later(2 * HOUR)
    first = ask(behind, prepared=False)
    again = ask(behind, first.taken, 2, prepared=False)
    assert cohorts(again) == []
    behind.stands("a3", state=MachineState.READY_FOR_CUTOVER)
    assert window_is_open(behind.place("a3", "initial_sync"), behind.cloud.now())
    assert cohorts(ask(behind, again.taken, 3, prepared=True)) == [["a3"]]


def test_asked_twice_the_same_it_gives_the_same_machines(behind: MigrationHarness) -> None:
    behind.cloud.later(2 * HOUR)
    poll = asking(behind, prepared=False)
    assert behind.ask("poll_approval", poll) == behind.ask("poll_approval", poll)


def test_whoever_dies_while_handing_out_loses_no_machine(behind: MigrationHarness, dying: Callable[..., Dying]) -> None:
    behind.cloud.later(2 * HOUR)
    poll = asking(behind, prepared=False)
    assert cohorts(after_many_deaths(dying, lambda: behind.ask("poll_approval", poll))) == [["a1", "a2"]]


def test_they_are_told_for_whom_they_wait_and_how_they_go_without(behind: MigrationHarness) -> None:
    ask(behind, prepared=False)
    row = behind.row("a1")
    assert row.waiting_for.startswith(
        "the other machines of wave first: a3 (initial sync), at most until the window opens"
    )
    assert row.release == f"azferry cutover {behind.migration} --wave {WAVE}"
    assert behind.row("a3").waiting_for == ""


def test_the_command_that_they_are_shown_sends_them(behind: MigrationHarness) -> None:
    first = ask(behind, prepared=False)
    for name in ("a1", "a2"):
        request_skip(Skip(migration=behind.migration, machine=name, phase="await_window", at=behind.cloud.now()))
    assert cohorts(ask(behind, first.taken, 2, prepared=False)) == [["a1", "a2"]]


def test_a_plan_that_wants_them_together_holds_them_and_says_so(ferry: MigrationHarness) -> None:
    enlisted(ferry, windowed(together=True))
    ferry.cloud.later(2 * HOUR)
    seen = ask(ferry, prepared=False)
    assert (cohorts(seen), seen.settled) == ([], False)
    assert "a3 (initial sync)" in ferry.row("a1").waiting_for
    assert not window_is_open(ferry.place("a1", "initial_sync"), ferry.cloud.now())


def test_without_a_window_they_wait_for_one_another(ferry: MigrationHarness) -> None:
    enlisted(ferry, plan_of(*NAMES))
    ferry.cloud.later(int(timedelta(days=1).total_seconds()))
    assert cohorts(ask(ferry, prepared=False)) == []
    assert "a3 (initial sync)" in ferry.row("a1").waiting_for


def test_no_machine_goes_before_one_of_its_application_that_boots_before_it(ferry: MigrationHarness) -> None:
    plan = windowed()
    for machine, (application, group) in zip(
        plan["waves"][0]["machines"], [("shop", 2), ("crm", 2), ("shop", 1)], strict=True
    ):
        machine |= {"application": application, "bootGroup": group}
    enlisted(ferry, plan)
    ferry.cloud.later(2 * HOUR)
    assert cohorts(ask(ferry, prepared=False)) == [["a2"]]
    assert "a3" in ferry.row("a1").waiting_for
