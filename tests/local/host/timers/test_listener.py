import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from local.host.function import Binding, Function
from local.host.timers.listener import TimerListener
from local.host.timers.status import StatusFiles

START = datetime(2026, 11, 21, 5, 0, 30, tzinfo=UTC)


class HandClock:
    """A real clock that a test moves by hand."""

    mode = "real"

    def __init__(self, moment: datetime = START) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def real_seconds(self, due: datetime) -> float:
        return 0.0


class Runs:
    """Takes the runs of a timer; each lasts until it is let go."""

    def __init__(self, *, fails: bool = False) -> None:
        self.past_due: list[bool] = []
        self.statuses: list[object] = []
        self.at_once = 0
        self.most_at_once = 0
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.fails = fails

    async def run(self, _function, timer, _reason, _hold) -> None:
        self.past_due.append(timer.past_due)
        self.statuses.append(timer.schedule_status)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self.may_end.wait()
        self.at_once -= 1
        if self.fails:
            raise RuntimeError("on purpose")


@contextmanager
def busy() -> Iterator[None]:
    yield


def timer_function(schedule: str, **more: object) -> Function:
    data = {"schedule": schedule, **more}
    trigger = Binding("timerTrigger", "timer", is_out=False, is_binary=False, data=data)
    return Function("tend", lambda timer: None, "", trigger, (), (), is_async=False, wants_context=False)


def listener_of(schedule, clock, runs, data, **more):
    return TimerListener(timer_function(schedule, **more), clock, StatusFiles(data), runs.run, busy)


async def settle() -> None:
    # The listener looks at this clock every 10 ms.
    await asyncio.sleep(0.05)


@pytest.fixture
def played(tmp_path):
    """Run a listener while a scenario moves its clock."""

    def play(schedule, scenario, *, runs=None, **more):
        async def main():
            clock, taken = HandClock(), runs() if runs else Runs()
            listener = listener_of(schedule, clock, taken, tmp_path, **more)
            task = asyncio.create_task(listener.listen(past_due=listener.prepare()))
            await settle()
            await scenario(clock, taken, listener)
            task.cancel()
            return taken

        return asyncio.run(main())

    return play


def test_it_fires_once_at_each_due_moment(played):
    async def scenario(clock, runs, listener):
        assert runs.past_due == []
        assert listener.due() == START.replace(minute=1, second=0)
        for minute in (1, 2):
            clock.moment = START.replace(minute=minute, second=0)
            await settle()
            assert len(runs.past_due) == minute

    played("0 * * * * *", scenario)


def test_a_jump_over_many_moments_fires_once(played):
    async def scenario(clock, runs, listener):
        clock.moment = START + timedelta(hours=3)
        await settle()
        assert runs.past_due == [False]
        assert listener.due() > clock.moment

    played("0 * * * * *", scenario)


def test_runs_never_overlap(played):
    async def scenario(clock, runs, listener):
        runs.may_end.clear()
        clock.moment = START.replace(minute=1, second=0)
        await settle()
        clock.moment = START.replace(minute=5, second=0)
        by_hand = asyncio.create_task(listener.run_by_hand())
        await settle()
        assert runs.at_once == 1
        runs.may_end.set()
        await by_hand

    assert played("0 * * * * *", scenario).most_at_once == 1


def test_a_run_under_way_is_no_due_moment(played):
    async def scenario(clock, runs, listener):
        runs.may_end.clear()
        clock.moment = START.replace(minute=1, second=0)
        await settle()
        assert listener.due() is None
        runs.may_end.set()
        await listener.finish(10)
        assert listener.due() == START.replace(minute=2, second=0)

    played("0 * * * * *", scenario)


def test_finishing_waits_for_the_run_under_way_but_not_for_ever(played):
    async def scenario(clock, runs, listener):
        await listener.finish(10)
        runs.may_end.clear()
        clock.moment = START.replace(minute=1, second=0)
        await settle()
        await listener.finish(0.01)
        assert runs.at_once == 1
        finishing = asyncio.create_task(listener.finish(10))
        runs.may_end.set()
        await finishing
        assert runs.at_once == 0

    played("0 * * * * *", scenario)


def test_a_failed_run_is_not_repeated(played):
    async def scenario(clock, runs, _listener):
        clock.moment = START.replace(minute=1, second=0)
        await settle()
        assert len(runs.past_due) == 1

    played("0 * * * * *", scenario, runs=lambda: Runs(fails=True))


def test_it_runs_on_start_up_when_asked(played):
    async def scenario(_clock, runs, _listener):
        assert runs.past_due == [False]

    played("0 0 0 1 1 *", scenario, runOnStartup=True)


@pytest.mark.parametrize(("schedule", "more"), [("*/10 * * * * *", {}), ("0 * * * * *", {"useMonitor": False})])
def test_frequent_and_unmonitored_timers_keep_no_status(played, tmp_path, schedule, more):
    async def scenario(clock, runs, _listener):
        clock.moment = START + timedelta(minutes=2)
        await settle()
        assert runs.past_due == [False]

    played(schedule, scenario, **more)

    assert not (tmp_path / "timers").exists()


def test_a_schedule_that_changed_is_planned_anew_and_what_it_missed_is_not_past_due(tmp_path):
    runs = asyncio.run(_make_runs())
    listener_of("0 0 6 * * *", HandClock(), runs, tmp_path).prepare()
    later = HandClock(START + timedelta(minutes=10))

    rare = listener_of("0 0 7 * * *", later, runs, tmp_path)
    assert (rare.prepare(), rare.due()) == (False, START.replace(hour=7, minute=0, second=0))

    listener_of("0 0 6 * * *", HandClock(), runs, tmp_path).prepare()
    often = listener_of("0 * * * * *", later, runs, tmp_path)
    assert (often.prepare(), often.due()) == (False, START.replace(minute=11, second=0))


def test_a_moment_that_passed_while_the_function_ran_is_due_at_once_and_not_past_due(played):
    async def scenario(clock, runs, listener):
        runs.may_end.clear()
        clock.moment = START.replace(minute=1, second=0)
        await settle()
        clock.moment = START.replace(minute=3, second=20)
        runs.may_end.set()
        await settle()
        assert runs.past_due == [False, False]
        assert listener.due() == START.replace(minute=4, second=0)

    played("0 * * * * *", scenario)


def test_a_first_run_is_told_of_no_run_before_it_and_of_no_update(played):
    async def scenario(clock, runs, _listener):
        clock.moment = START.replace(minute=1, second=0)
        await settle()
        never = "0001-01-01T00:00:00+00:00"
        assert runs.statuses == [{"Last": never, "Next": "2026-11-21T05:01:00+00:00", "LastUpdated": never}]

    played("0 * * * * *", scenario)


def test_a_past_due_run_is_told_the_moment_that_was_missed_and_what_was_written_last(tmp_path):
    async def main():
        taken = Runs()
        listener_of("0 0 6 * * *", HandClock(), taken, tmp_path).prepare()
        late = listener_of("0 0 6 * * *", HandClock(START + timedelta(hours=2)), taken, tmp_path)
        task = asyncio.create_task(late.listen(past_due=late.prepare()))
        await settle()
        task.cancel()
        return taken

    runs = asyncio.run(main())

    assert runs.past_due == [True]
    assert runs.statuses[0]["Next"] == "2026-11-21T06:00:00+00:00"
    assert runs.statuses[0]["LastUpdated"] == START.isoformat()


async def _make_runs() -> Runs:
    return Runs()
