"""The one clock of the local stack, seen from its clients: real, scaled or skipping."""

from datetime import UTC, datetime
from typing import Literal, Protocol

Mode = Literal["real", "scaled", "skipping"]


class Clock(Protocol):
    """What the host asks of a clock. `now` never blocks; the others may, so they run on the clock thread only."""

    @property
    def mode(self) -> Mode:
        """How time goes."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""

    def refresh(self) -> None:
        """Ask again how time goes."""

    def real_seconds(self, due: datetime) -> float:
        """Return how many real seconds pass until `due` (real and scaled)."""

    def idle(self, due: datetime | None) -> bool:
        """Say that nothing runs until `due`, wait up to about a second; True when time moved (skipping)."""

    def busy(self) -> None:
        """Take the idle report back (skipping)."""


class RealClock:
    """The wall clock."""

    mode: Mode = "real"

    def now(self) -> datetime:
        """Return the wall clock's moment."""
        return datetime.now(UTC)

    def refresh(self) -> None:
        """Do nothing: the wall clock is never asked twice."""

    def real_seconds(self, due: datetime) -> float:
        """Return the seconds until `due`."""
        return max(0.0, (due - self.now()).total_seconds())

    def idle(self, due: datetime | None) -> bool:  # noqa: ARG002 - a protocol's parameter
        """Real time cannot be moved."""
        return False

    def busy(self) -> None:
        """Do nothing: there is no report to take back."""


def open_clock(url: str | None) -> Clock:
    """Return the clock that `url` tells of, the wall clock without one."""
    if url is None:
        return RealClock()
    raise NotImplementedError  # the scaled and the skipping clock's client: person ENGINE
