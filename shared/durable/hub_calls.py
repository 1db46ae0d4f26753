"""Calls of the SDK's client that are not disturbed by one another.

All clients of a process share one HTTP session of thirty connections. When one call fails on the wire the SDK closes it
under all others: who waits for a connection is cancelled then, as if somebody had cancelled us, and nothing catches that.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import aiohttp

MOST_AT_ONCE: Final = 16  # of one fan-out: fewer than the session has, so that others get through as well
T = TypeVar("T")


async def undisturbed(call: Awaitable[T]) -> T:
    """Await a call. Raises `ConnectionResetError` where it was cancelled by the end of the session and not by us."""
    try:
        return await call
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise ConnectionResetError("the connections to the task hub were closed by a call that failed") from None


async def repeated(call: Callable[[], Awaitable[T]]) -> T:
    """Await a call that does no harm when it is made twice; once more where its connection was lost."""
    try:
        return await undisturbed(call())
    except (aiohttp.ClientConnectionError, ConnectionResetError):
        return await undisturbed(call())
