from datetime import UTC, datetime, timedelta

import pytest

from local.host.problems import HostError
from local.host.timers.schedule import parse_schedule

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


def test_a_time_span_is_an_interval() -> None:
    assert parse_schedule("00:05:00", "tend").after(NOW) == NOW + timedelta(minutes=5)


def test_a_time_span_of_24_hours_means_24_days() -> None:
    assert parse_schedule("24:00:00", "tend").after(NOW) == NOW + timedelta(days=24)


@pytest.mark.parametrize(
    "text", ["every day", "00:00:00", "0 0 25 * * *", "", "99999999999", "0 */99999999999 * * * *"]
)
def test_anything_else_is_refused_naming_the_function(text: str) -> None:
    with pytest.raises(HostError, match="tend"):
        parse_schedule(text, "tend")


def test_a_time_span_of_four_numbers_begins_with_days() -> None:
    assert parse_schedule("1:2:3:4", "tend").after(NOW) == NOW + timedelta(days=1, hours=2, minutes=3, seconds=4)


def test_an_interval_beyond_the_end_of_time_is_never_due() -> None:
    assert parse_schedule("10675199", "tend").after(NOW) is None


@pytest.mark.parametrize(
    ("text", "frequent"),
    [
        ("*/30 * * * * *", True),
        ("*/30 0-59 */1 * * *", True),
        ("0 * * * * *", False),
        ("0,30 0 * * * *", False),
        ("0-30 0 2 * * *", False),
        ("*/30 0 2 * * *", False),
        ("* 0 0 1 1 *", False),
        ("00:00:59", True),
        ("01:00:00", False),
    ],
)
def test_only_what_comes_more_often_than_each_minute_of_the_year_is_not_monitored(text: str, frequent: bool) -> None:
    assert parse_schedule(text, "tend").is_frequent is frequent
