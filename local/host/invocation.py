"""Runs one function once: arguments in, returned value and outputs out, with its log lines marked."""

import asyncio
import contextvars
import logging
import threading
import time
import uuid
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import azure.functions as func

from .context import Context, thread_local
from .function import Function
from .holding import Hold, Watched

logger = logging.getLogger("host")
NOT_HERE = "which this host does not have (see --help)"

Value = TypeVar("Value")


@dataclass(frozen=True)
class Running:
    """The invocation that a log line belongs to."""

    function: str
    id: str


running: contextvars.ContextVar[Running | None] = contextvars.ContextVar("running", default=None)


@dataclass(frozen=True)
class Result:
    """What a function gave: its returned value and the values of its `func.Out` parameters."""

    returned: Any
    outputs: Mapping[str, Any]


class Out(func.Out[Value], Generic[Value]):
    """The value that a function sets for an output binding."""

    def __init__(self) -> None:
        self._value: Value | None = None

    def set(self, val: Value) -> None:
        """Set the value."""
        self._value = val

    def get(self) -> Value | None:  # type: ignore[override]  # the library's own Out starts as None too
        """Return the value, None when it was never set."""
        return self._value


class Invoker:
    """Runs functions: async ones on the loop, sync ones on a bounded pool of threads."""

    def __init__(self, pool: Executor, durable_client: str, threads: int = 32) -> None:
        """Take a pool; `threads` = how many sync functions of any kind run at once, as in the worker's one pool."""
        self._pool = pool
        self._durable_client = durable_client
        self.thread = threading.BoundedSemaphore(threads)

    async def invoke(self, function: Function, argument: Any, reason: str, hold: Hold) -> Result:
        """Run the function with its trigger's argument; what it raises comes through after it was logged."""
        current = Running(function.name, str(uuid.uuid4()))
        token = running.set(current)
        began = time.monotonic()
        logger.info("Executing 'Functions.%s' (Reason='%s', Id=%s)", function.name, reason, current.id)
        try:
            arguments = self.arguments(function, argument, current.id)
            returned = await self._call(function, arguments, current, hold)
            _check_returned(function, returned)
        except BaseException:
            logger.exception("Executed 'Functions.%s' (Failed, Id=%s, Duration=%dms)", *_summary(current, began))
            raise
        else:
            logger.info("Executed 'Functions.%s' (Succeeded, Id=%s, Duration=%dms)", *_summary(current, began))
        finally:
            running.reset(token)
        outs = {binding.name: arguments[binding.name].get() for binding in function.out_parameters}
        return Result(returned, {name: value for name, value in outs.items() if value is not None})

    def arguments(self, function: Function, argument: Any, invocation_id: str) -> dict[str, Any]:
        """Give the keyword arguments of one call; raises RuntimeError when this host lacks a binding of the function."""
        if function.lacking:
            raise RuntimeError(f"The function {function.name} uses {', '.join(function.lacking)}, {NOT_HERE}.")
        arguments: dict[str, Any] = {function.trigger.name: argument}
        arguments |= dict.fromkeys(function.client_parameters, self._durable_client)
        arguments |= {binding.name: Out[Any]() for binding in function.out_parameters}
        if function.wants_context:
            arguments["context"] = Context(function, invocation_id)
        return arguments

    async def _call(self, function: Function, arguments: Mapping[str, Any], current: Running, hold: Hold) -> Any:
        if function.is_async:
            thread_local.invocation_id = current.id
            return await Watched(function.call(**arguments), hold)

        def call() -> Any:
            with self.thread:
                thread_local.invocation_id = current.id
                return function.call(**arguments)

        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._pool, context.run, call)


def _summary(current: Running, began: float) -> tuple[str, str, int]:
    return current.function, current.id, round((time.monotonic() - began) * 1000)


def _check_returned(function: Function, returned: Any) -> None:
    if returned is not None and function.returns is None:
        raise RuntimeError(f"function {function.name} without a $return binding returned a non-None value")
