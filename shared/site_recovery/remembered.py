"""What does not change once it is there, kept by this process for a minute: hundreds of machines ask for it at once."""

import time
from collections.abc import Callable, Mapping
from threading import RLock
from typing import Final, Generic, TypeVar

from shared.settings import Settings, settings

KEPT: Final = 60.0  # real seconds
LARGEST: Final = 20_000
TURNSTILES: Final = 32  # of those who look: a few keys share one

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """Values by key, per cloud that the settings name. That something is missing is never remembered."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._values: dict[tuple[Settings, str], tuple[float, Value]] = {}
        self._turns = tuple(RLock() for _ in range(TURNSTILES))

    def get(self, key: str) -> Value | None:
        """Give what is remembered, or None."""
        until, value = self._values.get((settings(), key), (0.0, None))
        return value if time.monotonic() < until else None

    def keep(self, found: Mapping[str, Value]) -> None:
        """Remember what was found."""
        if len(self._values) + len(found) > LARGEST:
            self._values.clear()
        until, where = time.monotonic() + KEPT, settings()
        self._values.update({(where, key): (until, value) for key, value in found.items()})

    def of(self, key: str, poll: Callable[[], Value | None]) -> Value | None:
        """Give what is remembered, else look and remember what is found; who asks meanwhile waits for that look."""
        known = self.get(key)
        if known is not None:
            return known
        with self._turns[hash(key) % TURNSTILES]:
            known = self.get(key)
            found = poll() if known is None else known
            if known is None and found is not None:
                self.keep({key: found})
        return found
