"""One counter of the work in hand: raised before work is handed over, lowered after its result is posted."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Busy:
    """Zero means idle. `rises` tells two idle moments apart when there was work between them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0
        self.rises = 0
        self.woke: Callable[[], None] | None = None  # called when idleness ends

    def add(self, number: int = 1) -> None:
        """Count work before it is handed over."""
        with self._changed:
            was_idle = self._count == 0
            self._count += number
            self.rises += 1
        if was_idle and self.woke is not None:
            self.woke()

    def remove(self, number: int = 1) -> None:
        """Count work as done, after whatever follows from it was counted."""
        with self._changed:
            self._count -= number
            if self._count == 0:
                self._changed.notify_all()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Count as work while the block runs."""
        self.add()
        try:
            yield
        finally:
            self.remove()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is in hand."""
        return self._count == 0

    def wait_idle(self, seconds: float) -> bool:
        """Wait at most that many real seconds for idleness; True when it came."""
        with self._changed:
            return self._changed.wait_for(lambda: self._count == 0, seconds)

    def wake(self) -> None:
        """Let every waiter look again."""
        with self._changed:
            self._changed.notify_all()
