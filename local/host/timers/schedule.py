"""A timer's schedule: an NCRONTAB expression or a fixed interval."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..problems import HostError
from ..timespan import parse_timespan
from .ncrontab import BadExpressionError, parse

MONITORED_FROM = timedelta(minutes=1)


@dataclass(frozen=True)
class Schedule:
    """When a timer is due, and whether that is more than once a minute: then Azure does not keep its status."""

    text: str
    after: Callable[[datetime], datetime | None]
    is_frequent: bool


def parse_schedule(text: str, where: str) -> Schedule:
    """Return the schedule that a text means to Azure: NCRONTAB first, else a time span. Raise HostError for others."""
    try:
        cron = parse(text)
    except BadExpressionError as error:
        return Schedule(text, *_interval(text, where, error))
    return Schedule(text, cron.after, cron.is_frequent)


def _interval(text: str, where: str, error: BadExpressionError) -> tuple[Callable[[datetime], datetime | None], bool]:
    interval = parse_timespan(text)
    if not interval:
        raise HostError(
            f"{where}: the schedule expression '{text}' was not recognized "
            f"as a valid cron expression or timespan string ({error})."
        ) from error
    return lambda moment: _later(moment, interval), interval < MONITORED_FROM


def _later(moment: datetime, interval: timedelta) -> datetime | None:
    try:
        return moment + interval
    except OverflowError:
        # .NET's listener fails here; either way the timer never fires.
        return None
