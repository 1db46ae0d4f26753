"""The Durable SDK inside the host process: made fast, kept quiet, and called."""

import collections
import functools
import importlib
import json
import operator
import typing
import warnings
from collections import abc
from collections.abc import Callable
from datetime import datetime
from typing import Any

from .actions import read_failure

HISTORY_EVENT = "azure.durable_functions.models.history.HistoryEvent"
CODEC = "azure.functions._durable_functions"
STRICT = "_is_strict_mode"
CONTEXT = "azure.durable_functions.models.DurableOrchestrationContext"
TIME_SPAN = "parse_timespan_attrib"
SCALARS = frozenset({int, float, bool, type(None)})
OF_OBJECTS = frozenset({"object_hook"})  # what matters where there are objects only
SHORT, KEPT = 64, 1024  # characters of a text whose value is kept, and how many are
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
    context = _module(CONTEXT)
    _remember(context, TIME_SPAN)
    if getattr(context, "Callable", None) is typing.Callable:
        context.Callable = abc.Callable  # asked for with each call of an activity; this one answers faster
    codec = _module(CODEC)
    _remember(codec, STRICT)
    if getattr(codec, "json", None) is json:
        codec.json = KeptJson()
    if event is not None:
        _hasten_events(event.HistoryEvent)


def _remember(module: Any, name: str) -> None:
    """Keep what a pure function of the SDK answered: it is asked the same with each value or each turn."""
    stock = getattr(module, name, None)
    if stock is not None and not hasattr(stock, "cache_info"):
        setattr(module, name, functools.cache(stock))


class KeptJson:
    """The `json` module for the SDK's codec, which asks for one encoder, one decoder and small values again and again.

    Each replay reads the results and writes the inputs of all replays before it; what cannot be changed is kept.
    """

    def __init__(self) -> None:
        self._write = functools.lru_cache(maxsize=KEPT, typed=True)(json.dumps)
        self._read = functools.lru_cache(maxsize=KEPT)(json.loads)
        self._encoder = functools.cache(lambda **options: json.JSONEncoder(**options).encode)
        self._decoder = functools.cache(lambda **options: json.JSONDecoder(**options).decode)

    def __getattr__(self, name: str) -> Any:
        return getattr(json, name)

    def dumps(self, value: Any, **options: Any) -> str:
        """Write a value as `json.dumps` does."""
        if type(value) in SCALARS:
            return self._write(value)
        text: str = self._encoder(**options)(value)
        return text

    def loads(self, text: str | bytes, **options: Any) -> Any:
        """Read a text as `json.loads` does."""
        if type(text) is not str:
            return json.loads(text, **options)
        if len(text) < SHORT and text[:1] not in "{[ " and options.keys() <= OF_OBJECTS:
            return self._read(text)
        return self._decoder(**options)(text)


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
        members = self.__dict__ = template | more
        members[kind], members[number], members[played] = EventType, EventId, IsPlayed
        members[moment] = datetime.fromisoformat(Timestamp)

    event.__init__ = fast
    if isinstance(vars(event).get("event_type"), property):
        event.event_type = property(operator.attrgetter(str(kind)))  # asked for several times with each event


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
