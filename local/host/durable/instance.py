"""An instance as the turn thread holds it: small always, its history only while it is at work."""

from dataclasses import dataclass, field

from .events import Message
from .replay_cursor import Walk

PENDING, RUNNING, SUSPENDED = "Pending", "Running", "Suspended"
COMPLETED, FAILED, TERMINATED = "Completed", "Failed", "Terminated"
ENDED = frozenset({COMPLETED, FAILED, TERMINATED})


@dataclass(frozen=True, slots=True)
class Parent:
    """Who waits for a child: the instance, its generation, and the id of the task there."""

    id: str
    execution: str
    task: int
    name: str | None = None
    version: str | None = None


@dataclass(slots=True)
class Memory:
    """What a turn needs of the past, rebuilt from disk when it was let go."""

    walk: Walk = field(default_factory=Walk)
    text: str = ""  # the history's events as JSON, comma between them
    length: int = 0  # how many there are
    marks: list[str] = field(default_factory=list)  # the actions asked for so far


@dataclass(slots=True, eq=False)
class Instance:
    """One orchestration that has not ended."""

    seq: int  # the order of creation: times tie when the clock stands still
    id: str
    name: str
    version: str | None
    execution: str
    status: str
    created: str
    input: str | None
    custom: str | None = None
    generation: int | None = 0  # None for children and after continue_as_new, as in Azure
    source: str | None = None  # the instance that a restart copied
    reason: str | None = None  # why it was suspended or resumed last: shown as its output until it ends
    offers: int = 0  # how often a host of another version has put it back
    offered: str | None = None  # when it is offered again
    parent: Parent | None = None
    memory: Memory | None = None
    inbox: list[Message] = field(default_factory=list)
    is_queued: bool = False
    is_parked: bool = False  # its version does not match: it waits for another host
    cost: float = 0.0  # real seconds of its last turn
    ready_at: float = 0.0
