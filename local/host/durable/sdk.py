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
EXECUTOR = "azure.durable_functions.models.TaskOrchestrationExecutor"


def prepare() -> None:
    """Silence the warning about events nobody waits for, and spare two costs of every replay."""
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
