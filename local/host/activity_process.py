"""Activities in a process of their own, forked when the app is loaded: it and the replays have a processor each."""

import os
import signal
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from itertools import count
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from .durable.app import Activity
from .durable.failures import FailedElsewhere, activity_details, message_of

Answer = str | tuple[str, str]  # the result, or what was raised: its text and its details


class ActivityProcess:
    """The other process, as this one sees it. Where it ends this one ends, too: a host is one thing."""

    def __init__(self, connection: "Connection[Any, Any]") -> None:
        """Listen to it."""
        self._connection = connection
        self._sending = threading.Lock()
        self._open: dict[int, Future[Answer]] = {}
        self._numbers = count()
        threading.Thread(target=self._listen, name="activity-process", daemon=True).start()

    def instead_of(self, activity: Activity) -> Activity:
        """Give an activity that runs there; an async one needs this process's loop and stays."""
        if activity.is_async:
            return activity
        return Activity(activity.name, lambda text: self._run(activity.name, text))

    def _run(self, name: str, text: str | None) -> str:
        number, future = next(self._numbers), Future[Answer]()
        self._open[number] = future
        with self._sending:
            self._connection.send((number, name, text))
        answer = future.result()
        if isinstance(answer, str):
            return answer
        raise FailedElsewhere(*answer)

    def _listen(self) -> None:
        while True:
            try:
                number, answer = self._connection.recv()
            except (EOFError, OSError):
                os._exit(1)
            self._open.pop(number).set_result(answer)


def fork(
    activities: Mapping[str, Activity], size: int, around: Callable[[], AbstractContextManager[object]]
) -> ActivityProcess:
    """Begin the other process, with so many threads; `around` is entered there for as long as it serves."""
    ours, theirs = Pipe()
    if os.fork():
        theirs.close()
        return ActivityProcess(ours)
    ours.close()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # it ends with the host
    try:
        with around():
            _serve(theirs, activities, size)
    finally:
        os._exit(1)


def _serve(connection: "Connection[Any, Any]", activities: Mapping[str, Activity], size: int) -> None:
    sending, pool = threading.Lock(), ThreadPoolExecutor(size, "activity")

    def work(number: int, name: str, text: str | None) -> None:
        answer = _answer(activities[name], text)
        with sending:
            connection.send((number, answer))

    while True:
        try:
            job = connection.recv()
        except (EOFError, OSError):
            os._exit(0)
        pool.submit(work, *job)


def _answer(activity: Activity, text: str | None) -> Answer:
    try:
        return str(activity.run(text))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever user code raises is its failure, not ours
        return message_of(error), activity_details(error)
