"""Looking again and again, through restarts of the app and throttling."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from cli.failing import Exit, Failing
from cli.problem import Document

PATIENCE = 1800.0  # seconds: the app itself gives up on a busy cloud only later, and goes on without us
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


def awaited(
    look: Callable[[], Mapping[str, Any]], every: float, field: str, late: Failing | None = None
) -> dict[str, Any]:
    """Look until what is seen has a field. Raises `late`, where that is given, when it has not for half an hour."""
    begun = time.monotonic()
    for seen in looks(look, every):
        if not isinstance(seen, Failing) and field in seen:
            return dict(seen)
        if late is not None and time.monotonic() - begun > PATIENCE:
            raise late
    raise AssertionError  # who looks for ever is ended by what it sees


def not_yet(what: str, name: str) -> Failing:
    """Give what to raise where something did not come in time."""
    detail = f"{name} is not done after {PATIENCE / 60:.0f} minutes"
    return Failing(Document(title=f"No {what} yet", detail=detail, advice="Ask again."), Exit.TIMEOUT)
