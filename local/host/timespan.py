"""Reads .NET time spans, the form of every duration in host.json."""

import re
from datetime import timedelta

_SPAN = re.compile(
    r"\s*(?:(?P<days>\d+)\.)?(?P<hours>\d+):(?P<minutes>[0-5]?\d)(?::(?P<seconds>[0-5]?\d)(?:\.(?P<part>\d{1,7}))?)?\s*"
)
_DAYS = re.compile(r"\s*(\d+)\s*")
_DAYS_FIRST = re.compile(r"\s*(?P<days>\d+):(?P<rest>\d+:\d+:\d+(?:\.\d{1,7})?)\s*")
LONGEST = timedelta(days=10675199, hours=2, minutes=48, seconds=5)


def parse_timespan(text: str) -> timedelta | None:
    """Return the duration of `[d.]hh:mm[:ss[.fffffff]]`, `d:hh:mm:ss` or whole days; None when it is no time span.

    Documented: hours above 23 are days, so `24:00:00` is 24 days and `25:00` 25 hours is refused. What is longer than
    .NET's longest span (some 29,000 years) is none.
    """
    days = _DAYS.fullmatch(text)
    if days:
        return _at_most(int(days.group(1)))
    first = _DAYS_FIRST.fullmatch(text)
    span = _SPAN.fullmatch(f"{first['days']}.{first['rest']}" if first else text)
    return _of_match(span) if span else None


def _at_most(days: int) -> timedelta | None:
    return timedelta(days=days) if days <= LONGEST.days else None


def _of_match(span: re.Match[str]) -> timedelta | None:
    days, hours = int(span["days"] or 0), int(span["hours"])
    minutes, seconds = int(span["minutes"]), int(span["seconds"] or 0)
    part = timedelta(microseconds=int((span["part"] or "0").ljust(7, "0")) // 10)
    if hours <= 23:
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds) + part
    if span["days"] or span["seconds"] is None or span["part"] or minutes > 23:
        return None
    return timedelta(days=hours, hours=minutes, minutes=seconds)
