"""Runs activities: sync ones on a bounded pool of threads, async ones on the host's loop."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from .app import Activity
from .events import Kind, Message
from .failures import activity_details, activity_failed, exception_details, message_of
from .http_calls import HttpCallFailed
from .json_text import rewritten


@dataclass(frozen=True, slots=True)
class Job:
    """One execution of an activity for one task of an instance."""

    instance_id: str
    execution: str
    task: int
    name: str
    input: str | None


Post = Callable[[str, Message], None]


class Pool:
    """Takes jobs and posts what came of them; `posted` is called after each, whatever happened."""

    def __init__(
        self,
        size: int,
        post: Post,
        posted: Callable[[], None],
        loop: asyncio.AbstractEventLoop | None = None,
        taken: Callable[[Job], None] = lambda _: None,
    ) -> None:
        """Make an empty pool; `taken` is called on the worker's thread before a job begins."""
        self._size = size
        self._taken = taken
        self._post = post
        self._posted = posted
        self._loop = loop
        self._jobs: queue.SimpleQueue[tuple[Activity, Job] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._waiting = 0
        self._lock = threading.Lock()
        self._gate = asyncio.Semaphore(size)
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, activity: Activity, job: Job) -> None:
        """Run a job when there is room."""
        if activity.is_async:
            self._submit_async(activity, job)
            return
        with self._lock:
            self._waiting += 1
            if self._waiting > 0 and len(self._threads) < self._size:
                self._grow()
        self._jobs.put((activity, job))

    def stop(self) -> None:
        """Start no more jobs; those that run are left to end by themselves."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._jobs.get_nowait()  # the store still has them
        for _ in self._threads:
            self._jobs.put(None)
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(lambda: [task.cancel() for task in self._tasks])

    def _grow(self) -> None:
        name = f"activity-{len(self._threads)}"
        # Daemons: a stuck activity must not keep a stopped host alive; it runs again after the next start.
        thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while True:
            with self._lock:
                self._waiting -= 1
            taken = self._jobs.get()
            if taken is None:
                return
            activity, job = taken
            self._taken(job)
            try:
                message = _completed(job, cast("str", activity.run(job.input)))
            except (Exception, SystemExit, asyncio.CancelledError) as error:  # noqa: BLE001 - whatever user code raises is its failure, not ours
                message = _failed(job, error)
            self._post(job.instance_id, message)
            self._posted()

    def _submit_async(self, activity: Activity, job: Job) -> None:
        if self._loop is None:
            error = RuntimeError("This engine was given no event loop, so it cannot run async activities.")
            self._post(job.instance_id, _failed(job, error))
            self._posted()
            return
        self._loop.call_soon_threadsafe(self._spawn, activity, job)

    def _spawn(self, activity: Activity, job: Job) -> None:
        task = asyncio.ensure_future(self._run_async(activity, job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run_async(self, activity: Activity, job: Job) -> None:
        async with self._gate:
            self._taken(job)
            try:
                result = activity.run(job.input)
                text = await result if not isinstance(result, str) else result
                message = _completed(job, text)
            except asyncio.CancelledError as error:
                if _is_cancelled():
                    raise
                message = _failed(job, error)  # user code was cancelled by something that it waited for
            except Exception as error:  # noqa: BLE001 - whatever user code raises is its failure, not ours
                message = _failed(job, error)
        self._post(job.instance_id, message)
        self._posted()


def _is_cancelled() -> bool:
    """Tell whether the host cancels this task, as it stops."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _completed(job: Job, text: str) -> Message:
    try:
        plain = rewritten(text)
    except (TypeError, ValueError):
        raise TypeError(f"the result of activity '{job.name}' is not JSON text: {text!r:.200}") from None
    return Message(Kind.TASK_COMPLETED, job.task, text=plain, execution=job.execution)


def _failed(job: Job, error: BaseException) -> Message:
    if isinstance(error, HttpCallFailed):
        reason, details = str(error), exception_details(str(error))
    else:
        reason, details = activity_failed(job.name, message_of(error)), activity_details(error)
    return Message(Kind.TASK_FAILED, job.task, text=reason, details=details, execution=job.execution)
