"""Which activities this host has taken and not answered yet: after a crash each runs again when its lease is over.

In Azure a worker takes an activity's message from a queue and the message stays invisible for a while; when the worker
dies, the activity begins again only then.
"""

import mmap
import struct
import threading
from collections.abc import Callable, Container
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .events import Kind, Message

Task = tuple[str, int]
"""An activity's task: the execution of its instance, and the id of the task there."""

TASK_ANSWERS = frozenset({Kind.TASK_COMPLETED, Kind.TASK_FAILED})
SLOT = struct.Struct("<dI44s")  # when it was taken (0: free), the task's id, the execution
CAPACITY = 1024


class Leases:
    """Slots in a file that is mapped into memory: what a killed process wrote there stays, and costs no write call."""

    def __init__(self, path: Path, now: Callable[[], datetime], length: timedelta) -> None:
        """Read what another process left; `length` is how long a taken activity stays invisible."""
        self._now, self._length = now, length
        self._lock = threading.Lock()
        path.touch(mode=0o600)
        self._file = path.open("r+b")
        self._grow(max(CAPACITY, path.stat().st_size // SLOT.size))
        self._slots: dict[Task, int] = {}
        self._taken: dict[Task, float] = {}
        self._answered: list[Task] = []
        for slot, (taken, number, execution) in enumerate(SLOT.iter_unpack(self._map[: self._capacity * SLOT.size])):
            if taken:
                task = (execution.rstrip(b"\0").decode(), number)
                self._slots[task], self._taken[task] = slot, taken
        used = set(self._slots.values())
        self._free = [slot for slot in range(self._capacity) if slot not in used]

    def close(self) -> None:
        """Close the file; what is taken stays taken."""
        with self._lock:
            self._map.close()
            self._file.close()

    def keep(self, open_tasks: Container[Task]) -> None:
        """Forget the leases of tasks that nobody waits for any more."""
        for task in [task for task in self._slots if task not in open_tasks]:
            self.release(task)

    def due(self, task: Task) -> datetime | None:
        """Say when a task that another process had taken may run again; None when nobody had taken it."""
        taken = self._taken.pop(task, None)
        return None if taken is None else datetime.fromtimestamp(taken, UTC) + self._length

    def take(self, task: Task) -> None:
        """Remember that a task's activity begins now."""
        with self._lock:
            if self._map.closed:
                return
            slot = self._slots.get(task)
            if slot is None:
                slot = self._slots[task] = self._free_slot()
            SLOT.pack_into(self._map, slot * SLOT.size, self._now().timestamp(), task[1], task[0].encode())

    def answered(self, message: Message) -> None:
        """Note a result that the transaction under way writes, or that nobody waits for."""
        if message.kind in TASK_ANSWERS and message.execution is not None and message.task is not None:
            self._answered.append((message.execution, message.task))

    def release_answered(self) -> None:
        """Forget the tasks whose results the last transaction wrote."""
        answered, self._answered = self._answered, []
        for task in answered:
            self.release(task)

    def release(self, task: Task) -> None:
        """Forget a task: its result is on disk."""
        with self._lock:
            slot = self._slots.pop(task, None)
            if slot is not None and not self._map.closed:
                SLOT.pack_into(self._map, slot * SLOT.size, 0.0, 0, b"")
                self._free.append(slot)

    def _free_slot(self) -> int:
        if not self._free:
            known = self._capacity
            self._map.close()
            self._grow(2 * known)
            self._free = list(range(known, self._capacity))
        return self._free.pop()

    def _grow(self, capacity: int) -> None:
        self._capacity = capacity
        self._file.truncate(capacity * SLOT.size)
        self._map = mmap.mmap(self._file.fileno(), capacity * SLOT.size)
