"""The events of a history and the messages that become events."""

import functools
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

# What only this host sends: no events of a history.
VISIBLE_AGAIN = -1  # the lease of an activity that a dead host had taken is over
OFFERED_AGAIN = -2  # an instance of a version that does not fit is looked at once more
OPERATION = -3  # for an entity: an operation, a lock or its release
OPERATION_DUE = -4  # an operation that was sent for a later moment is to be done now


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
    EVENT_SENT = 14
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
    event_id: int | None = None  # given to tasks, timers, children and what is sent
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
    at: str | None = None  # when it was sent

    def dump(self) -> str:
        """Return the message as the text of a durable inbox row."""
        more = (self.details, self.execution, self.fire_at, self.at)
        return json.dumps([self.kind, self.task, self.name, self.text, *more])

    @staticmethod
    def load(text: str, row: int) -> "Message":
        """Read a durable inbox row."""
        kind, task, name, payload, details, execution, *times = json.loads(text)
        return Message(kind, task, name, payload, details, execution, row, *times)


@functools.lru_cache(maxsize=16)  # a turn has one moment, which it writes often
def stamp(moment: datetime) -> str:
    """Write a moment with a fixed width, so that texts compare as moments do: UTC, microseconds, a literal Z."""
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return in_utc.isoformat(timespec="microseconds")[:26] + "Z"


def shown(stamped: str) -> str:
    """Write a stamp as histories do: zeros at the end are cut."""
    return stamped[:-1].rstrip("0").rstrip(".") + "Z" if "." in stamped else stamped


def moment(text: str) -> datetime:
    """Read a moment of a history or of an action."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)
