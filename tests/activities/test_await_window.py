"""Await window: other waves first, then the plan's windows; who wants may go without."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.await_window import begin_cutover, poll_dependencies, poll_window, read_cutover_mode
from shared.contracts.cohorts import Cohort, WindowPollResult
from shared.contracts.rounds import Member
from shared.coordination import operator_intents, waits
from shared.coordination.operator_intents import Control, Intent, Skip
from shared.decisions.rounds import retry
from shared.decisions.steered import OperatorAction
from shared.ledger import events, machines
from shared.problems import Interrupted, Refused
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of
from tests.activities.repeating import after_many_deaths
from tests.ledger_rows import put

READY = MachineState.READY_FOR_CUTOVER


def ready(ferry: MigrationHarness, *windows: dict[str, Any]) -> MigrationHarness:
    """Two machines that wait for their cutover, and its windows."""
    plan = plan_of("web1", "db1")
    plan["waves"][0]["cutover"] = {"windows": list(windows), "mode": "recoveryPlan"}
    ferry.take_in(plan)
    ferry.enlist()
    ferry.furnish_target()
    for name in ("web1", "db1"):
        put(ferry.place(name), state=READY)
    return ferry


def cohort(ferry: MigrationHarness) -> Cohort:
    members = (Member(name="web1"), Member(name="db1"))
    asked: Cohort = ferry.look("", "cohort-1", kind=Cohort)
    return asked.replace(wave=WAVE, number=1, machines=members)


def test_without_a_window_it_goes_at_once(ferry: MigrationHarness, dying: Callable[..., Dying]) -> None:
    asked = cohort(ready(ferry))
    assert after_many_deaths(dying, lambda: poll_window(asked)) == WindowPollResult(
        settled=True, machines=asked.machines
    )
    assert after_many_deaths(dying, lambda: begin_cutover(asked)).settled
    assert [each.what for each in events.page(ferry.migration)[0]].count("cohort-1-goes") == 1
    assert read_cutover_mode(ferry.place(wave=WAVE)).recovery_plan


def test_it_waits_for_the_window_and_says_so(ferry: MigrationHarness) -> None:
    asked = cohort(ready(ferry, {"start": "+PT2H", "length": "PT4H"}))
    seen = poll_window(asked)
    assert (seen.settled, seen.opens_at) == (False, asked.now + timedelta(hours=2))
    assert seen.patience == 3_601, "facts are read once more an hour before"
    assert seen.exact, "and not a moment later than that"
    assert "the cutover window, which opens at" in ferry.row("web1").waiting_for
    assert ferry.row("web1").release == f"python -m cli cutover {ferry.migration} --wave {WAVE}"
    assert poll_window(asked.replace(now=asked.now + timedelta(hours=2))).settled


def test_a_person_may_begin_without_it(ferry: MigrationHarness) -> None:
    asked = cohort(ready(ferry, {"start": "+PT2H", "length": "PT4H"}))
    for name in ("web1", "db1"):
        assert not poll_window(asked).settled, "all of them, or none"
        skip = Skip(migration=ferry.migration, machine=name, phase="await_window", by="ann", at=asked.now)
        operator_intents.request_skip(skip)
    assert poll_window(asked).settled


def test_a_missed_window_fails_the_machines_so_that_they_can_be_retried(ferry: MigrationHarness) -> None:
    asked = cohort(ready(ferry, {"start": "+PT2H", "length": "PT4H"}))
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            poll_window(asked.replace(now=asked.now + timedelta(days=2)))
    assert refused.value.facts.id == "window-missed"
    row = ferry.row("db1")
    assert (row.state, row.failed_in) == (MachineState.FAILED, "await_window")
    assert row.problem
    assert "--machine db1 --phase await_window" in row.problem.advice
    assert row.waiting_for == row.problem.advice
    retry(ferry.migration, ["db1"], OperatorAction(by="ann", at=ferry.cloud.now()))
    assert ferry.row("db1").state == READY


def test_a_cancelled_migration_goes_nowhere(ferry: MigrationHarness) -> None:
    asked = cohort(ready(ferry))
    operator_intents.set_intent(Control(migration=ferry.migration, intent=Intent.CANCEL, at=ferry.cloud.now()))
    with pytest.raises(Interrupted):
        poll_window(asked)
    with pytest.raises(Interrupted):
        poll_dependencies(asked)


def test_other_waves_come_first(ferry: MigrationHarness) -> None:
    plan = plan_of("web1")
    later = {**plan["waves"][0], "name": "second", "dependsOn": [WAVE]}
    plan["waves"].append(later | {"machines": [{"name": "db1", "source": {"privateIp": "10.0.2.22"}}]})
    ferry.take_in(plan)
    ferry.enlist()
    put(ferry.place("db1", wave="second"), state=READY)
    look = ferry.look("", "cohort-1", kind=Cohort, machines=(Member(name="db1"),)).replace(wave="second")
    assert not poll_dependencies(look).settled
    assert ferry.row("db1").waiting_for == f"wave {WAVE}: web1 is NotReady"
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
    asked = cohort(ready(ferry)).replace(machines=(Member(name="web1", boot_group=2),), after=("db1",))
    ferry.stands("db1", state=state, phase=phase)
    seen = poll_dependencies(asked)
    assert seen.settled is through
    assert through or (seen.patience, "db1" in ferry.row("web1").waiting_for) == (60, True)


DAILY = {"start": "+PT2H", "length": "PT4H", "every": "daily", "capacity": 1}


def test_who_finds_no_room_in_an_opening_waits_for_the_next_and_says_why(
    ferry: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    asked = cohort(ready(ferry, DAILY))
    opened = asked.now + timedelta(hours=2)
    seen = after_many_deaths(dying, lambda: poll_window(asked.replace(now=opened)))
    assert [each.name for each in seen.machines] == ["web1"], "in the cohort's order"

    late = asked.replace(now=opened + timedelta(hours=1), attempt=2, machines=asked.machines[1:])
    waiting = poll_window(late)
    assert (waiting.settled, waiting.opens_at) == (False, opened + timedelta(days=1))
    said = f"the opening of {opened:%Y-%m-%d %H:%M} UTC has room for 1 machines, and all of it is taken"
    assert said in ferry.row("db1").waiting_for
    assert ferry.row("web1").waiting_for == "", "who goes does not wait"
    assert poll_window(late.replace(now=opened + timedelta(days=1))).machines == late.machines


def test_a_retry_in_the_same_opening_uses_no_second_place_and_a_rolled_back_machine_none(
    ferry: MigrationHarness,
) -> None:
    asked = cohort(ready(ferry, DAILY)).replace(now=ferry.cloud.now() + timedelta(hours=2))
    assert poll_window(asked).machines == asked.machines[:1]
    assert poll_window(asked.replace(attempt=2)).machines == asked.machines[:1]
    machines.change(ferry.place("db1").replace(now=asked.now), round=2)
    seen = poll_window(asked.replace(attempt=3))
    assert (seen.machines, seen.gone) == (asked.machines[:1], ("db1",)), "another round has db1: it drops out"


def test_nobody_waits_for_machines_that_a_later_round_has(ferry: MigrationHarness) -> None:
    asked = cohort(ready(ferry, {"start": "+PT2H", "length": "PT4H"}))
    assert not poll_window(asked).settled
    for name in ("web1", "db1"):
        machines.change(ferry.place(name), round=2)
    assert poll_window(asked) == WindowPollResult(settled=True, gone=("db1", "web1"))
    assert list(waits.of_migration(ferry.migration)) == []
    open_now = asked.replace(now=asked.now + timedelta(hours=2))
    assert not begin_cutover(open_now).settled, "they went while a place was awaited"
    assert not [each for each in events.page(ferry.migration)[0] if each.what.startswith("cohort-")]


def test_nobody_waits_for_other_waves_with_machines_that_a_later_round_has(ferry: MigrationHarness) -> None:
    asked = cohort(ready(ferry)).replace(after=("web1",), machines=(Member(name="db1"),))
    assert not poll_dependencies(asked).settled
    machines.change(ferry.place("db1"), round=2)
    assert poll_dependencies(asked).settled


def test_two_cohorts_at_once_do_not_take_one_place_twice(ferry: MigrationHarness) -> None:
    asked = cohort(ready(ferry, DAILY)).replace(now=ferry.cloud.now() + timedelta(hours=2))
    each = [asked.replace(number=number, machines=(one,)) for number, one in enumerate(asked.machines)]
    with ThreadPoolExecutor() as pool:
        seen = list(pool.map(poll_window, each))
    assert sorted(len(each.machines) for each in seen) == [0, 1]


def test_without_another_opening_who_finds_no_room_has_missed_it(ferry: MigrationHarness) -> None:
    asked = cohort(ready(ferry, {"start": "+PT2H", "length": "PT4H", "capacity": 1}))
    open_now = asked.replace(now=asked.now + timedelta(hours=2))
    assert poll_window(open_now).machines == asked.machines[:1]
    with pytest.raises(Refused, match="no room left"):
        poll_window(open_now.replace(attempt=2, machines=asked.machines[1:]))
    assert (ferry.row("db1").state, ferry.row("web1").state) == (MachineState.FAILED, READY)


def test_a_cohort_that_missed_one_opening_takes_the_next_week_by_the_local_clock(ferry: MigrationHarness) -> None:
    weekly = {"start": "2026-11-28T22:00", "length": "PT4H", "timeZone": "Europe/Amsterdam", "every": "weekly"}
    asked = cohort(ready(ferry, weekly))
    late = datetime(2026, 11, 29, 0, 45, tzinfo=UTC)  # 15 minutes are left, a cutover takes 30
    assert poll_window(asked.replace(now=late)).opens_at == datetime(2026, 12, 5, 21, 0, tzinfo=UTC)
    assert poll_window(asked.replace(now=datetime(2026, 12, 5, 21, 0, tzinfo=UTC))).settled


def test_nobody_begins_whose_window_closed_while_a_free_place_was_awaited(ferry: MigrationHarness) -> None:
    asked = cohort(ready(ferry, {"start": "+PT2H", "length": "PT1H", "every": "daily"}))
    opened = asked.now + timedelta(hours=2)
    assert poll_window(asked.replace(now=opened)).settled
    assert not begin_cutover(asked.replace(now=opened + timedelta(hours=2))).settled
    assert [each.what for each in events.page(ferry.migration)[0] if each.what.endswith("-goes")] == []
    assert begin_cutover(asked.replace(now=opened + timedelta(days=1))).settled


def test_a_machine_that_is_down_already_does_not_wait_for_another_opening(ferry: MigrationHarness) -> None:
    asked = cohort(ready(ferry, DAILY))
    down, up = asked.machines[0].replace(resume_at="fail_over"), asked.machines[1]
    assert poll_window(asked.replace(machines=(down, up))) == WindowPollResult(settled=True, machines=(down,))


def test_machines_upon_which_the_window_closed_three_times_are_not_taken_down_again(ferry: MigrationHarness) -> None:
    asked = cohort(ready(ferry))
    assert poll_window(asked.replace(phase="cohort-1-back1-back2")).settled
    with pytest.raises(Refused, match="closed 3 times") as refused:
        poll_window(asked.replace(phase="cohort-1-back1-back2-back3"))
    assert refused.value.facts.id == "window-too-short"
    row = ferry.row("db1")
    assert (row.state, row.failed_in) == (MachineState.FAILED, "await_window")
    assert row.problem
    assert "--machine db1 --phase await_window" in row.problem.advice
