"""Polls one queue and runs its function for each message, with Azure's rules of retry and poison."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from ..function import Function
from ..holding import Busy, Hold
from ..host_json import QueueSettings
from .backoff import Backoff
from .clients import send
from .encoding import UndecodableError, decode
from .message import argument

logger = logging.getLogger("host")

Run = Callable[[Function, object, str, Hold], Awaitable[None]]
RealSeconds = Callable[[timedelta], float]
GOOD_FOR = 1.0  # real seconds: the longest rest between two polls where time is skipped
NEVER = float("-inf")


@dataclass(frozen=True)
class Surroundings:
    """What a listener needs of the host."""

    run: Run
    busy: Busy
    real_seconds: RealSeconds
    lease: int


class QueueListener:
    """Watches one queue; a queue that does not exist is waited for, never made (as in Azure)."""

    def __init__(
        self,
        function: Function,
        queue: QueueClient,
        poison: QueueClient | None,
        settings: QueueSettings,
        host: Surroundings,
    ) -> None:
        self._function = function
        self._queue = queue
        self._poison = poison
        self._settings = settings
        self._host = host
        self._fetching = asyncio.Lock()
        self._awake = asyncio.Event()
        self._backoff = Backoff(settings.max_polling)
        self._running: set[asyncio.Task[None]] = set()
        self._finishing = False
        self._empty_at = NEVER  # real seconds; when an answer was asked for that nothing is there
        self._news = 0  # what was heard of, written by this host or fetched

    def wake(self, url: str) -> None:
        """Poll soon when this host has just written to this queue."""
        if url == self._queue.url:
            self._look_soon()

    async def listen(self) -> None:
        """Poll until told to finish; a storage that does not answer is asked again."""
        while not self._finishing:
            if len(self._running) > self._settings.new_batch_threshold:
                await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
                continue
            if await self._poll():
                self._backoff.reset()
                continue
            await self._rest()

    async def drained(self) -> bool:
        """Say whether nothing is there: no message visible, invisible or running. If there is, it is fetched soon.

        A skipping clock asks before each jump, so that an answer is good for a while: what others write is heard of then.
        """
        if self._running or self._fetching.locked():
            return False
        began, news = time.monotonic(), self._news
        if began - self._empty_at < GOOD_FOR:
            return True
        try:
            empty = await self._count() == 0
        except AzureError:
            return False
        if not empty:
            self._hear()
            self._awake.set()  # what is there may be hidden for long: it is looked for at each question, and not oftener
        elif news == self._news:
            self._empty_at = began
        return empty and not self._running

    def _look_soon(self) -> None:
        self._hear()
        self._backoff.reset()
        self._awake.set()

    def _hear(self) -> None:
        self._news += 1
        self._empty_at = NEVER

    def stop_fetching(self) -> None:
        """Fetch nothing more; what a fetch under way brings is still run."""
        self._finishing = True
        self._awake.set()

    async def finish(self, within: float) -> None:
        """Let what runs come to its end; what does not becomes visible again later."""
        if self._running:
            await asyncio.wait(self._running, timeout=within)
        for task in self._running:
            task.cancel()

    async def _rest(self) -> None:
        await _within(self._awake, self._host.real_seconds(self._backoff.wait()))
        self._awake.clear()

    async def _poll(self) -> bool:
        """Fetch one batch and start it; say whether something came."""
        async with self._fetching:
            messages = await self._fetch()
            for message in messages:
                # Held before anything else can run, so that the host is never seen idle in between.
                hold = Hold(self._host.busy)
                hold.take()
                self._hear()
                task = asyncio.create_task(self._handle(message, hold))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
            return bool(messages)

    async def _fetch(self) -> list[QueueMessage]:
        size = self._settings.batch_size
        pages = self._queue.receive_messages(
            messages_per_page=size, max_messages=size, visibility_timeout=self._host.lease
        )
        try:
            return [message async for message in pages]
        except ResourceNotFoundError:
            return []
        except AzureError as error:
            logger.warning("The queue %s cannot be read: %s", self._queue.queue_name, error)
            return []

    async def _count(self) -> int:
        try:
            return (await self._queue.get_queue_properties()).approximate_message_count or 0
        except ResourceNotFoundError:
            return 0

    async def _handle(self, message: QueueMessage, hold: Hold) -> None:
        with hold:
            try:
                await self._process(message, hold)
            except AzureError as error:
                logger.warning("A message of %s comes again: %s", self._queue.queue_name, error)

    async def _process(self, message: QueueMessage, hold: Hold) -> None:
        # One more than allowed: its last run ended the whole host, so it is not run again.
        if (message.dequeue_count or 0) > self._settings.max_dequeue:
            await self._give_up(message)
            return
        try:
            value = argument(self._function, message, decode(message.content, base64_encoded=self._settings.base64))
        except (UndecodableError, UnicodeDecodeError) as error:
            logger.error("A message of %s cannot be decoded: %s", self._queue.queue_name, error)  # noqa: TRY400 - no trace
            await self._give_up(message)
            return
        await self._run(message, value, hold)

    async def _run(self, message: QueueMessage, value: object, hold: Hold) -> None:
        ended = asyncio.Event()
        renewing = asyncio.create_task(self._renew(message, ended))
        try:
            await self._host.run(
                self._function, value, f"New queue message detected on '{self._queue.queue_name}'.", hold
            )
        except Exception:  # noqa: BLE001 - the invoker has logged it; the message says what happens next
            failed = True
        else:
            failed = False
        finally:
            hold.take()
            ended.set()
            await asyncio.gather(renewing, return_exceptions=True)
        await (self._after_failure(message) if failed else self._queue.delete_message(message))

    async def _renew(self, message: QueueMessage, ended: asyncio.Event) -> None:
        """Keep the message invisible while its function runs; never stopped halfway, the receipt would be lost."""
        while not await _within(ended, self._host.lease / 2):
            renewed = await self._queue.update_message(message, visibility_timeout=self._host.lease)
            message.pop_receipt = renewed.pop_receipt

    async def _after_failure(self, message: QueueMessage) -> None:
        if (message.dequeue_count or 0) >= self._settings.max_dequeue:
            await self._give_up(message)
            return
        seconds = round(self._host.real_seconds(self._settings.visibility)) if self._settings.visibility else 0
        await self._queue.update_message(message, visibility_timeout=seconds)
        self._awake.set()

    async def _give_up(self, message: QueueMessage) -> None:
        """Move the message, as it came, to the poison queue; copied first, so that it is never lost."""
        if self._poison is None:
            await self._queue.update_message(message, visibility_timeout=self._host.lease)
            return
        logger.error(
            "Message has reached MaxDequeueCount of %d. Moving message to queue '%s'.",
            self._settings.max_dequeue,
            self._poison.queue_name,
        )
        await send(self._poison, message.content)
        await self._queue.delete_message(message)


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for the event, so long at most; say whether it came."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
