"""Times and durations in words."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from cli.wording import brief, count, duration, hour, moment

AT = datetime(2026, 11, 21, 14, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "long", "short"),
    [
        (None, "", ""),
        (0, "0 s", "0s"),
        (59.6, "1 min", "60s"),
        (754, "12 min 34 s", "13m"),
        (3600, "1 h", "1h"),
        (12_000, "3 h 20 min", "3h"),
        (187_200, "2 d 4 h", "2d"),
    ],
)
def test_a_duration_has_its_two_largest_units_or_one(seconds, long, short):
    assert (long, short) == (duration(seconds), brief(seconds))


def test_a_moment_is_told_in_utc():
    amsterdam = AT.astimezone(timezone(timedelta(hours=1)))

    assert moment(amsterdam) == "2026-11-21 14:05:09Z"


def test_an_hour_has_its_day_unless_it_is_today():
    assert ["14:05Z", "11-21 14:05Z", "11-21 14:05Z", ""] == [
        hour(AT, AT),
        hour(AT, AT + timedelta(days=1)),
        hour(AT),
        hour(None, AT),
    ]


def test_one_is_not_many():
    assert ["1 wave", "0 waves", "1,200 waves"] == [count(1, "wave"), count(0, "wave"), count(1_200, "wave")]
