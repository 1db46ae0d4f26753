"""Parses NCRONTAB expressions and finds their occurrences, with the rules of the NCrontab library that Azure uses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
YEARS_AHEAD = 30
LARGEST = 2**31 - 1
_INTEGER = re.compile(r"[\t-\r ]*[+-]?[0-9]+[\t-\r ]*")


class BadExpressionError(ValueError):
    """The text is no NCRONTAB expression."""


@dataclass(frozen=True)
class Field:
    """One of the six fields: its name, its bounds and the names that stand for its values."""

    name: str
    least: int
    most: int
    names: tuple[str, ...] = ()


FIELDS = (
    Field("second", 0, 59),
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day", 1, 31),
    Field("month", 1, 12, MONTHS),
    Field("day of week", 0, 6, DAYS),
)


@dataclass(frozen=True)
class Ncrontab:
    """A parsed expression: the values of each field, in order."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    @property
    def is_frequent(self) -> bool:
        """Whether it comes more often than once a minute, judged by its fields as Azure does.

        Only a schedule of the form `X * * * * *` counts; one that is frequent in a single hour of the day does not.
        """
        wild = (FIELDS[1:], (self.minutes, self.hours, self.days, self.months, self.weekdays))
        every_minute = all(len(values) == field.most - field.least + 1 for field, values in zip(*wild, strict=True))
        return every_minute and len(self.seconds) > 1

    def after(self, moment: datetime) -> datetime | None:
        """Give the first occurrence later than `moment` (aware, UTC); None when none is near (30 February)."""
        start = moment.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)
        clock = self._clock_from(start.time())
        if self._on(start.date()) and clock is not None:
            return datetime.combine(start.date(), clock, UTC)
        first = self._clock_from(time.min)
        day = next((day for day in _days_after(start.date()) if self._on(day)), None)
        return datetime.combine(day, first, UTC) if day and first else None

    def _on(self, day: date) -> bool:
        # Day and day of week must both fit; plain cron would take either.
        return day.month in self.months and day.day in self.days and day.isoweekday() % 7 in self.weekdays

    def _clock_from(self, least: time) -> time | None:
        """Give the first time of day that fits, `least` or later."""
        for hour in (hour for hour in self.hours if hour >= least.hour):
            same_hour = hour == least.hour
            for minute in (minute for minute in self.minutes if not same_hour or minute >= least.minute):
                same = same_hour and minute == least.minute
                second = next((second for second in self.seconds if not same or second >= least.second), None)
                if second is not None:
                    return time(hour, minute, second)
        return None


def parse(text: str) -> Ncrontab:
    """Parse six fields, or five without seconds; raises BadExpressionError saying which field is wrong."""
    parts = [part for part in text.split(" ") if part]  # a tab parts no fields there
    if len(parts) == 5:
        parts.insert(0, "0")
    if len(parts) != len(FIELDS):
        raise BadExpressionError(
            f"'{text}' has {len(parts)} fields; it takes six: second minute hour day month weekday"
        )
    values = [_values(part, field) for part, field in zip(parts, FIELDS, strict=True)]
    seconds, minutes, hours = (tuple(sorted(found)) for found in values[:3])
    return Ncrontab(seconds, minutes, hours, *values[3:])


def _values(text: str, field: Field) -> frozenset[int]:
    return frozenset(value for item in text.split(",") for value in _item(item, field))


def _item(text: str, field: Field) -> Iterator[int]:
    span, slash, step = text.partition("/")
    # A step below one is taken as one, as NCrontab does.
    every = max(_number(step, field), 1) if slash else 1
    if span == "*":
        return iter(range(field.least, field.most + 1, every))
    first, dash, last = span.partition("-")
    start = _value(first, field)
    end = _value(last, field) if dash else (field.most if slash else start)
    # A range the wrong way round is turned, as NCrontab does.
    low, high = sorted((start, end))
    return iter(range(low, high + 1, every))


def _number(text: str, field: Field) -> int:
    """Read a whole number as .NET does: blanks around it, a sign, 32 bits."""
    if not _INTEGER.fullmatch(text) or abs(int(text)) > LARGEST:
        raise BadExpressionError(f"{field.name}: '{text}' is no number")
    return int(text)


def _value(text: str, field: Field) -> int:
    if text[:1].isascii() and text[:1].isdigit():
        value = _number(text, field)
        if field.least <= value <= field.most:
            return value
        raise BadExpressionError(f"{field.name}: {value} is not between {field.least} and {field.most}")
    return _named(text, field)


def _named(text: str, field: Field) -> int:
    # The start of a name is enough, and the first name wins: `J` is January.
    for at, name in enumerate(field.names):
        if text and name.lower().startswith(text.lower()):
            return at + field.least
    raise BadExpressionError(f"{field.name}: '{text}' is no value")


def _days_after(day: date) -> Iterator[date]:
    last = date(min(day.year + YEARS_AHEAD, date.max.year), 12, 31)
    while day < last:
        day += timedelta(days=1)
        yield day
