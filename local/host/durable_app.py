"""Gives the engine the app's orchestrators and activities, called as the Python worker calls them."""

import logging
import sys
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from azure.functions import meta
from azure.functions.durable_functions import (
    ActivityTriggerConverter,
    EnitityTriggerConverter,
    OrchestrationTriggerConverter,
)

from .context import thread_local
from .durable.app import Activity, DurableApp
from .function import Function
from .invocation import Invoker, Running, running

logger = logging.getLogger("host")


def durable_app(functions: list[Function], invoker: Invoker) -> DurableApp:
    """Give the durable functions of the app."""
    orchestrators = {
        _name(each, "orchestration"): _orchestrator(each, invoker) for each in _with(functions, "orchestrationTrigger")
    }
    activities = [_activity(each, invoker) for each in _with(functions, "activityTrigger")]
    entities = [_entity(each) for each in _with(functions, "entityTrigger")]
    return DurableApp(orchestrators, _by_name(activities), _by_name(entities))


async def close_client_session() -> None:
    """Close the connections that the SDK's durable clients share; the SDK has no public call for it."""
    module = sys.modules.get("azure.durable_functions.models.utils.http_utils")
    close = getattr(module, "_close_session", None)
    if close:
        await close()


def _with(functions: list[Function], trigger: str) -> list[Function]:
    return [function for function in functions if function.trigger.type == trigger]


def _name(function: Function, setting: str) -> str:
    # The trigger may give its own name, e.g. `activity_trigger(activity="other")`.
    return str(function.trigger.data.get(setting) or function.name)


def _orchestrator(function: Function, invoker: Invoker) -> Callable[[str], str]:
    def run(payload: str) -> str:
        token = running.set(Running(function.name, "orchestrator"))
        try:
            with invoker.thread:
                return str(function.call(_context(OrchestrationTriggerConverter, payload)))
        finally:
            running.reset(token)

    return run


def _by_name(functions: list[Activity]) -> dict[str, Activity]:
    return {each.name: each for each in functions}


def _entity(function: Function) -> Activity:
    def run(payload: str | None) -> str:
        with _Logged(function):
            return str(function.call(_context(EnitityTriggerConverter, payload)))

    return Activity(name=_name(function, "entityName"), run=run)


def _activity(function: Function, invoker: Invoker) -> Activity:
    name = _name(function, "activity")
    run = _async_run(function, invoker) if function.is_async else _sync_run(function, invoker)
    return Activity(name=name, run=run, is_async=function.is_async)


def _sync_run(function: Function, invoker: Invoker) -> Callable[[str | None], str]:
    def run(text: str | None) -> str:
        with invoker.thread, _Logged(function) as id_:
            return _encode(function.call(**invoker.arguments(function, _decode(text), id_)))

    return run


def _async_run(function: Function, invoker: Invoker) -> Callable[[str | None], Awaitable[str]]:
    async def run(text: str | None) -> str:
        with _Logged(function) as id_:
            return _encode(await function.call(**invoker.arguments(function, _decode(text), id_)))

    return run


class _Logged:
    """Marks an activity's log lines and shows the traceback of its failure."""

    def __init__(self, function: Function) -> None:
        self._running = Running(function.name, str(uuid.uuid4()))
        self._began = time.monotonic()

    def __enter__(self) -> str:
        self._token = running.set(self._running)
        thread_local.invocation_id = self._running.id
        return self._running.id

    def __exit__(self, kind: object, error: BaseException | None, at: object) -> None:
        name, took = self._running.function, round((time.monotonic() - self._began) * 1000)
        if error is None:
            logger.debug("Executed 'Functions.%s' (Succeeded, Id=%s, Duration=%dms)", name, self._running.id, took)
        else:
            logger.error(
                "Executed 'Functions.%s' (Failed, Id=%s, Duration=%dms)", name, self._running.id, took, exc_info=error
            )
        running.reset(self._token)


def _context(converter: Any, payload: str | None) -> Any:
    """Give what a function gets whose code does not go through the Durable SDK, too: an object with a `body`."""
    return converter.decode(meta.Datum(payload, "string"), trigger_metadata=None)


def _decode(text: str | None) -> Any:
    return None if text is None else ActivityTriggerConverter.decode(meta.Datum(text, "string"), trigger_metadata=None)


def _encode(value: Any) -> str:
    return str(ActivityTriggerConverter.encode(value, expected_type=None).value)
