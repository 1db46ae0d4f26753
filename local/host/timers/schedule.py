"""A timer's schedule: an NCRONTAB expression or a fixed interval."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from ..problems import HostError
from ..timespan import parse_timespan
from .ncrontab import BadExpressionError, parse

MONITORED_FROM = timedelta(minutes=1)
LOOKED_AT = 5


@dataclass(frozen=True)
class Schedule:
    """When a timer is due."""

    text: str
    after: Callable[[datetime], datetime | None]

    def is_frequent(self, now: datetime) -> bool:
        """Say whether it comes more often than once a minute: then Azure does not keep its status."""
        moments = [now]
        while len(moments) <= LOOKED_AT:
            following = self.after(moments[-1])
            if following is None:
                break
            moments.append(following)
        return any(later - sooner < MONITORED_FROM for sooner, later in pairwise(moments[1:]))


def parse_schedule(text: str, where: str) -> Schedule:
    """Read a schedule as Azure does: NCRONTAB first, else a time span; raises HostError for anything else."""
    try:
        return Schedule(text, parse(text).after)
    except BadExpressionError as error:
        interval = parse_timespan(text)
        if not interval:
            raise HostError(
                f"{where}: the schedule expression '{text}' was not recognized "
                f"as a valid cron expression or timespan string ({error})."
            ) from error
    return Schedule(text, lambda moment: moment + interval)
