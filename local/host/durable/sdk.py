"""The Durable SDK inside the host process: made fast, kept quiet, and called."""

import collections
import functools
import importlib
import warnings
from collections.abc import Callable
from datetime import datetime
from typing import Any

from .actions import read_failure

HISTORY_EVENT = "azure.durable_functions.models.history.HistoryEvent"
CODEC = "azure.functions._durable_functions"
STRICT = "_is_strict_mode"
MARKS = (object(), object(), object())
A_MOMENT = "2026-01-01T00:00:00+00:00"
EXECUTOR = "azure.durable_functions.models.TaskOrchestrationExecutor"


def prepare() -> None:
    """Silence the warning about events nobody waits for, and spare some costs of every replay."""
    # With warnings as errors it would fail an orchestration that is right.
    warnings.filterwarnings("ignore", message="Potential duplicate Task completion", category=UserWarning)
    _hasten()


def _hasten() -> None:
    # Parsing time stamps with dateutil is most of a replay's cost. Stock speed where the SDK has changed.
    event = _module(HISTORY_EVENT)
    if event is not None and hasattr(event, "dt_parse"):
        event.dt_parse = datetime.fromisoformat
    executor = _module(EXECUTOR)
    if executor is not None and getattr(executor, "namedtuple", None) is collections.namedtuple:  # noqa: PYI024 - the SDK's choice
        executor.namedtuple = functools.cache(collections.namedtuple)  # noqa: PYI024 - see above
    codec = _module(CODEC)
    strict = getattr(codec, STRICT, None)
    if strict is not None and not hasattr(strict, "cache_info"):
        # An app setting, asked for with each value; it does not change while the host runs.
        setattr(codec, STRICT, functools.cache(strict))
    if event is not None:
        _hasten_events(event.HistoryEvent)


def _hasten_events(event: Any) -> None:
    """Let events be made from a template: setting their members one by one is an eighth of a replay."""
    stock = event.__init__
    if stock.__name__ != "__init__":
        return  # it was done before
    made = event(MARKS[0], MARKS[1], MARKS[2], A_MOMENT)
    template = dict(vars(made))
    names = [next((key for key, value in template.items() if value is mark), None) for mark in MARKS]
    times = [key for key, value in template.items() if value == datetime.fromisoformat(A_MOMENT)]
    if None in names or len(times) != 1:
        return  # the SDK has changed
    kind, number, played, moment = *names, times[0]

    def fast(self: Any, EventType: Any, EventId: Any, IsPlayed: Any, Timestamp: str, **more: Any) -> None:  # noqa: N803 - the SDK's names
        members = self.__dict__
        members.update(template)
        members[kind], members[number], members[played] = EventType, EventId, IsPlayed
        members[moment] = datetime.fromisoformat(Timestamp)
        members.update(more)

    event.__init__ = fast


def _module(name: str) -> Any:
    # A package may hide its module behind a class of the same name, so it is looked up by its full name.
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def run_code(handle: Callable[[str], str], payload: str) -> str:
    """Replay an orchestrator over a history and return its answer's text, also when it raised."""
    try:
        return handle(payload)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever user code raises is its failure, not ours
        return read_failure(error)
