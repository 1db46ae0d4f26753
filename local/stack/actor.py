"""A participant of the skipping clock: time moves only when all participants report idle, and never past a moment that one named."""

from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import httpx

LEASE = 60  # real seconds; every turn renews it
NAME = "driver"


@dataclass(frozen=True)
class Turn:
    """Everybody is idle in this epoch and would jump; until it is answered the clock stands still."""

    epoch: int
    now: datetime


class Actor:
    """A registered actor; with a clock that goes by itself it has no turns."""

    def __init__(self, clock: str) -> None:
        """Connect; nothing is registered yet."""
        self._url = clock
        self._http = httpx.Client(timeout=30, trust_env=False)
        self._stop_at: datetime | None = None
        self.skipping = False

    def __enter__(self) -> Self:
        """Register."""
        self.skipping = self._ask("PUT", f"/actors/{NAME}?lease={LEASE}")["mode"] == "skipping"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let the clock go without us."""
        try:
            self._ask("DELETE", f"/actors/{NAME}")
        except httpx.HTTPError:
            return  # the clock is gone
        finally:
            self._http.close()

    def now(self) -> datetime:
        """Give the clock's moment."""
        return _moment(self._ask("GET", "")["now"])

    def turn(self, patience: float = 1.0) -> Turn | None:
        """Wait until everybody is idle; None when it took longer, or when we had stopped the clock ourselves."""
        turn = self._ask("GET", f"/actors/{NAME}/turn?wait={patience}&lease={LEASE}")
        now = _moment(turn["now"])
        if turn["proposed"] is not None:
            return Turn(turn["epoch"], now)
        if self._stop_at is not None and now >= self._stop_at:
            self.stop_at(None)
        return None

    def answer(self, turn: Turn, *, acted: bool) -> None:
        """Let time go on, or say that there is something new to do."""
        self._ask("POST", f"/actors/{NAME}/turn", {"epoch": turn.epoch, "proceed": not acted})

    def stop_at(self, moment: datetime | None) -> None:
        """Let no jump pass a moment."""
        if moment != self._stop_at:
            self._stop_at = moment
            self._ask("POST", "", {"until": moment and moment.isoformat()})

    def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = self._http.request(method, self._url + path, json=body)
        answer.raise_for_status()
        return dict(answer.json()) if answer.content else {}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
