from datetime import UTC, datetime, timedelta

import pytest

from local.host.problems import HostError
from local.host.timers.schedule import parse_schedule

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


def test_a_time_span_is_an_interval() -> None:
    assert parse_schedule("00:05:00", "tend").after(NOW) == NOW + timedelta(minutes=5)


def test_a_time_span_of_24_hours_means_24_days() -> None:
    assert parse_schedule("24:00:00", "tend").after(NOW) == NOW + timedelta(days=24)


@pytest.mark.parametrize("text", ["every day", "00:00:00", "0 0 25 * * *", ""])
def test_anything_else_is_refused_naming_the_function(text: str) -> None:
    with pytest.raises(HostError, match="tend"):
        parse_schedule(text, "tend")


@pytest.mark.parametrize(
    ("text", "frequent"),
    [
        ("*/30 * * * * *", True),
        ("0 * * * * *", False),
        ("0,30 0 * * * *", True),
        ("00:00:59", True),
        ("01:00:00", False),
    ],
)
def test_only_schedules_of_a_minute_or_more_are_monitored(text: str, frequent: bool) -> None:
    assert parse_schedule(text, "tend").is_frequent(NOW) is frequent
