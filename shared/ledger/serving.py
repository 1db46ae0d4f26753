"""Where a machine serves: on its source, in Azure, nowhere, or nobody can tell; and each outage, however it ends.

An outage begins when the machine ceases to serve and ends when it is seen to serve again, wherever that is. Submitting
a failover again does not begin it anew, and not knowing does not end it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from pydantic import Field

from shared.models import NEVER, Model


class Serving(StrEnum):
    """Where a machine serves."""

    SOURCE = "source"
    TARGET = "target"
    NOWHERE = "nowhere"
    UNKNOWN = "unknown"


class Outage(Model):
    """A time in which a machine served nowhere."""

    began: datetime
    ended: datetime | None = Field(default=None, description="None = it has not ended")
    served_by: Serving | None = Field(default=None, description="where it served afterwards: source or target")

    def lasted(self, now: datetime) -> timedelta:
        """Give how long it lasted, or has lasted by `now`."""
        return max((self.ended or now) - self.began, timedelta())


class Service(Model):
    """Where a machine serves, since when, and its outages, the oldest first."""

    at: Serving = Serving.UNKNOWN
    since: datetime = NEVER
    outages: tuple[Outage, ...] = ()

    @property
    def outage(self) -> Outage | None:
        """Give the outage that has not ended."""
        return self.outages[-1] if self.outages and self.outages[-1].ended is None else None


Change = Callable[[Service], Service]  # of a row's service: a ledger change applies it to what stands there


def down(at: datetime) -> Change:
    """The machine ceased to serve; an outage that goes on keeps its beginning."""
    return partial(_down, at)


def up(where: Serving, at: datetime) -> Change:
    """The machine is seen to serve on its source or in Azure: its outage, if it had one, ends."""
    return partial(_up, where, at)


def in_doubt(at: datetime) -> Change:
    """Nobody can tell any more where it serves; an outage goes on until it is seen to serve."""
    return partial(_in_doubt, at)


def never_down(at: datetime) -> Change:
    """The machine turned out to have served on its source all the time: its outage is taken back."""
    return partial(_never_down, at)


def assessed(at: datetime, *, found: bool, state: str | None) -> Change:
    """The assessment read the source: it serves where it runs, and a power that nobody can tell is taken for running.

    Nobody took down a source that is off, so that is no outage of ours. What a cutover did stays as it is.
    """
    runs = found and state in ("running", None)
    return partial(_assessed, at, Serving.SOURCE if runs else Serving.NOWHERE if found else Serving.UNKNOWN)


def unchanged(now: Service) -> Service:
    """Nothing is known that was not known before."""
    return now


def _assessed(at: datetime, where: Serving, now: Service) -> Service:
    ours = now.outage is not None or now.at == Serving.TARGET
    return now if ours or now.at == where else now.replace(at=where, since=at)


def _down(at: datetime, now: Service) -> Service:
    if now.at == Serving.NOWHERE:
        return now
    outages = now.outages if now.outage else (*now.outages, Outage(began=at))
    return Service(at=Serving.NOWHERE, since=at, outages=outages)


def _up(where: Serving, at: datetime, now: Service) -> Service:
    if now.at == where:
        return now
    going_on, outages = now.outage, now.outages
    if going_on is not None:
        outages = (*outages[:-1], going_on.replace(ended=max(at, going_on.began), served_by=where))
    return Service(at=where, since=at, outages=outages)


def _in_doubt(at: datetime, now: Service) -> Service:
    return now if now.at == Serving.UNKNOWN else now.replace(at=Serving.UNKNOWN, since=at)


def _never_down(at: datetime, now: Service) -> Service:
    outages = now.outages[:-1] if now.outage else now.outages
    return Service(at=Serving.SOURCE, since=at, outages=outages)


def downtime(outages: tuple[Outage, ...], now: datetime) -> timedelta | None:
    """Give how long all outages lasted together; None without any."""
    return sum((each.lasted(now) for each in outages), timedelta()) if outages else None
