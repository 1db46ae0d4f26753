"""An activity that was taken is invisible to others for a while, also when the host that took it is dead."""

from datetime import UTC, datetime, timedelta

import pytest

from local.host.durable.leases import CAPACITY, Leases
from local.host.durable.schedule import as_early_as_azure
from tests.local.host.durable.lone_clock import LoneClock

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FIVE = timedelta(minutes=5)


def leases(folder, now=NOW):
    return Leases(folder / "leases", lambda: now, FIVE)


def test_what_a_dead_host_had_taken_is_due_when_its_lease_is_over(tmp_path):
    first = leases(tmp_path)
    first.take(("one", 0))
    first.take(("two", 7))
    first.release(("one", 0))  # never closed: it was killed

    second = leases(tmp_path, NOW + timedelta(minutes=1))

    assert second.due(("two", 7)) == NOW + FIVE
    assert second.due(("one", 0)) is None
    second.close()
    first.close()


def test_a_lease_that_is_not_kept_is_forgotten(tmp_path):
    first = leases(tmp_path)
    first.take(("one", 0))
    first.take(("two", 0))
    first.close()
    second = leases(tmp_path)
    second.keep({("two", 0)})
    second.close()

    third = leases(tmp_path)

    assert (third.due(("one", 0)), third.due(("two", 0))) == (None, NOW + FIVE)
    third.close()


def test_more_activities_than_there_is_room_for_at_first_are_all_remembered(tmp_path):
    first = leases(tmp_path)
    for number in range(CAPACITY + 3):
        first.take(("one", number))
    first.close()
    second = leases(tmp_path)

    assert all(second.due(("one", number)) for number in range(CAPACITY + 3))
    second.close()


def test_an_activity_cut_off_by_a_stop_runs_again_only_after_the_visibility_time(make_lab, slow):
    def flow(context):
        found = yield context.call_activity("slow", "given")
        return [found, context.current_utc_datetime.isoformat()]

    clock = LoneClock(NOW)
    lab = make_lab(flow, slow.activity, clock=clock)
    made = lab.create("flow")
    lab.until(lambda: slow.runs)
    clock.hold()
    lab = make_lab(flow, slow.activity, clock=clock)
    lab.until(lambda: lab.next_due)
    held = list(slow.runs), lab.next_due
    clock.release()

    assert lab.end(made)["output"] == ["given", "2026-01-01T00:05:00+00:00"]
    assert held == (["given"], NOW + FIVE)
    assert slow.runs == ["given", "given"]


def test_an_activity_that_nobody_had_taken_runs_at_once_after_a_restart(make_lab, slow):
    def flow(context):
        return (yield context.task_all([context.call_activity("slow", number) for number in range(2)]))

    clock = LoneClock(NOW, until=NOW)  # which never moves
    lab = make_lab(flow, slow.activity, clock=clock, max_activities=1)
    lab.create("flow")
    lab.until(lambda: slow.runs)
    lab = make_lab(flow, slow.activity, clock=clock, max_activities=1)
    lab.until(lambda: len(slow.runs) == 2)

    assert slow.runs == [0, 1]


@pytest.mark.parametrize(
    ("delay", "least"),
    [(0.9, 0.025), (1.0, 0.025), (1.9, 1.0), (2.0, 1.0), (3600.5, 3600.0), (0.01, 0.01)],
)
def test_a_timer_may_come_up_to_a_second_early(delay, least):
    assert as_early_as_azure(NOW + timedelta(seconds=delay), NOW) == NOW + timedelta(seconds=least)


def test_a_loop_until_a_moment_goes_round_often_before_it(make_lab):
    """Seen on Azure's own extension: about 40 rounds in the last second."""

    def flow(context):
        end = context.current_utc_datetime + timedelta(hours=1)
        rounds = 0
        while context.current_utc_datetime < end:
            yield context.create_timer(end)
            rounds += 1
        return rounds

    assert make_lab(flow, early_timers=True).output("flow") == 41
    assert make_lab(flow).output("flow") == 1
