"""Times, durations and foreign text in words that fit a terminal; every time is shown in UTC."""

import unicodedata
from datetime import UTC, datetime

MINUTE, HOUR, DAY = 60, 3600, 86400


def plain(text: str) -> str:
    """Give text without what could steer a terminal (escapes, other control characters); lines stay."""
    return "".join(each for each in text if each == "\n" or unicodedata.category(each) not in ("Cc", "Cf"))


def moment(at: datetime | None) -> str:
    """Give a moment as date and time, e.g. 2026-11-21 14:05:09Z; empty when there is none."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}" if at else ""


def hour(at: datetime | None, today: datetime | None = None) -> str:
    """Give a moment briefly: 14:05Z, with its day unless that is the day of `today`."""
    if at is None:
        return ""
    in_utc = at.astimezone(UTC)
    same_day = today is not None and in_utc.date() == today.astimezone(UTC).date()
    return f"{in_utc:%H:%MZ}" if same_day else f"{in_utc:%m-%d %H:%MZ}"


def duration(seconds: float | None) -> str:
    """Give a duration in its two largest units: 45 s, 12 min 5 s, 3 h 20 min, 2 d 4 h."""
    if seconds is None:
        return ""
    left = round(seconds)
    if left < MINUTE:
        return f"{left} s"
    if left < HOUR:
        return _two(left, MINUTE, "min", 1, "s")
    if left < DAY:
        return _two(left, HOUR, "h", MINUTE, "min")
    return _two(left, DAY, "d", HOUR, "h")


def _two(seconds: int, unit: int, name: str, smaller: int, smaller_name: str) -> str:
    wholes, remainder = divmod(seconds, unit)
    return f"{wholes} {name}" + (f" {remainder // smaller} {smaller_name}" if remainder // smaller else "")


def brief(seconds: float | None) -> str:
    """Give a duration in one unit, for a narrow column: 45s, 12m, 3h, 2d."""
    if seconds is None:
        return ""
    for unit, letter in ((DAY, "d"), (HOUR, "h"), (MINUTE, "m")):
        if seconds >= unit:
            return f"{round(seconds / unit)}{letter}"
    return f"{round(seconds)}s"


def count(number: int, noun: str) -> str:
    """Give a number with its noun: 1 machine, 3 machines."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
