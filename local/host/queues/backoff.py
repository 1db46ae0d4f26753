"""How long a queue is left alone after an empty poll."""

import random
from datetime import timedelta

SHORTEST = timedelta(milliseconds=100)
SPREAD = 0.2


class Backoff:
    """Grows from 100 ms to the longest interval while nothing comes, with some chance, as Azure's does."""

    def __init__(self, longest: timedelta) -> None:
        self._longest = max(longest, SHORTEST)
        self._next = SHORTEST

    def reset(self) -> None:
        """Start over: something came."""
        self._next = SHORTEST

    def wait(self) -> timedelta:
        """Give the next interval."""
        interval = self._next
        self._next = min(self._longest, self._next * 2)
        return min(self._longest, interval * random.uniform(1 - SPREAD, 1 + SPREAD))  # noqa: S311 - no secret
