"""Jobs and their tasks as they run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..timeline import Event
from .template_rows import Template

Json = dict[str, Any]


@dataclass
class Task:
    """One task of a job as it runs."""

    id: str
    name: str
    friendly: str
    seconds: str
    state: str = "NotStarted"
    description: str = "NotStarted"
    started: datetime | None = None
    ended: datetime | None = None
    errors: list[Json] = field(default_factory=list)
    group: Json | None = None  # what a plan's job tells of a group, but for its children
    children: list[Callable[[], Json]] = field(default_factory=list)  # of a group, as each of them stands now
    custom: Json | None = None
    kind: str = "TaskDetails"


@dataclass
class Job:
    """A job: `finish` hears how it ended, `effects` are run at the end of a task and may return an error."""

    id: str
    scenario: str
    friendly: str
    activity: str
    tasks: list[Task]
    target_id: str
    target_name: str
    target_type: str
    created: datetime
    details: Callable[["Job"], Json]
    finish: Callable[[str], None]
    effects: dict[str, Callable[[], Json | None]] = field(default_factory=dict)
    cancellable: bool = True
    state: str = "NotStarted"
    description: str = "NotStarted"
    started: datetime | None = None
    ended: datetime | None = None
    errors: list[Json] = field(default_factory=list)
    pending: Event | None = None
    resume: Callable[[], None] | None = None
    cancel: Callable[[], None] | None = None
    again: Callable[[], None] | None = None
    template: Template | None = None
    known_as: tuple[str, ...] = ()
    tolerated: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()
    extra: Json = field(default_factory=dict)

    @property
    def ended_badly(self) -> bool:
        """Return whether the job ended without success."""
        return self.state in ("Failed", "Cancelled")

    @property
    def running(self) -> bool:
        """Return whether the job has not ended."""
        return self.state in ("NotStarted", "InProgress", "Suspended")
