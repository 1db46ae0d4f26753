"""Machines of one cohort whose windows differ: each begins in its own, and says which one it waits for."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from activities.await_window import begin_cutover, poll_window
from shared.contracts.cohorts import Cohort
from shared.contracts.rounds import Member
from shared.settings import settings
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of
from tests.activities.repeating import after_many_deaths
from tests.activities.test_approval import ask, cohorts
from tests.ledger_rows import put

READY = MachineState.READY_FOR_CUTOVER


def opens(hours: int, **more: Any) -> list[dict[str, Any]]:
    return [{"start": f"+PT{hours}H", "length": "PT2H", **more}]


def three(ferry: MigrationHarness, *, gate: str = "manual") -> Cohort:
    """One goes in the window of its wave, one in that of its application, one in its own."""
    plan = plan_of("web1", "erp1", "own1")
    wave = plan["waves"][0]
    wave["cutover"] = {"windows": opens(2)}
    wave["gates"] = {"cutover": gate}
    wave["machines"][1]["application"] = "erp"
    wave["machines"][2] |= {"application": "erp", "windows": opens(30, overrun="stop")}
    plan["applications"] = [{"name": "erp", "windows": opens(20)}]
    ferry.take_in(plan)
    ferry.enlist()
    ferry.furnish_target()
    for name in ("web1", "erp1", "own1"):
        put(ferry.place(name), state=READY)
    waiting: Cohort = ferry.look("", "cohort-1", kind=Cohort)
    return waiting.replace(wave=WAVE, number=1, machines=tuple(Member(name=each) for each in ("web1", "erp1", "own1")))


def later(cohort: Cohort, hours: int, *names: str) -> Cohort:
    left = tuple(each for each in cohort.machines if each.name in names) or cohort.machines
    return cohort.replace(now=cohort.now + timedelta(hours=hours), machines=left)


def test_each_begins_in_its_own_window_and_the_others_wait(
    ferry: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    waiting = three(ferry)
    assert poll_window(waiting).opens_at == waiting.now + timedelta(hours=2)
    assert "the cutover window, which opens at" in ferry.row("web1").waiting_for
    assert "the cutover window of application erp, which opens at" in ferry.row("erp1").waiting_for
    assert "the cutover window of machine own1, which opens at" in ferry.row("own1").waiting_for

    first = after_many_deaths(dying, lambda: poll_window(later(waiting, 2)))
    assert [each.name for each in first.machines] == ["web1"]
    second = poll_window(later(waiting, 20, "erp1", "own1"))
    assert [each.name for each in second.machines] == ["erp1"]


def test_a_window_that_is_missed_fails_its_own_machines_only(ferry: MigrationHarness) -> None:
    waiting = three(ferry)
    seen = poll_window(later(waiting, 26, "erp1", "own1"))
    assert (seen.settled, seen.opens_at) == (False, waiting.now + timedelta(hours=30))
    missed = ferry.row("erp1")
    assert missed.state == MachineState.FAILED
    assert missed.problem
    assert "every cutover window of application erp has closed" in missed.problem.detail
    assert ferry.row("own1").state == READY
    assert [each.name for each in poll_window(later(waiting, 30, "erp1", "own1")).machines] == ["own1"]


def test_a_window_stops_whom_it_is_for_when_it_closes(ferry: MigrationHarness) -> None:
    waiting = later(three(ferry), 30, "own1")
    assert begin_cutover(waiting).settled
    assert ferry.row("own1").evidence.cutover_window.overrun == "stop"
    assert ferry.row("web1").evidence.cutover_window is None


def test_without_a_gate_each_goes_when_its_window_opens(ferry: MigrationHarness) -> None:
    three(ferry, gate="auto")
    early = ask(ferry, prepared=False)
    assert (cohorts(early), early.patience) == ([], 2 * 3_600 + 1)
    ferry.cloud.later(2 * 3_600)
    seen = ask(ferry, early.taken, 2, prepared=False)
    assert cohorts(seen) == [["web1"]]


def test_a_blackout_of_the_company_is_told_to_those_that_it_holds_back(
    ferry: MigrationHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = three(ferry)
    until = waiting.now + timedelta(hours=3)
    freeze = {"start": f"{waiting.now:%Y-%m-%dT%H:%M}", "end": f"{until:%Y-%m-%dT%H:%M}", "reason": "audit"}
    monkeypatch.setenv("AZFERRY_BLACKOUTS", json.dumps([freeze]))
    settings.cache_clear()
    try:
        assert not poll_window(later(waiting, 2)).settled
    finally:
        settings.cache_clear()
    expected = f"not earlier because of the company's blackout until {until:%Y-%m-%d %H:%M} UTC (audit)"
    assert expected in ferry.row("web1").waiting_for
    assert "audit" not in ferry.row("erp1").waiting_for
