from datetime import timedelta

import pytest

from local.host.timespan import parse_timespan


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("00:00:30", timedelta(seconds=30)),
        ("00:10", timedelta(minutes=10)),
        ("1.02:03:04", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("00:00:00.1", timedelta(milliseconds=100)),
        ("00:00:00.0000001", timedelta(0)),
        ("7", timedelta(days=7)),
        ("24:00:00", timedelta(days=24)),
        ("23:59:59", timedelta(hours=23, minutes=59, seconds=59)),
    ],
)
def test_a_dotnet_time_span_is_read(text: str, expected: timedelta) -> None:
    assert parse_timespan(text) == expected


@pytest.mark.parametrize("text", ["", "PT5M", "00:60:00", "00:00:60", "25:00", "-00:00:01", "5 minutes"])
def test_anything_else_is_none(text: str) -> None:
    assert parse_timespan(text) is None
