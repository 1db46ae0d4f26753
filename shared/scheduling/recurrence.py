"""When a window opens again, as calendar arithmetic: by how much each opening is later than its first start.

All of it is local time: a window keeps its hour and its day whatever the clocks do.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count

from shared.plan.cutover import Window

# So long at least from one opening to the next.
PERIODS = {"daily": timedelta(days=1), "weekly": timedelta(days=7), "monthly": timedelta(days=28)}
# So long after both have started, two windows have met if they ever do; a 15th falls on a Saturday within 14 months.
MET_WITHIN = {"": timedelta(days=1), "daily": timedelta(days=15), "weekly": timedelta(days=15)} | {
    "monthly": timedelta(days=460)
}
EVERY_MONTH = 28  # the last day that each month has
LAST_DAY = "last day"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ORDINALS = ("first", "second", "third", "fourth")
A_WEEK = 7


def shifts(window: Window, first: datetime, passed: timedelta) -> Iterator[timedelta]:
    """Give by how much the openings are later than the window's start, in order.

    Those may be left out that began more than a period before `passed`.
    """
    if not window.every:
        return iter([timedelta()])
    if window.every == "monthly":
        return _monthly(window.day, first, passed)
    period = PERIODS[window.every]
    return (number * period for number in count(max(0, passed // period - 1)))


def _monthly(day: str, first: datetime, passed: timedelta) -> Iterator[timedelta]:
    """Give the openings of a window that opens once a month; a month without such a day has none."""
    month = 12 * first.year + first.month - 1
    reached = first + max(passed, timedelta())
    for number in count(max(month, 12 * reached.year + reached.month - 2)):
        year, before = divmod(number, 12)
        found = day_of_month(day, first.day, year, before + 1)
        if found is not None and found >= first.date():
            yield found - first.date()


def day_of_month(day: str, start: int, year: int, month: int) -> date | None:
    """Give the day of a month that is meant: such as `second saturday`, `last day`, or (empty) that of the start."""
    length = monthrange(year, month)[1]
    if not day:
        return date(year, month, start) if start <= length else None
    if day == LAST_DAY:
        return date(year, month, length)
    which, _, weekday = day.partition(" ")
    wanted = WEEKDAYS.index(weekday)
    if which == "last":
        return date(year, month, length - (date(year, month, length).weekday() - wanted) % A_WEEK)
    earliest = 1 + (wanted - date(year, month, 1).weekday()) % A_WEEK
    return date(year, month, earliest + A_WEEK * ORDINALS.index(which))
