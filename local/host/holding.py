"""Counts a piece of work as busy, except while it only sleeps."""

import asyncio
import inspect
from collections.abc import Callable, Coroutine, Generator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Self, TypeVar

Busy = Callable[[], AbstractContextManager[None]]
Value = TypeVar("Value")

_SLEEP = asyncio.sleep.__code__


class Hold:
    """One count on the engine's busy counter that can be given back and taken again."""

    def __init__(self, busy: Busy) -> None:
        self._busy = busy
        self._held: AbstractContextManager[None] | None = None

    def take(self) -> None:
        """Count as busy from now on."""
        if self._held is None:
            self._held = self._busy()
            self._held.__enter__()

    def give_back(self) -> None:
        """Do not count as busy any more."""
        if self._held is not None:
            held, self._held = self._held, None
            held.__exit__(None, None, None)

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.give_back()


class Watched:
    """Awaits a coroutine and lets go of the hold while the coroutine waits in `asyncio.sleep`.

    A function that polls (`wait_for_completion_or_create_check_status_response`) would else wait for a
    virtual timer that waits for the function.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, Any], hold: Hold) -> None:
        self._coroutine = coroutine
        self._hold = hold

    def __await__(self) -> Generator[Any, Any, Any]:
        step: Callable[[Any], Any] = self._coroutine.send
        given: Any = None
        while True:
            self._hold.take()
            try:
                awaited = step(given)
            except StopIteration as end:
                return end.value
            if _sleeps(self._coroutine):
                self._hold.give_back()
            step, given = yield from self._pass_on(awaited)

    def _pass_on(self, awaited: Any) -> Generator[Any, Any, tuple[Callable[[Any], Any], Any]]:
        try:
            return self._coroutine.send, (yield awaited)
        except BaseException as error:  # noqa: BLE001 - whatever the loop throws in belongs to the coroutine
            return self._coroutine.throw, error


def _sleeps(coroutine: Any) -> bool:
    innermost = coroutine
    while inspect.iscoroutine(innermost.cr_await):
        innermost = innermost.cr_await
    return innermost.cr_code is _SLEEP
