"""Looking again and again, through restarts of the app and throttling."""

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from cli.failing import Failing

OUT_OF_REACH = 300  # seconds without an answer before looking ends: a restart of the app takes less
LONGEST_PAUSE = 30

T = TypeVar("T")


def looks(look: Callable[[], T], every: float) -> Iterator[T | Failing]:
    """Give what each look sees, for as long as it is asked for; a failure that passes is given in its place.

    Raises `Failing` for one that does not pass, at the first look, or after a long time without an answer.
    """
    heard: float | None = None
    while True:
        pause = every
        try:
            seen: T | Failing = look()
            heard = time.monotonic()
        except Failing as failing:
            if not failing.passes or heard is None or time.monotonic() - heard > OUT_OF_REACH:
                raise
            seen, pause = failing, min(failing.retry_after or every, LONGEST_PAUSE)
        yield seen
        time.sleep(pause)
