"""A participant of the skipping clock: time moves only when all participants report idle, and never past a moment that one named."""

from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from ..clock import Line

LEASE = 60  # real seconds; every turn renews it
NAME = "driver"
PATIENCE = 3  # looks at a clock that stands
STILL = "nobody-plays-yet"  # a hold of the clock
LONGEST_MAKING = 900  # real seconds for making a world and submitting a plan


def stand_still(clock: str) -> None:
    """Let no time pass until an actor is there: nobody lives in the world yet, and windows would be over before anybody acts."""
    line = Line(clock)
    line.ask("PUT", f"/holds/{STILL}?lease={LONGEST_MAKING}")
    line.close()


@dataclass(frozen=True)
class Turn:
    """Everybody is idle in this epoch and would jump; until it is answered the clock stands still."""

    epoch: int
    now: datetime


class Actor:
    """A registered actor; with a clock that goes by itself it has no turns."""

    def __init__(self, clock: str) -> None:
        """Connect; nothing is registered yet."""
        self._clock = Line(clock)
        self._stop_at: datetime | None = None
        self._away: int | None = None  # the epoch in which time was last seen to stand, while it goes without us
        self._stood = 0
        self.skipping = False

    def __enter__(self) -> Self:
        """Register; time may pass now, with us."""
        self.skipping = self._clock.ask("PUT", f"/actors/{NAME}?lease={LEASE}")["mode"] == "skipping"
        self._clock.ask("POST", "", {"until": None})  # an actor before us may have had a moment of its own
        self._clock.ask("DELETE", f"/holds/{STILL}")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let the clock go without us."""
        try:
            self._clock.ask("DELETE", f"/actors/{NAME}")
        except OSError:
            return  # the clock is gone
        finally:
            self._clock.close()

    def now(self) -> datetime:
        """Give the clock's moment."""
        return _moment(self._clock.ask("GET", "")["now"])

    def turn(self, patience: float = 1.0) -> Turn | None:
        """Wait until everybody is idle; None when it took longer, or when we are away. Where we stopped the clock, it may go on."""
        if self._away is not None and not self._returns(patience):
            return None
        turn = self._clock.ask("GET", f"/actors/{NAME}/turn?wait={patience}&lease={LEASE}")
        now = _moment(turn["now"])
        if self._stop_at is not None and now >= self._stop_at:
            self.stop_at(None)
        return Turn(turn["epoch"], now) if turn["proposed"] is not None or turn["still"] else None

    def answer(self, turn: Turn, *, acted: bool) -> None:
        """Let time go on, or say that there is something new to do."""
        self._clock.ask("POST", f"/actors/{NAME}/turn", {"epoch": turn.epoch, "proceed": not acted})

    @property
    def is_away(self) -> bool:
        """Whether time goes on without us."""
        return self._away is not None

    def leave_until(self, moment: datetime) -> None:
        """Let time go on without us up to a moment: nobody asks us about each jump."""
        self.stop_at(moment)
        self._away, self._stood = -1, 0
        self._clock.ask("DELETE", f"/actors/{NAME}")

    def _returns(self, patience: float) -> bool:
        """Wait for the moment, or until time stands still for long: somebody is busy, or nothing is due any more."""
        seen = self._clock.ask("GET", f"/actors/{NAME}/turn?wait={patience}")
        self._stood = self._stood + 1 if seen["epoch"] == self._away else 0
        self._away = seen["epoch"]
        waits = self._stop_at is not None and _moment(seen["now"]) < self._stop_at
        if waits and self._stood < PATIENCE and not seen["over"]:
            return False
        self._clock.ask("PUT", f"/actors/{NAME}?lease={LEASE}")
        self._away = None
        self.stop_at(None)
        return True

    def stop_at(self, moment: datetime | None) -> None:
        """Let no jump pass a moment."""
        if moment != self._stop_at:
            self._stop_at = moment
            self._clock.ask("POST", "", {"until": moment and moment.isoformat()})


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
