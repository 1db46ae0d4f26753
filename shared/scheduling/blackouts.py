"""Times in which no cutover begins, with their reasons: a window's own, and those of the whole company.

The company's stand in the setting `AZFERRY_BLACKOUTS`. A calendar that cannot be read lets nobody begin: it is better
asked for once more than passed over.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from shared.plan.cutover import Blackout, Window
from shared.plan.values import TimeZone
from shared.problems import Busy
from shared.scheduling import zones
from shared.settings import PREFIX, settings

SETTING: Final = f"{PREFIX}BLACKOUTS"


class CompanyBlackout(Blackout):
    """A time in which no cutover of any plan begins; local to its time zone."""

    time_zone: TimeZone = Field(default="UTC", description="IANA time zone")


@dataclass(frozen=True)
class Closure:
    """From a moment (included) until another (excluded) no cutover begins."""

    start: datetime
    end: datetime
    reason: str = ""
    company: bool = False  # of the whole company, not of one window

    def __str__(self) -> str:
        """Say until when, whose and why."""
        whose = "the company's blackout" if self.company else "a blackout"
        return f"{whose} until {self.end:%Y-%m-%d %H:%M} UTC" + (f" ({self.reason})" if self.reason else "")


def closures(window: Window | None = None) -> list[Closure]:
    """Give when no cutover begins, whatever a window says. Raise `Busy` where the company's calendar cannot be read."""
    own = [_closure(each, window.time_zone) for each in window.blackouts] if window else []
    return [*own, *company(settings().blackouts)]


@lru_cache(maxsize=4)
def company(text: str) -> tuple[Closure, ...]:
    """Read the company's blackouts. Raise `Busy` with words where they cannot be read."""
    try:
        return tuple(_closure(each, each.time_zone, company=True) for each in CALENDAR.validate_json(text or "[]"))
    except ValidationError as error:
        first = error.errors()[0]
        where = "/".join(str(step) for step in first["loc"])
        raise Busy(
            f"the setting {SETTING} cannot be read, so no cutover begins: {first['msg']} {where}".strip()
        ) from None


def _closure(blackout: Blackout, time_zone: str, *, company: bool = False) -> Closure:
    zone = zones.zone(time_zone)
    start, end = (to_utc(datetime.fromisoformat(text), zone) for text in (blackout.start, blackout.end))
    return Closure(start, end, blackout.reason, company)


def _makes_sense(blackout: CompanyBlackout) -> CompanyBlackout:
    """Let pydantic tell what a plan's rules tell of a window's blackouts."""
    if blackout.time_zone not in zones.names():
        raise ValueError(f"there is no time zone {blackout.time_zone}")
    closure = _closure(blackout, blackout.time_zone)
    if closure.end <= closure.start:
        raise ValueError("the blackout ends before it starts")
    return blackout


def to_utc(local: datetime, zone: ZoneInfo) -> datetime:
    """Give the moment of a local time."""
    return local.replace(tzinfo=zone).astimezone(UTC)


def first_free(moment: datetime, closed: Iterable[Closure]) -> tuple[datetime, Sequence[Closure]]:
    """Give the first moment from this one that lies in no blackout, and those that were in between."""
    passed = list[Closure]()
    for each in sorted(closed, key=lambda each: each.start):
        if each.start <= moment < each.end:
            moment = each.end
            passed.append(each)
    return moment, passed


CALENDAR: Final = TypeAdapter(tuple[Annotated[CompanyBlackout, AfterValidator(_makes_sense)], ...])
