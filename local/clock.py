"""The one clock of the local stack, seen from its clients: real, scaled or skipping."""

import http.client
import json
import os
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

Mode = Literal["real", "scaled", "skipping"]
PATIENCE = 10.0  # real seconds for an answer of the clock's server; it holds an idle report for about one


class Clock(Protocol):
    """What the host asks of a clock. `now` never blocks; the others may, so they run on the clock thread only."""

    @property
    def mode(self) -> Mode:
        """How time goes."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""

    def refresh(self) -> None:
        """Ask again how time goes; raises OSError when the clock is away."""

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


@dataclass(frozen=True)
class ClockState:
    """What the clock's server answers."""

    mode: Mode
    now: datetime
    factor: float
    origin: datetime
    started: float
    epoch: int

    @staticmethod
    def read(body: dict[str, Any]) -> "ClockState":
        """Read the wire shape."""
        now, origin = (datetime.fromisoformat(body[name]).astimezone(UTC) for name in ("now", "origin"))
        return ClockState(body["mode"], now, float(body["factor"]), origin, float(body["started"]), int(body["epoch"]))

    def at(self, wall: float) -> datetime:
        """Return the moment that this state means when the wall clock shows `wall`."""
        if self.mode == "skipping":
            return self.now
        if self.mode == "scaled":
            return self.origin + timedelta(seconds=(wall - self.started) * self.factor)
        return datetime.fromtimestamp(wall, UTC)


class RemoteClock:
    """The stack's clock, kept by another process and asked over HTTP."""

    def __init__(self, url: str, participant: str | None = None) -> None:
        self._participant = participant or f"host-{os.getpid()}"
        self._reports = Line(url)  # an idle report waits, so taking it back needs a line of its own
        self._calls = Line(url)
        self._state = ClockState.read(self._calls.ask("GET", ""))

    @property
    def mode(self) -> Mode:
        """How time goes."""
        return self._state.mode

    def now(self) -> datetime:
        """Return the present moment as last told (skipping) or as it follows from the wall clock."""
        return self._state.at(time.time())

    def refresh(self) -> None:
        """Ask how time goes; raises OSError when the clock is away."""
        self._state = ClockState.read(self._calls.ask("GET", ""))

    def real_seconds(self, due: datetime) -> float:
        """Return how many real seconds pass until `due`."""
        factor = self._state.factor if self._state.mode == "scaled" else 1.0
        return max(0.0, (due - self.now()).total_seconds() / factor)

    def idle(self, due: datetime | None) -> bool:
        """Report idleness in this epoch; True when time moved."""
        before = self._state
        body = {"participant": self._participant, "epoch": before.epoch, "due": due and due.isoformat()}
        self._state = ClockState.read(self._reports.ask("POST", "/idle", body))
        return self._state.epoch != before.epoch

    def close(self) -> None:
        """Close the connections; a later call would open them again."""
        self._reports.close()
        self._calls.close()

    def busy(self) -> None:
        """Take the idle report back."""
        if self._state.mode == "skipping":
            self._calls.ask("POST", "/busy", {"participant": self._participant})


class Line:
    """One kept connection to the clock's server, opened again when it broke."""

    def __init__(self, url: str) -> None:
        """Keep where the clock is; nothing is opened yet."""
        parts = urlsplit(url)
        self._path = parts.path.rstrip("/")
        self._lock = threading.Lock()
        self._connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=PATIENCE)

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Give what the clock answers; raises OSError when it is away."""
        with self._lock:
            try:
                return self._ask(method, path, body)
            except (http.client.HTTPException, ConnectionError):
                # The server closed a kept connection; every call may be repeated.
                self._connection.close()
            try:
                return self._ask(method, path, body)
            except http.client.HTTPException as problem:
                self._connection.close()
                raise OSError(f"the clock's answer is broken: {problem!r}") from problem

    def close(self) -> None:
        """Close the connection; a later call would open it again."""
        with self._lock:
            self._connection.close()

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        text = json.dumps(body) if body is not None else None
        headers = {"Content-Type": "application/json"} if text else {}
        self._connection.request(method, self._path + path, text, headers)
        answer = self._connection.getresponse()
        read = answer.read()
        if answer.status >= 400:
            raise OSError(f"the clock answered {answer.status}: {read[:200]!r}")
        return dict(json.loads(read)) if read else {}


def connect(url: str | None) -> Clock:
    """Return the clock at `url`, or the wall clock; raises OSError when nobody answers there."""
    return RemoteClock(url) if url else RealClock()
