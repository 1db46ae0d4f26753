"""The rows of a history: each event as the JSON text the SDK reads, built once and kept."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

VISIBLE_AGAIN = -1  # no event of a history: the lease of an activity that a dead host had taken is over


class Kind(IntEnum):
    """The history event types of Durable Task, with their numbers on the wire."""

    EXECUTION_STARTED = 0
    EXECUTION_COMPLETED = 1
    EXECUTION_TERMINATED = 3
    TASK_SCHEDULED = 4
    TASK_COMPLETED = 5
    TASK_FAILED = 6
    CHILD_CREATED = 7
    CHILD_COMPLETED = 8
    CHILD_FAILED = 9
    TIMER_CREATED = 10
    TIMER_FIRED = 11
    TURN_STARTED = 12
    TURN_COMPLETED = 13
    EVENT_RAISED = 15
    GENERIC = 17
    SUSPENDED = 19
    RESUMED = 20


COMPLETIONS = frozenset(
    {Kind.TASK_COMPLETED, Kind.TASK_FAILED, Kind.CHILD_COMPLETED, Kind.CHILD_FAILED, Kind.TIMER_FIRED}
)
FAILURES = frozenset({Kind.TASK_FAILED, Kind.CHILD_FAILED})


@dataclass(slots=True)
class Row:
    """One history event: its text, and what the host must find again without parsing it."""

    kind: int
    text: str
    event_id: int | None = None  # given to tasks, timers and children
    closes: int | None = None  # the id of the task that this event completes
    leaf: str | None = None  # which action of the orchestrator's list the id belongs to
    input: str | None = None  # of an activity: kept beside the text, so that replays do not parse it


@dataclass(slots=True)
class Message:
    """Something that happened to an instance and waits for its next turn."""

    kind: int
    task: int | None = None
    name: str | None = None
    text: str | None = None  # result, payload or reason
    details: str | None = None
    execution: str | None = None  # None: whichever generation reads it
    row: int | None = None  # where it stands in the durable inbox
    fire_at: str | None = None

    def dump(self) -> str:
        """Return the message as the text of a durable inbox row."""
        return json.dumps([self.kind, self.task, self.name, self.text, self.details, self.execution, self.fire_at])

    @staticmethod
    def load(text: str, row: int) -> "Message":
        """Read a durable inbox row."""
        kind, task, name, payload, details, execution, fire_at = json.loads(text)
        return Message(kind, task, name, payload, details, execution, row, fire_at)


def stamp(moment: datetime) -> str:
    """Write a moment as histories do: UTC, microseconds, a literal Z."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def moment(text: str) -> datetime:
    """Read a moment of a history or of an action."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def event(kind: Kind, at: str, event_id: int = -1, **members: Any) -> str:
    """Return the JSON text of one event.

    IsPlayed is always false: the SDK takes what stands before the last OrchestratorStarted as replayed (read in 1.7.0).
    """
    head = f'{{"EventType":{int(kind)},"EventId":{event_id},"IsPlayed":false,"Timestamp":"{at}"'
    rest = "".join(f',"{key}":{json.dumps(value)}' for key, value in members.items())
    return head + rest + "}"


def received(message: Message, at: str) -> Row:
    """Return the row that records a message."""
    kind = Kind(message.kind)
    if kind is Kind.EVENT_RAISED:
        return Row(kind, event(kind, at, Name=message.name, Input=message.text))
    if kind is Kind.TIMER_FIRED:
        return Row(kind, event(kind, at, TimerId=message.task, FireAt=message.fire_at), closes=message.task)
    if kind in FAILURES:
        failure: dict[str, Any] = {"TaskScheduledId": message.task, "Reason": message.text, "Details": message.details}
        return Row(kind, event(kind, at, **failure), closes=message.task)
    if kind in COMPLETIONS:
        return Row(kind, event(kind, at, TaskScheduledId=message.task, Result=message.text), closes=message.task)
    return Row(kind, event(kind, at, Reason=message.text))
