"""A clock that skips time for one participant, without a server."""

import threading
from datetime import datetime

from local.clock import Mode


class LoneClock:
    """A skipping clock kept in this process, for one participant: it jumps whenever that one is idle."""

    mode: Mode = "skipping"

    def __init__(self, origin: datetime, until: datetime | None = None) -> None:
        self._now = origin
        self._until = until
        self._holds = 0
        self._free = threading.Condition()
        self.jumps = 0

    def now(self) -> datetime:
        """Return virtual time, which stands still between jumps."""
        return self._now

    def refresh(self) -> None:
        """Do nothing: this clock is its own server."""

    def real_seconds(self, due: datetime) -> float:
        """Skipped time takes no time."""
        return 0.0

    def hold(self) -> None:
        """Forbid jumps until `release`."""
        with self._free:
            self._holds += 1

    def release(self) -> None:
        """Allow jumps again."""
        with self._free:
            self._holds -= 1
            self._free.notify_all()

    def idle(self, due: datetime | None) -> bool:
        """Jump to `due`, unless held or at the horizon."""
        target = due if self._until is None or due is None else min(due, self._until)
        with self._free:
            if self._holds or target is None or target <= self._now:
                self._free.wait(0.05)
                return False
            self._now = target
            self.jumps += 1
            return True

    def busy(self) -> None:
        """Do nothing: a jump happens within `idle` or not at all."""
