"""A monthly window opens on the day that its plan says, at its local time, whatever month and clocks it is."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.plan.cutover import Window
from shared.scheduling.recurrence import WEEKDAYS, day_of_month
from shared.scheduling.windows import overlap, spans

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
AMSTERDAM = "Europe/Amsterdam"


def monthly(start: str = "2026-12-01T22:00", day: str = "", **more: Any) -> Window:
    size = {} if "end" in more else {"length": timedelta(hours=4)}
    named = {"day": day} if day else {}
    return Window(start=start, every="monthly", **named, **({"time_zone": AMSTERDAM} | size | more))


def openings(window: Window, after: datetime = NOW, count: int = 4) -> list[str]:
    return [f"{span.start:%Y-%m-%dT%H:%M}" for span in islice(spans(window, NOW, after), count)]


@pytest.mark.parametrize(
    ("day", "found"),
    [
        ("second saturday", ["2026-12-12T21:00", "2027-01-09T21:00", "2027-02-13T21:00", "2027-03-13T21:00"]),
        ("last sunday", ["2026-12-27T21:00", "2027-01-31T21:00", "2027-02-28T21:00", "2027-03-28T20:00"]),
        ("last day", ["2026-12-31T21:00", "2027-01-31T21:00", "2027-02-28T21:00", "2027-03-31T20:00"]),
        ("first tuesday", ["2026-12-01T21:00", "2027-01-05T21:00", "2027-02-02T21:00", "2027-03-02T21:00"]),
    ],
)
def test_it_opens_on_its_day_at_its_local_time_in_winter_and_summer(day: str, found: list[str]) -> None:
    assert openings(monthly(day=day)) == found


def test_without_a_day_it_opens_on_that_of_its_start() -> None:
    assert openings(monthly("2026-12-15T22:00"), count=2) == ["2026-12-15T21:00", "2027-01-15T21:00"]


def test_it_never_opens_before_its_start() -> None:
    assert openings(monthly("2026-12-13T22:00", "second saturday"), count=1) == ["2027-01-09T21:00"]


def test_an_hour_that_the_clocks_skip_is_moved_on_in_that_month_only() -> None:
    found = openings(monthly("2027-01-31T02:30", "last sunday"), count=4)

    assert found == ["2027-01-31T01:30", "2027-02-28T01:30", "2027-03-28T01:30", "2027-04-25T00:30"]


def test_an_opening_over_the_end_of_a_month_is_still_open_in_the_next_one() -> None:
    over = monthly("2026-12-31T22:00", "last day", length=timedelta(days=2))

    assert openings(over, datetime(2027, 1, 1, 12, tzinfo=UTC), 1) == ["2026-12-31T21:00"]


def test_years_later_it_is_found_at_once() -> None:
    assert openings(monthly(day="last friday"), datetime(2098, 6, 1, tzinfo=UTC), 1) == ["2098-06-27T20:00"]


def test_a_day_of_the_month_meets_a_weekday_after_months() -> None:
    fifteenth = monthly("2026-09-15T22:00")
    saturdays = Window(start="2026-09-19T22:00", length=timedelta(hours=1), every="weekly")
    met = overlap(fifteenth, saturdays, NOW)

    assert met is not None
    assert met.start.date() == date(2027, 5, 15)


@pytest.mark.parametrize(
    ("other", "clash"),
    [
        (Window(start="2026-12-05T20:00", length=timedelta(hours=6), every="weekly"), True),
        (Window(start="2026-12-06T22:00", length=timedelta(hours=6), every="weekly"), False),
        (monthly(day="first saturday"), False),
        (monthly("2026-12-13T22:00"), True),  # the thirteenth is a second Saturday in February
        (Window(start="2029-01-13T20:00", length=timedelta(hours=6)), True),
    ],
)
def test_second_saturdays_meet_other_windows_or_do_not(other: Window, clash: bool) -> None:
    window = monthly(day="second saturday")

    assert (overlap(window, other, NOW) is not None) is clash
    assert (overlap(other, window, NOW) is not None) is clash


@given(st.sampled_from(WEEKDAYS), st.integers(2020, 2099), st.integers(1, 12))
def test_the_named_weekdays_of_a_month_come_in_order(weekday: str, year: int, month: int) -> None:
    names = ("first", "second", "third", "fourth", "last")
    days = [day_of_month(f"{name} {weekday}", 1, year, month) for name in names]
    found = [day for day in days if day is not None]

    assert {day.weekday() for day in found} == {WEEKDAYS.index(weekday)}
    assert [(day.day - 1) // 7 for day in found[:4]] == [0, 1, 2, 3]
    assert found[4] in (found[3], found[3] + timedelta(days=7))
    assert (found[4] + timedelta(days=7)).month != month


def test_a_month_without_the_day_has_no_opening() -> None:
    assert day_of_month("", 31, 2027, 2) is None
    assert day_of_month("", 31, 2027, 3) == date(2027, 3, 31)
