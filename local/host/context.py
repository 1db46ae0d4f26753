"""The invocation context that a function may ask for."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import azure.functions as func

from .function import Function

thread_local = threading.local()


@dataclass(frozen=True)
class TraceContext:
    """No trace crosses this host."""

    trace_state: str = ""
    trace_parent: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RetryContext:
    """This host does not retry a function by itself."""

    retry_count: int = 0
    max_retry_count: int = 0
    exception: None = None


class Context(func.Context):
    """The invocation context that a function may ask for."""

    def __init__(self, function: Function, invocation_id: str) -> None:
        self._function = function
        self._id = invocation_id

    @property
    def invocation_id(self) -> str:
        """The id of this invocation."""
        return self._id

    @property
    def thread_local_storage(self) -> Any:
        """Where user threads put the invocation id for their log lines."""
        return thread_local

    @property
    def function_name(self) -> str:
        """The function's name."""
        return self._function.name

    @property
    def function_directory(self) -> str:
        """The folder of the function's code."""
        return self._function.folder

    @property
    def trace_context(self) -> Any:
        """The (empty) trace context."""
        return TraceContext()

    @property
    def retry_context(self) -> Any:
        """The (empty) retry context."""
        return RetryContext()
