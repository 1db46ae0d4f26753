"""Cutover windows open and close when their text says, whatever the clocks do."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.plan.cutover import Blackout, Window
from shared.scheduling.windows import is_skipped, next_opening, overlap, spans, to_utc
from shared.scheduling.zones import zone as zone_named

AMSTERDAM = "Europe/Amsterdam"
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


def window(start: str = "2026-12-01T22:00", hours: float = 4, **more: Any) -> Window:
    size = {} if "end" in more else {"length": timedelta(hours=hours)}
    return Window(start=start, **({"time_zone": AMSTERDAM} | size | more))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_without_windows_it_is_open_at_once() -> None:
    opening = next_opening((), NOW, NOW)

    assert opening is not None
    assert opening.is_open(NOW)
    assert opening.remaining(NOW) is None


@pytest.mark.parametrize(
    ("zone", "utc"),
    [
        ("America/Winnipeg", "2026-12-02T03:00"),
        ("America/Edmonton", "2026-12-02T04:00"),
        ("America/Vancouver", "2026-12-02T05:00"),
        ("Africa/Casablanca", "2026-12-01T22:00"),
    ],
)
def test_a_machine_whose_own_zones_are_wrong_does_not_move_a_window(tmp_path: Path, zone: str, utc: str) -> None:
    for name in ("Winnipeg", "Edmonton", "Vancouver", "Casablanca"):
        for continent in ("America", "Africa"):
            (tmp_path / continent).mkdir(exist_ok=True)
            (tmp_path / continent / name).write_bytes(
                files("tzdata").joinpath("zoneinfo", "Asia", "Tokyo").read_bytes()
            )
    code = (
        "from datetime import UTC, datetime, timedelta\n"
        "from shared.plan.cutover import Window\n"
        "from shared.scheduling.windows import next_opening\n"
        f"one = Window(start='2026-12-01T22:00', length=timedelta(hours=4), time_zone='{zone}')\n"
        "print(next_opening([one], datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)).begin)\n"
    )
    completed = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONTZPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert completed.stdout.strip() == str(moment(utc))


@pytest.mark.parametrize(
    "name", ["right/Europe/Paris", "posix/UTC", "localtime", "posixrules", "Factory", "Europe", "../x"]
)
def test_what_only_some_machines_call_a_zone_is_none(name: str) -> None:
    with pytest.raises(KeyError):
        zone_named(name)


def test_a_window_opens_at_its_local_time() -> None:
    opening = next_opening([window()], NOW, NOW)

    assert opening is not None
    assert (opening.begin, opening.ends) == (moment("2026-12-01T21:00"), moment("2026-12-02T01:00"))
    assert not opening.is_open(NOW)


def test_a_relative_window_counts_from_the_acceptance() -> None:
    opening = next_opening([window("+PT2H")], NOW, NOW + timedelta(hours=3))

    assert opening is not None
    assert opening.is_open(NOW + timedelta(hours=3))
    assert opening.remaining(NOW + timedelta(hours=3)) == timedelta(hours=3)


def test_nothing_begins_in_the_lockout() -> None:
    late = moment("2026-12-02T00:30")

    assert next_opening([window(lockout=timedelta(hours=1))], NOW, late) is None


def test_a_cutover_may_reach_into_the_lockout() -> None:
    late = moment("2026-12-01T23:00")
    opening = next_opening([window(lockout=timedelta(hours=1))], NOW, late, timedelta(hours=2))

    assert opening is not None
    assert opening.begin == late, "it is over when the window closes"


def test_nothing_begins_that_does_not_fit() -> None:
    assert next_opening([window(hours=4)], NOW, moment("2026-12-02T00:00"), timedelta(minutes=61)) is None
    assert next_opening([window(hours=4)], NOW, moment("2026-12-02T00:00"), timedelta(minutes=60)) is not None


def test_the_earliest_of_several_windows_counts_and_is_named() -> None:
    opening = next_opening([window("2026-12-05T22:00"), window(capacity=7)], NOW, NOW)

    assert opening is not None
    assert (opening.number, opening.capacity) == (1, 7)


def test_a_daily_window_keeps_its_local_time_over_the_change_of_clocks() -> None:
    daily = window("2026-10-20T22:00", every="daily")

    before = next_opening([daily], NOW, moment("2026-10-24T12:00"))
    after = next_opening([daily], NOW, moment("2026-10-25T12:00"))

    assert before is not None
    assert after is not None
    assert (before.begin.hour, after.begin.hour) == (20, 21)


def test_a_start_that_the_clocks_skip_is_moved_on_by_the_skipped_hour() -> None:
    daily = window("2027-03-20T02:30", every="daily")

    opening = next_opening([daily], NOW, moment("2027-03-28T00:00"))

    assert opening is not None
    assert opening.begin == moment("2027-03-28T01:30")  # 03:30 in Amsterdam


def test_a_length_is_elapsed_time_and_an_end_is_local() -> None:
    start = "2026-10-25T01:00"  # the night in which three o'clock comes twice
    by_length = next(spans(window(start, 4), NOW, moment("2026-10-01T00:00")))
    by_end = next(spans(window(start, end="2026-10-25T05:00"), NOW, moment("2026-10-01T00:00")))

    assert by_length.end - by_length.start == timedelta(hours=4)
    assert by_end.end - by_end.start == timedelta(hours=5)


def test_a_time_that_comes_twice_means_the_first() -> None:
    assert to_utc(datetime(2026, 10, 25, 2, 30), ZoneInfo(AMSTERDAM)) == moment("2026-10-25T00:30")  # noqa: DTZ001 - local


def test_a_skipped_time_is_known_as_such() -> None:
    assert is_skipped(datetime(2027, 3, 28, 2, 30), ZoneInfo(AMSTERDAM))  # noqa: DTZ001 - local
    assert not is_skipped(datetime(2027, 3, 28, 3, 30), ZoneInfo(AMSTERDAM))  # noqa: DTZ001 - local


def test_a_blackout_moves_the_beginning_behind_it() -> None:
    out = Blackout(start="2026-12-01T21:00", end="2026-12-01T23:30")

    opening = next_opening([window(blackouts=(out,))], NOW, NOW)

    assert opening is not None
    assert opening.begin == moment("2026-12-01T22:30")


def test_a_freeze_moves_a_weekly_window_to_the_first_week_after_it() -> None:
    freeze = Blackout(start="2026-12-15T00:00", end="2027-01-04T00:00")

    opening = next_opening([window(every="weekly", blackouts=(freeze,))], NOW, moment("2026-12-10T00:00"))

    assert opening is not None
    assert opening.begin == moment("2027-01-05T21:00")


def test_a_blackout_over_everything_leaves_no_opening() -> None:
    always = Blackout(start="2020-01-01T00:00", end="2099-01-01T00:00")

    assert next_opening([window(every="daily", blackouts=(always,))], NOW, NOW) is None


@pytest.mark.parametrize(
    ("period", "other", "clash"),
    [
        (window(), window("2026-12-02T01:00"), True),
        (window(), window("2026-12-02T02:00"), False),
        (window(every="daily"), window("2027-03-09T23:00", every="weekly"), True),
        (window(every="daily"), window("2027-03-09T12:00"), False),
        (window("2026-12-02T22:00", every="daily"), window("2026-11-30T22:00", every="weekly"), True),
        (window("+PT1H"), window("+PT4H"), True),
        (window("+PT1H"), window("+PT5H"), False),
        (window("2026-12-01T22:00", 24 * 30), window("2026-12-20T22:00", every="weekly"), True),
    ],
)
def test_windows_overlap_or_do_not(period: Window, other: Window, clash: bool) -> None:
    assert (overlap(period, other, NOW) is not None) is clash
    assert (overlap(other, period, NOW) is not None) is clash


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1))  # noqa: DTZ001 - made aware below
WINDOWS = st.builds(
    lambda start, hours, every, zone, lockout: Window(
        start=f"{start:%Y-%m-%dT%H:%M}",
        length=timedelta(hours=hours),
        every=every,
        time_zone=zone,
        lockout=timedelta(minutes=lockout),
    ),
    MOMENTS,
    st.integers(1, 23),
    st.sampled_from(["", "daily", "weekly"]),
    st.sampled_from(["UTC", AMSTERDAM, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    st.integers(0, 90),
)


@settings(deadline=None)
@given(st.lists(WINDOWS, min_size=1, max_size=3), MOMENTS, st.integers(0, 300))
def test_an_opening_keeps_its_promises(windows: list[Window], at: datetime, minutes: int) -> None:
    now, expected = at.replace(tzinfo=UTC), timedelta(minutes=minutes)

    opening = next_opening(windows, now, now, expected)

    fits = [each.every and each.length > max(expected, each.lockout) for each in windows]
    assert opening is not None or not any(fits), "a window that recurs and is long enough opens again"
    if opening is not None:
        assert opening.ends is not None
        assert opening.begin >= now
        assert opening.begin + max(expected, windows[opening.number].lockout) <= opening.ends
        again = next_opening(windows, now, opening.begin, expected)
        assert again is not None
        assert again.is_open(opening.begin)


@settings(deadline=None)
@given(WINDOWS, MOMENTS)
def test_openings_come_in_order_and_none_is_missed(period: Window, at: datetime) -> None:
    now = at.replace(tzinfo=UTC)
    found = [span for span, _ in zip(spans(period, now, now), range(5), strict=False)]

    assert all(span.end > now for span in found)
    assert found == sorted(found, key=lambda span: span.start)
    if period.every and found[0].start > now:
        local = datetime.fromisoformat(period.start)
        assert found[0].start - now <= max(timedelta(days=8), to_utc(local, ZoneInfo(period.time_zone)) - now)
