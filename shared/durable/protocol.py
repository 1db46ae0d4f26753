"""What an orchestrator may do and wait for, and the contracts of what it calls; everything else is forbidden by type."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from pydantic import JsonValue

from shared.models import Model, Request

Input = TypeVar("Input", bound=Request)
Reply = TypeVar("Reply", bound=Model)
T = TypeVar("T")
Wire: TypeAlias = dict[str, JsonValue]  # a request or a reply as it travels


class DurableTask(Protocol):
    """What an orchestrator yields."""

    @property
    def result(self) -> Any:
        """Give what the task came to."""


Waits: TypeAlias = Generator[DurableTask | list[DurableTask], Any, T]


class Timer(DurableTask, Protocol):
    """A task that can be taken back."""

    def cancel(self) -> None:
        """Take it back: an instance cannot end while a timer is open."""


class Context(Protocol):
    """The things that an orchestrator may do; everything else is forbidden by type."""

    @property
    def instance_id(self) -> str: ...  # noqa: D102
    @property
    def is_replaying(self) -> bool: ...  # noqa: D102
    @property
    def current_utc_datetime(self) -> datetime: ...  # noqa: D102
    def call_activity_with_retry(self, name: str, retry_options: object, input_: Wire) -> DurableTask: ...  # noqa: D102
    def call_sub_orchestrator(self, name: str, input_: Wire, instance_id: str) -> DurableTask: ...  # noqa: D102
    def create_timer(self, fire_at: datetime) -> Timer: ...  # noqa: D102
    def wait_for_external_event(self, name: str) -> DurableTask: ...  # noqa: D102
    def task_all(self, activities: list[DurableTask]) -> DurableTask: ...  # noqa: D102
    def task_any(self, activities: list[DurableTask]) -> DurableTask: ...  # noqa: D102
    def continue_as_new(self, input_: Wire) -> None: ...  # noqa: D102


@dataclass(frozen=True)
class Activity(Generic[Input, Reply]):
    """The contract of one activity: its name, what it takes and what it gives."""

    name: str
    takes: type[Input]
    gives: type[Reply]


@dataclass(frozen=True)
class Phase(Generic[Input, Reply]):
    """The contract of one orchestrator."""

    name: str
    takes: type[Input]
    gives: type[Reply]
