"""The extension's shim as an incremental serial walk: which ids are given when, and what is still open.

The rules were read in the extension's out-of-process shim and in Durable Task, and seen on the real extension.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .actions import CHILDREN, SENT, SIGNALS, Act, Action
from .events import COMPLETIONS, Kind, Message, moment, shown, stamp
from .json_text import write_json

RETRY_TIMER = -1  # a leaf that waits between two attempts
HTTP_TIMER = -2  # a leaf that waits before it asks again how a request went
FIRST_MOMENT = "0001-01-01T00:00:00Z"
HTTP_ACTIVITY = "BuiltIn::HttpActivity"
REQUEST = (
    "Microsoft.Azure.WebJobs.Extensions.DurableTask.RequestMessage, Microsoft.Azure.WebJobs.Extensions.DurableTask"
)


@dataclass(slots=True)
class Leaf:
    """An open task: the action it belongs to, and the attempt it is."""

    path: str
    kind: int
    attempt: int = 1
    fire_at: str | None = None
    at: str | None = None  # when it was scheduled
    first: str | None = None  # when the first attempt of it was scheduled
    request: str | None = None  # of a durable HTTP call that asks again: what it sends


def request_id(execution: str, event_id: int) -> str:
    """Return the id of what an instance sends to an entity: the same on every replay."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{execution}:{event_id}"))


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A task that got its id in this turn."""

    event_id: int
    leaf: Leaf
    action: Action
    is_cancelled: bool = False
    target: str = ""  # of what is sent: the entity

    @property
    def kind(self) -> Kind:
        """The history event that records it."""
        if self.leaf.fire_at is not None:
            return Kind.TIMER_CREATED
        if self.leaf.kind in SENT:
            return Kind.EVENT_SENT
        return Kind.CHILD_CREATED if self.leaf.kind in CHILDREN else Kind.TASK_SCHEDULED

    @property
    def name(self) -> str:
        """The name of its function."""
        if self.leaf.kind == Act.HTTP:
            return HTTP_ACTIVITY
        if self.leaf.kind in SENT:
            return "op" if self.due is None else f"op@{self.due[:-1]}0Z"  # with the seven decimals of .NET
        return str(self.action.get("functionName") or "")

    @property
    def due(self) -> str | None:
        """When an entity is to get a signal that was sent for a later moment, as a stamp."""
        if self.leaf.kind != Act.SCHEDULED_SIGNAL:
            return None
        return stamp(moment(self.action.get("fireAt") or FIRST_MOMENT))

    @property
    def input(self) -> str | None:
        """What an activity is given, as JSON text."""
        if self.leaf.kind == Act.HTTP:
            return self.leaf.request or json.dumps(self.action.get("httpRequest") or {})
        given: str | None = self.action.get("input")
        return given

    def sent(self, instance_id: str, execution: str) -> str:
        """Return what is sent to an entity, as JSON text."""
        kind, given = self.leaf.kind, self.action.get("input")
        message: dict[str, Any] = {"$type": REQUEST, "op": self.action.get("operation")}
        if kind in SIGNALS:
            message["signal"] = True
        if kind in SIGNALS or kind == Act.ENTITY:
            message["input"] = None if given is None else json.dumps(given)
        message |= {"id": request_id(execution, self.event_id), "parent": instance_id}
        if self.due is not None:
            message["due"] = shown(self.due)
        if kind == Act.LOCK:
            message["lockset"] = lock_set(self.action)
        if kind == Act.RELEASE:
            message["release"] = True
        return write_json(message)


def entity_id(name: str, key: str) -> str:
    """Return the id under which an entity is an instance."""
    return f"@{name.lower()}@{key}"


def lock_set(action: Action) -> list[str]:
    """Return the entities that an action locks, each once, in the order in which locks are taken."""
    return sorted({entity_id(each["name"], each["key"]) for each in action.get("lockSet") or ()})


@dataclass(slots=True)
class Walk:
    """Where an instance stands in its orchestrator's list of actions."""

    position: int = 0  # how many top actions were invoked
    next_id: int = 0
    current_done: bool = True  # whether the last invoked one is complete
    open: dict[int, Leaf] = field(default_factory=dict)
    remaining: dict[str, int] = field(default_factory=dict)  # compounds: completions still missing
    waits: dict[str, list[str]] = field(default_factory=dict)  # event name: waiting leaves, the newest is served first
    early: dict[str, int] = field(default_factory=dict)  # event name: events nobody waited for yet
    renewal: str | None = None  # the input given to continue_as_new
    carried: list[tuple[str, str | None]] = field(default_factory=list)  # events after continue_as_new
    calls: dict[str, str] = field(default_factory=dict)  # what entities were asked and did not answer: id, leaf
    locks: list[str] = field(default_factory=list)  # the entities that this instance has locked, or asked for
    is_suspended: bool = False
    held: list[list[Any]] = field(default_factory=list)  # what came while it was suspended
    cancelled: dict[int, Leaf] = field(default_factory=dict)  # timers that still fire, to no effect
    is_rewound: bool = False  # its history was rewritten: the next turn walks through it anew
    scheduled: list[Scheduled] = field(default_factory=list)  # of this turn
    closed: list[int] = field(default_factory=list)  # timers cancelled in this turn

    def dump(self) -> str:
        """Return the state between two turns as JSON text."""
        leaves, cancelled = _dumped(self.open), _dumped(self.cancelled)
        later = [self.remaining, self.waits, self.early, self.renewal, self.carried, None, self.calls, self.locks]
        state = [self.position, self.next_id, self.current_done, leaves, *later]
        return write_json([*state, self.is_suspended, self.held, cancelled, self.is_rewound])

    @staticmethod
    def load(text: str) -> "Walk":
        """Read what `dump` wrote."""
        position, next_id, current_done, leaves, *later = json.loads(text)
        remaining, waits, early, renewal, carried, _, *newer = later  # an older host kept the last answer there
        opened = _loaded(leaves)
        if newer:
            newer[4] = _loaded(newer[4])
        events = [(name, payload) for name, payload in carried]
        return Walk(position, next_id, current_done, opened, remaining, waits, early, renewal, events, *newer)

    def accepts(self, message: Message) -> bool:
        """Whether a message means something to this instance: late and repeated completions do not."""
        if message.task is None or self.is_rewound:
            return True
        if message.kind == Kind.TIMER_FIRED and message.task in self.cancelled:
            return True
        leaf = self.open.get(message.task)
        if leaf is None or (leaf.fire_at is not None) != (message.kind == Kind.TIMER_FIRED):
            return False
        return message.task not in self.held_tasks()

    def held_tasks(self) -> set[int]:
        """Return the open tasks whose ends came while the instance was suspended."""
        return {task for kind, task, *_ in self.held if kind in COMPLETIONS}

    def is_exhausted(self, actions: Sequence[Action]) -> bool:
        """Whether every action was invoked, the last one is complete, and no task is open."""
        came_through = self.renewal is not None or (self.position >= len(actions) and self.current_done)
        return came_through and not self.open and not self.is_suspended


def _dumped(leaves: Mapping[int, Leaf]) -> dict[int, list[Any]]:
    return {
        key: [leaf.path, leaf.kind, leaf.attempt, leaf.fire_at, leaf.at, leaf.first, leaf.request]
        for key, leaf in leaves.items()
    }


def _loaded(leaves: Mapping[str, list[Any]]) -> dict[int, Leaf]:
    return {int(key): Leaf(*leaf) for key, leaf in leaves.items()}
