"""Await window: the plan's windows; who wants may go without."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from activities.await_window import begin_cutover, poll_window, read_cutover_mode
from shared.contracts.cohorts import WindowPollResult
from shared.coordination import operator_intents, waits
from shared.coordination.decision import Decision
from shared.coordination.operator_intents import Control, Intent, Skip
from shared.decisions.changing import change_plan
from shared.decisions.people import played
from shared.decisions.rounds import retry
from shared.decisions.steered import said_by
from shared.ledger import events, machines, plans
from shared.problems import Interrupted, Refused
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import WAVE, MigrationHarness
from tests.activities.repeating import after_many_deaths
from tests.activities.waiting_cohort import READY, cohort, ready


def test_without_a_window_it_goes_at_once(ferry: MigrationHarness, dying: Callable[..., Dying]) -> None:
    poll = cohort(ready(ferry))
    assert after_many_deaths(dying, lambda: poll_window(poll)) == WindowPollResult(settled=True, machines=poll.machines)
    assert after_many_deaths(dying, lambda: begin_cutover(poll)).settled
    assert [each.what for each in events.page(ferry.migration)[0]].count("cohort-1-goes") == 1
    assert read_cutover_mode(ferry.place(wave=WAVE)).recovery_plan


def test_it_waits_for_the_window_and_says_so(ferry: MigrationHarness) -> None:
    poll = cohort(ready(ferry, {"start": "+PT2H", "length": "PT4H"}))
    seen = poll_window(poll)
    assert (seen.settled, seen.opens_at) == (False, poll.now + timedelta(hours=2))
    assert seen.patience == 3_601, "facts are read once more an hour before"
    assert seen.exact, "and not a moment later than that"
    assert "the cutover window, which opens at" in ferry.row("web1").waiting_for
    assert ferry.row("web1").release == f"azferry cutover {ferry.migration} --wave {WAVE}"
    assert poll_window(poll.replace(now=poll.now + timedelta(hours=2))).settled


def test_a_person_may_begin_without_it(ferry: MigrationHarness) -> None:
    poll = cohort(ready(ferry, {"start": "+PT2H", "length": "PT4H"}))
    for name in ("web1", "db1"):
        assert not poll_window(poll).settled, "all of them, or none"
        skip = Skip(migration=ferry.migration, machine=name, phase="await_window", by="ann", at=poll.now)
        operator_intents.request_skip(skip)
    assert poll_window(poll).settled


def test_a_missed_window_fails_the_machines_so_that_they_can_be_retried(ferry: MigrationHarness) -> None:
    poll = cohort(ready(ferry, {"start": "+PT2H", "length": "PT4H"}))
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            poll_window(poll.replace(now=poll.now + timedelta(days=2)))
    assert refused.value.facts.id == "window-missed"
    row = ferry.row("db1")
    assert (row.state, row.failed_in) == (MachineState.FAILED, "await_window")
    assert row.problem
    assert "--machine db1 --phase await_window" in row.problem.advice
    assert row.waiting_for == row.problem.advice
    retry(ferry.migration, ["db1"], Decision(by="ann", at=ferry.cloud.now()))
    assert ferry.row("db1").state == READY


def test_a_cancelled_migration_goes_nowhere(ferry: MigrationHarness) -> None:
    poll = cohort(ready(ferry))
    operator_intents.set_intent(Control(migration=ferry.migration, intent=Intent.CANCEL, at=ferry.cloud.now()))
    with pytest.raises(Interrupted):
        poll_window(poll)


DAILY = {"start": "+PT2H", "length": "PT4H", "every": "daily", "capacity": 1}


def test_who_finds_no_room_in_an_opening_waits_for_the_next_and_says_why(
    ferry: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    poll = cohort(ready(ferry, DAILY))
    opened = poll.now + timedelta(hours=2)
    seen = after_many_deaths(dying, lambda: poll_window(poll.replace(now=opened)))
    assert [each.name for each in seen.machines] == ["web1"], "in the cohort's order"

    late = poll.replace(now=opened + timedelta(hours=1), attempt=2, machines=poll.machines[1:])
    waiting = poll_window(late)
    assert (waiting.settled, waiting.opens_at) == (False, opened + timedelta(days=1))
    full = f"the opening of {opened:%Y-%m-%d %H:%M} UTC has room for 1 machines, and all of it is taken"
    assert full in ferry.row("db1").waiting_for
    assert ferry.row("web1").waiting_for == "", "who goes does not wait"
    assert poll_window(late.replace(now=opened + timedelta(days=1))).machines == late.machines


def test_a_retry_in_the_same_opening_uses_no_second_place_and_a_rolled_back_machine_none(
    ferry: MigrationHarness,
) -> None:
    poll = cohort(ready(ferry, DAILY)).replace(now=ferry.cloud.now() + timedelta(hours=2))
    assert poll_window(poll).machines == poll.machines[:1]
    assert poll_window(poll.replace(attempt=2)).machines == poll.machines[:1]
    machines.change(ferry.place("db1").replace(now=poll.now), round=2)
    seen = poll_window(poll.replace(attempt=3))
    assert (seen.machines, seen.gone) == (poll.machines[:1], ("db1",)), "another round has db1: it drops out"


def test_nobody_waits_for_machines_that_a_later_round_has(ferry: MigrationHarness) -> None:
    poll = cohort(ready(ferry, {"start": "+PT2H", "length": "PT4H"}))
    assert not poll_window(poll).settled
    for name in ("web1", "db1"):
        machines.change(ferry.place(name), round=2)
    assert poll_window(poll) == WindowPollResult(settled=True, gone=("db1", "web1"))
    assert list(waits.of_migration(ferry.migration)) == []
    open_now = poll.replace(now=poll.now + timedelta(hours=2))
    assert not begin_cutover(open_now).settled, "they went while a place was awaited"
    assert not [each for each in events.page(ferry.migration)[0] if each.what.startswith("cohort-")]


def test_two_cohorts_at_once_do_not_take_one_place_twice(ferry: MigrationHarness) -> None:
    poll = cohort(ready(ferry, DAILY)).replace(now=ferry.cloud.now() + timedelta(hours=2))
    each = [poll.replace(number=number, machines=(member,)) for number, member in enumerate(poll.machines)]
    with ThreadPoolExecutor() as pool:
        seen = list(pool.map(poll_window, each))
    assert sorted(len(each.machines) for each in seen) == [0, 1]


def test_without_another_opening_who_finds_no_room_has_missed_it(ferry: MigrationHarness) -> None:
    poll = cohort(ready(ferry, {"start": "+PT2H", "length": "PT4H", "capacity": 1}))
    open_now = poll.replace(now=poll.now + timedelta(hours=2))
    assert poll_window(open_now).machines == poll.machines[:1]
    with pytest.raises(Refused, match="no room left"):
        poll_window(open_now.replace(attempt=2, machines=poll.machines[1:]))
    assert (ferry.row("db1").state, ferry.row("web1").state) == (MachineState.FAILED, READY)


def test_a_cohort_that_missed_one_opening_takes_the_next_week_by_the_local_clock(ferry: MigrationHarness) -> None:
    weekly = {"start": "2026-11-28T22:00", "length": "PT4H", "timeZone": "Europe/Amsterdam", "every": "weekly"}
    poll = cohort(ready(ferry, weekly))
    late = datetime(2026, 11, 29, 0, 45, tzinfo=UTC)  # 15 minutes are left, a cutover takes 30
    assert poll_window(poll.replace(now=late)).opens_at == datetime(2026, 12, 5, 21, 0, tzinfo=UTC)
    assert poll_window(poll.replace(now=datetime(2026, 12, 5, 21, 0, tzinfo=UTC))).settled


def test_nobody_begins_whose_window_closed_while_a_free_place_was_awaited(ferry: MigrationHarness) -> None:
    poll = cohort(ready(ferry, {"start": "+PT2H", "length": "PT1H", "every": "daily"}))
    opened = poll.now + timedelta(hours=2)
    assert poll_window(poll.replace(now=opened)).settled
    assert not begin_cutover(poll.replace(now=opened + timedelta(hours=2))).settled
    assert [each.what for each in events.page(ferry.migration)[0] if each.what.endswith("-goes")] == []
    assert begin_cutover(poll.replace(now=opened + timedelta(days=1))).settled


def test_a_machine_that_is_down_already_does_not_wait_for_another_opening(ferry: MigrationHarness) -> None:
    poll = cohort(ready(ferry, DAILY))
    down, up = poll.machines[0].replace(resume_at="fail_over"), poll.machines[1]
    assert poll_window(poll.replace(machines=(down, up))) == WindowPollResult(settled=True, machines=(down,))


def test_machines_upon_which_the_window_closed_three_times_are_not_taken_down_again(ferry: MigrationHarness) -> None:
    poll = cohort(ready(ferry))
    assert poll_window(poll.replace(overruns=2)).settled
    with pytest.raises(Refused, match="closed 3 times") as refused:
        poll_window(poll.replace(overruns=3))
    assert refused.value.facts.id == "window-too-short"
    row = ferry.row("db1")
    assert (row.state, row.failed_in) == (MachineState.FAILED, "await_window")
    assert row.problem
    assert "--machine db1 --phase await_window" in row.problem.advice


def test_who_waits_for_a_window_goes_by_a_plan_that_was_changed_meanwhile(ferry: MigrationHarness) -> None:
    waiting = cohort(ready(ferry, {"start": "+PT20H", "length": "PT4H"}))
    assert not poll_window(waiting).settled
    earlier = plans.plan_of(ferry.migration)
    windows = (earlier.waves[0].cutover.windows[0].model_copy(update={"start": "+PT0H"}),)
    cutover = earlier.waves[0].cutover.model_copy(update={"windows": windows})
    later = earlier.model_copy(update={"waves": (earlier.waves[0].model_copy(update={"cutover": cutover}),)})
    ann = said_by(played("ann"), ferry.cloud.now(), "brought forward")

    carried = change_plan(ferry.migration, later, 1, ann)

    assert (carried.change.version, [each.instance for each in carried.announcements]) == (2, [waiting.instance])
    assert poll_window(waiting).machines == waiting.machines
