import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from local.host.holding import Hold, Watched


class Counter:
    def __init__(self) -> None:
        self.count = 0

    @contextmanager
    def busy(self) -> Iterator[None]:
        self.count += 1
        yield
        self.count -= 1


async def seen_during(work: object) -> tuple[list[int], int]:
    """Run the work under a hold and tell the counts seen at each turn of the loop, and the count at the end."""
    counter, counts = Counter(), []

    async def look() -> None:
        while True:
            counts.append(counter.count)
            await asyncio.sleep(0)

    looking = asyncio.create_task(look())
    with Hold(counter.busy) as hold:
        await Watched(work, hold)  # type: ignore[arg-type]  # the tests give coroutines
    looking.cancel()
    return counts, counter.count


async def sleeps_inside() -> None:
    async def inner() -> None:
        await asyncio.sleep(0.01)

    await inner()


async def waits_for_a_future() -> None:
    future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(0.01, future.set_result, None)
    await future


def test_a_sleeping_function_does_not_count() -> None:
    counts, at_end = asyncio.run(seen_during(sleeps_inside()))

    assert 0 in counts
    assert at_end == 0


def test_a_function_that_waits_for_anything_else_counts() -> None:
    counts, at_end = asyncio.run(seen_during(waits_for_a_future()))

    assert set(counts) == {1}
    assert at_end == 0


def test_values_and_errors_come_through() -> None:
    async def fails() -> None:
        await asyncio.sleep(0)
        raise LookupError("x")

    async def gives() -> int:
        await asyncio.sleep(0.001)
        return 7

    async def watch(work: object) -> object:
        return await Watched(work, Hold(Counter().busy))  # type: ignore[arg-type]  # the tests give coroutines

    assert asyncio.run(watch(gives())) == 7
    with pytest.raises(LookupError):
        asyncio.run(watch(fails()))


def test_a_cancelled_sleep_ends_the_function() -> None:
    async def scenario() -> int:
        counter = Counter()
        with Hold(counter.busy) as hold:
            task = asyncio.ensure_future(_awaited(Watched(sleeps_long(), hold)))
            await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        return counter.count

    async def sleeps_long() -> None:
        await asyncio.sleep(60)

    async def _awaited(watched: Watched) -> None:
        await watched

    assert asyncio.run(scenario()) == 0
