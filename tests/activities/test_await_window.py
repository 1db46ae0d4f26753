"""Await window: other waves first, then the plan's windows; who wants may go without."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from activities.await_window import look_dependencies, look_window, read_cutover_mode
from shared import controls
from shared.controls import Control, Intent, Skip
from shared.ledger import machines, waves
from shared.problems import Interrupted, Refused
from shared.requests import Cohort, Member
from shared.states import MachineState, WaveState
from shared.steering.rounds import retry
from shared.steering.steered import Said
from tests.activities.dying import Dying
from tests.activities.ferry import WAVE, Ferry, plan_of
from tests.activities.repeating import after_many_deaths

READY = MachineState.READY_FOR_CUTOVER


def ready(ferry: Ferry, window: dict[str, Any] | None = None) -> Ferry:
    """Two machines that wait for their cutover, and a window."""
    plan = plan_of("web1", "db1")
    plan["waves"][0]["cutover"] = {"windows": [window] if window else [], "mode": "recoveryPlan"}
    ferry.take_in(plan)
    ferry.enlist()
    for name in ("web1", "db1"):
        machines.change(ferry.place(name), state=READY)
    return ferry


def cohort(ferry: Ferry) -> Cohort:
    members = (Member(name="web1"), Member(name="db1"))
    asked: Cohort = ferry.look("", "cohort-1", kind=Cohort)
    return asked.but(wave=WAVE, number=1, machines=members)


def test_without_a_window_it_goes_at_once(ferry: Ferry, dying: Callable[..., Dying]) -> None:
    asked = cohort(ready(ferry))
    assert after_many_deaths(dying, lambda: look_window(asked)).settled
    row = waves.get(ferry.migration, WAVE)
    assert row
    assert row.state == WaveState.CUTTING_OVER
    assert read_cutover_mode(ferry.place(wave=WAVE)).recovery_plan


def test_it_waits_for_the_window_and_says_so(ferry: Ferry) -> None:
    asked = cohort(ready(ferry, {"start": "+PT2H", "length": "PT4H"}))
    seen = look_window(asked)
    assert (seen.settled, seen.opens_at) == (False, asked.now + timedelta(hours=2))
    assert seen.patience >= 2 * 3_600, "it does not look before"
    assert "the cutover window, which opens at" in ferry.row("web1").waiting_for
    assert ferry.row("web1").release == f"python -m cli cutover {ferry.migration} --wave {WAVE}"
    assert look_window(asked.but(now=asked.now + timedelta(hours=2))).settled


def test_a_person_may_begin_without_it(ferry: Ferry) -> None:
    asked = cohort(ready(ferry, {"start": "+PT2H", "length": "PT4H"}))
    for name in ("web1", "db1"):
        assert not look_window(asked).settled, "all of them, or none"
        skip = Skip(migration=ferry.migration, machine=name, phase="await_window", by="ann", at=asked.now)
        controls.request_skip(skip)
    assert look_window(asked).settled


def test_a_missed_window_fails_the_machines_so_that_they_can_be_retried(ferry: Ferry) -> None:
    asked = cohort(ready(ferry, {"start": "+PT2H", "length": "PT4H"}))
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            look_window(asked.but(now=asked.now + timedelta(days=2)))
    assert refused.value.facts.id == "window-missed"
    row = ferry.row("db1")
    assert (row.state, row.failed_in) == (MachineState.FAILED, "await_window")
    assert row.problem
    assert "--machine db1 --phase await_window" in row.problem.advice
    assert row.waiting_for == row.problem.advice
    retry(ferry.migration, ["db1"], Said(by="ann", at=ferry.cloud.now()))
    assert ferry.row("db1").state == READY


def test_a_cancelled_migration_goes_nowhere(ferry: Ferry) -> None:
    asked = cohort(ready(ferry))
    controls.set_intent(Control(migration=ferry.migration, intent=Intent.CANCEL, at=ferry.cloud.now()))
    with pytest.raises(Interrupted):
        look_window(asked)
    with pytest.raises(Interrupted):
        look_dependencies(asked)


def test_other_waves_come_first(ferry: Ferry) -> None:
    plan = plan_of("web1")
    later = {**plan["waves"][0], "name": "second", "dependsOn": [WAVE]}
    plan["waves"].append(later | {"machines": [{"name": "db1", "source": {"privateIp": "10.0.2.22"}}]})
    ferry.take_in(plan)
    ferry.enlist()
    machines.change(ferry.place("db1", wave="second"), state=READY)
    look = ferry.look("", "cohort-1").but(wave="second")
    assert not look_dependencies(look).settled
    assert ferry.row("db1").waiting_for == f"wave {WAVE}: web1 is NotReady"
    machines.change(ferry.place("web1"), state=MachineState.CUT_OVER)
    assert look_dependencies(look).settled
