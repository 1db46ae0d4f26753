# ruff: noqa: SLF001 - a lab may look inside the engine
"""Runs real SDK orchestrators on the engine, in virtual time unless a test says otherwise."""

import asyncio
import inspect
import json
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import pytest

from local.clock import Clock, RemoteClock
from local.host.durable.app import Activity, DurableApp, DurableSettings
from local.host.durable.engine import Engine
from tests.local.host.durable.lone_clock import LoneClock

PATIENCE = 30.0
ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)
ENDED = {"Completed", "Failed", "Terminated"}


def activity_of(function: Callable[..., Any]) -> Activity:
    """Make an activity of a function from a value to a value."""
    name = function.__name__

    def decode(text: str | None) -> Any:
        return None if text is None else json.loads(text)

    if inspect.iscoroutinefunction(function):

        async def run_async(text: str | None) -> str:
            return json.dumps(await function(decode(text)))

        return Activity(name, run_async, is_async=True)
    return Activity(name, lambda text: json.dumps(function(decode(text))))


def app_of(*functions: Callable[..., Any]) -> DurableApp:
    """Make an app: functions with a parameter `context` are orchestrators, the others are activities."""
    app = df.DFApp()
    activities = {}
    for function in functions:
        if "context" in inspect.signature(function).parameters:
            app.orchestration_trigger(context_name="context")(function)
        else:
            activities[function.__name__] = activity_of(function)
    handles = {built.get_function_name(): built.get_user_function() for built in app.get_functions()}
    return DurableApp(handles, activities)


@dataclass
class Lab:
    """One engine, driven from a test that is not async."""

    engine: Engine
    clock: Clock
    loop: asyncio.AbstractEventLoop
    data: Path
    ids: list[str] = field(default_factory=list)

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)

    @property
    def is_idle(self) -> bool:
        return self.engine._busy.is_idle

    @property
    def next_due(self) -> datetime | None:
        return self.engine._keeper._timers.next_due()

    def create(self, name: str, given: object = None, instance_id: str | None = None, **more: Any) -> str:
        return self.do(self.engine.create(name, json.dumps(json.dumps(given)), instance_id, **more))

    def send(self, instance_id: str, event: str, payload: object = None) -> None:
        self.do(self.engine.raise_event(instance_id, event, json.dumps(payload)))

    def status(self, instance_id: str, **more: Any) -> dict[str, Any]:
        return self.do(self.engine.status(instance_id, **more))

    def until(self, condition: Callable[[], Any]) -> Any:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = condition()
            if found:
                return found
            time.sleep(0.002)
        raise AssertionError("what the test waits for did not come")

    def until_status(self, instance_id: str, *statuses: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            status = self.do(self.engine.status(instance_id))
            return status if status and status["runtimeStatus"] in statuses else None

        return self.until(look)

    def until_waiting(self, instance_id: str) -> None:
        """Wait until an instance has taken its turns and nothing of it is in hand."""
        self.until_status(instance_id, "Running", "Suspended", *ENDED)
        self.until(lambda: self.is_idle)

    def end(self, instance_id: str) -> dict[str, Any]:
        return self.until_status(instance_id, *ENDED)

    def run(self, name: str, given: object = None, **more: Any) -> dict[str, Any]:
        """Start an orchestration and return its status at the end."""
        return self.end(self.create(name, given, **more))

    def output(self, name: str, given: object = None) -> Any:
        status = self.run(name, given)
        assert status["runtimeStatus"] == "Completed", status
        return status["output"]

    def events(self, instance_id: str) -> list[dict[str, Any]]:
        return self.status(instance_id, show_history=True, show_history_output=True)["historyEvents"]

    def rows(self, instance_id: str) -> list[str]:
        """A history in short: kind and id of every event, as the reference writes it."""
        names = {0: "ES", 4: "TS", 5: "TC", 6: "TF", 7: "CS", 8: "CC", 9: "CF", 10: "TmC", 11: "TmF", 12: "(", 13: ")"}
        names |= {15: "ER", 1: "EC", 3: "ET", 17: "GE", 19: "SU", 20: "RE", 14: "EvS"}
        rows = self.engine._queries._history(instance_id)
        return [
            names[row.kind]
            + ("" if row.event_id is None else str(row.event_id))
            + ("" if row.closes is None else f"@{row.closes}")
            for row in rows
        ]


MakeLab = Callable[..., Lab]


class Slow:
    """The activity `slow`, which notes what it was given and holds its first run until it is freed."""

    def __init__(self) -> None:
        self.runs: list[Any] = []
        self.free = threading.Event()

        def slow(value: Any) -> Any:
            self.runs.append(value)
            if len(self.runs) == 1:
                self.free.wait(20)
            return value

        self.activity = slow


@pytest.fixture
def slow() -> Iterator[Slow]:
    """An activity that still runs when its host is stopped."""
    made = Slow()
    yield made
    made.free.set()


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    thread = threading.Thread(target=made.run_forever, daemon=True)
    thread.start()
    yield made
    made.call_soon_threadsafe(made.stop)
    thread.join()
    made.run_until_complete(made.shutdown_default_executor())
    made.close()


@pytest.fixture
def make_lab(tmp_path: Path, loop: asyncio.AbstractEventLoop) -> Iterator[MakeLab]:
    """Make a lab of orchestrators and activities; a second one in a test takes over the first one's data."""
    running: list[Lab] = []

    def stop() -> None:
        while running:
            lab = running.pop()
            lab.engine.stop()
            if isinstance(lab.clock, RemoteClock):
                lab.clock.close()

    def make(*functions: Callable[..., Any], clock: Clock | None = None, **settings: Any) -> Lab:
        stop()
        kept = clock or LoneClock(ORIGIN)
        engine = Engine(tmp_path / "data", app_of(*functions), DurableSettings(**settings), kept, loop)
        engine.start()
        running.append(Lab(engine, kept, loop, tmp_path / "data"))
        return running[-1]

    yield make
    stop()
