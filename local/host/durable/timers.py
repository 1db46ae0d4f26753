"""The durable timers that are due some day, in (due, creation) order; dead ones leave at once."""

import heapq
import threading
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from .events import Kind


class Due(NamedTuple):
    """A timer of one generation of an instance, or something else that comes to it at a moment."""

    instance_id: str
    execution: str
    event_id: int
    kind: int = Kind.TIMER_FIRED


class Timers:
    """A heap shared by the turn thread, which adds and cancels, and the clock thread, which takes what is due."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heap: list[tuple[datetime, int, Due]] = []
        self._live: dict[Due, int] = {}
        self._of: dict[str, set[Due]] = {}
        self._count = 0
        self.changed: Callable[[], None] = lambda: None  # a new timer is the first one due

    def add(self, fire_at: datetime, due: Due) -> None:
        """Arm a timer."""
        with self._lock:
            self._count += 1
            self._live[due] = self._count
            self._of.setdefault(due.instance_id, set()).add(due)
            heapq.heappush(self._heap, (fire_at, self._count, due))
            is_first = self._heap[0][1] == self._count
        if is_first:
            self.changed()

    def cancel(self, due: Due) -> None:
        """Disarm a timer; an unknown one is fine."""
        with self._lock:
            self._drop(due)

    def cancel_all(self, instance_id: str) -> None:
        """Disarm every timer of an instance: it has ended or begins anew."""
        with self._lock:
            for due in list(self._of.get(instance_id, ())):
                self._drop(due)

    def next_due(self) -> datetime | None:
        """Return when the first live timer is due."""
        with self._lock:
            self._prune()
            return self._heap[0][0] if self._heap else None

    def take_due(self, now: datetime) -> list[Due]:
        """Take every live timer due at `now` or before."""
        taken = []
        with self._lock:
            self._prune()
            while self._heap and self._heap[0][0] <= now:
                _, _, due = heapq.heappop(self._heap)
                self._drop(due)
                taken.append(due)
                self._prune()
        return taken

    def _drop(self, due: Due) -> None:
        if self._live.pop(due, None) is None:
            return
        known = self._of[due.instance_id]
        known.discard(due)
        if not known:
            del self._of[due.instance_id]

    def _prune(self) -> None:
        while self._heap and self._live.get(self._heap[0][2]) != self._heap[0][1]:
            heapq.heappop(self._heap)
        # Dead timers below the top would otherwise pile up in a long run.
        if len(self._heap) > 2 * len(self._live) + 64:
            self._heap = [entry for entry in self._heap if self._live.get(entry[2]) == entry[1]]
            heapq.heapify(self._heap)
