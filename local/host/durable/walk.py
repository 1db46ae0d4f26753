"""The extension's shim as an incremental serial walk: which ids are given when, and what is still open.

The rules were read in the extension's out-of-process shim and in Durable Task, and checked against SDK 1.7.0.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .actions import CHILDREN, NAMES, RETRIED, UNSUPPORTED, Act, Action, action_at
from .events import FAILURES, Kind, Message, moment, stamp

RETRY_TIMER = -1  # a leaf that waits between two attempts


class Unsupported(Exception):  # noqa: N818 - it says what is wrong
    """The orchestrator asked for something this host does not do."""


@dataclass(slots=True)
class Leaf:
    """An open task: the action it belongs to, and the attempt it is."""

    path: str
    kind: int
    attempt: int = 1
    fire_at: str | None = None


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A task that got its id in this turn."""

    event_id: int
    leaf: Leaf
    action: Action
    is_cancelled: bool = False

    @property
    def kind(self) -> Kind:
        """The history event that records it."""
        if self.leaf.fire_at is not None:
            return Kind.TIMER_CREATED
        return Kind.CHILD_CREATED if self.leaf.kind in CHILDREN else Kind.TASK_SCHEDULED


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
    final: str | None = None  # the SDK's answer once the code has ended
    scheduled: list[Scheduled] = field(default_factory=list)  # of this turn
    closed: list[int] = field(default_factory=list)  # timers cancelled in this turn

    def dump(self) -> str:
        """Return the state between two turns as JSON text."""
        leaves = {key: [leaf.path, leaf.kind, leaf.attempt, leaf.fire_at] for key, leaf in self.open.items()}
        rest = [self.remaining, self.waits, self.early, self.renewal, self.carried, self.final]
        return json.dumps([self.position, self.next_id, self.current_done, leaves, *rest], separators=(",", ":"))

    @staticmethod
    def load(text: str) -> "Walk":
        """Read what `dump` wrote."""
        position, next_id, current_done, leaves, remaining, waits, early, renewal, carried, final = json.loads(text)
        opened = {int(key): Leaf(*leaf) for key, leaf in leaves.items()}
        events = [(name, payload) for name, payload in carried]
        return Walk(position, next_id, current_done, opened, remaining, waits, early, renewal, events, final)

    def accepts(self, message: Message) -> bool:
        """Whether a message means something to this instance: late and repeated completions do not."""
        if message.task is None:
            return True
        leaf = self.open.get(message.task)
        return leaf is not None and (leaf.fire_at is not None) == (message.kind == Kind.TIMER_FIRED)

    def is_exhausted(self, actions: Sequence[Action]) -> bool:
        """Whether every action was invoked, the last one is complete, and no task is open."""
        came_through = self.renewal is not None or (self.position >= len(actions) and self.current_done)
        return came_through and not self.open

    def run(self, messages: Sequence[Message], actions: Sequence[Action], now: datetime) -> None:
        """Take a turn's messages in order; the tasks that got an id stand in `scheduled` afterwards."""
        self.scheduled, self.closed = [], []
        step = _Step(self, actions, now)
        for message in messages:
            step.deliver(message)
            step.advance()
        # A cancel arrives as a flag on an action that was walked before.
        step.drop_cancelled()
        step.advance()


@dataclass(frozen=True, slots=True)
class _Step:
    """One turn's look at a walk: the list of actions as it is now, and the orchestrator's clock."""

    walk: Walk
    actions: Sequence[Action]
    now: datetime

    def advance(self) -> None:
        walk = self.walk
        while walk.current_done and walk.renewal is None and walk.position < len(self.actions):
            path = str(walk.position)
            action = self.actions[walk.position]
            walk.position += 1
            walk.current_done = self._invoke(path, action)

    def deliver(self, message: Message) -> None:
        if message.kind == Kind.EVENT_RAISED:
            self._raise(message)
        elif message.task is not None:
            self._close(message, self.walk.open.pop(message.task))

    def drop_cancelled(self) -> None:
        timers = [(key, leaf) for key, leaf in self.walk.open.items() if leaf.kind == Act.TIMER]
        for key, leaf in timers:
            if action_at(self.actions, leaf.path).get("isCanceled"):
                del self.walk.open[key]
                self.walk.closed.append(key)
                self._complete(leaf.path)

    def _raise(self, message: Message) -> None:
        walk, name = self.walk, (message.name or "").lower()
        if walk.renewal is not None:
            walk.carried.append((message.name or "", message.text))
        elif walk.waits.get(name):
            path = walk.waits[name].pop()
            if not walk.waits[name]:
                del walk.waits[name]
            self._complete(path)
        else:
            walk.early[name] = walk.early.get(name, 0) + 1

    def _close(self, message: Message, leaf: Leaf) -> None:
        action = action_at(self.actions, leaf.path)
        if leaf.kind == RETRY_TIMER and leaf.attempt < _attempts(action):
            self._schedule(Leaf(leaf.path, action["actionType"], leaf.attempt + 1), action)
        elif leaf.kind in RETRIED and message.kind in FAILURES:
            # The last attempt is followed by a timer too, which fires at once.
            pause = _pause(action) if leaf.attempt < _attempts(action) else timedelta()
            self._schedule(Leaf(leaf.path, RETRY_TIMER, leaf.attempt, stamp(self.now + pause)), action)
        else:
            self._complete(leaf.path)

    def _complete(self, path: str) -> None:
        remaining = self.walk.remaining
        while "." in path:
            path = path.rpartition(".")[0]
            left = remaining.get(path)
            if left is None:
                return  # the compound was complete before
            if left > 1:
                remaining[path] = left - 1
                return
            del remaining[path]
        if int(path) == self.walk.position - 1:
            self.walk.current_done = True

    def _invoke(self, path: str, action: Action) -> bool:
        """Open an action's leaves, depth first; True when it is complete at once."""
        kind = action["actionType"]
        if kind in (Act.ANY, Act.ALL):
            return self._invoke_compound(path, action)
        if kind == Act.WAIT:
            return self._wait(path, action["externalEventName"].lower())
        if kind == Act.RENEW:
            self.walk.renewal = action["input"]
            return True
        if kind in UNSUPPORTED:
            raise Unsupported(f"The local host does not support this yet: {NAMES[kind]}.")
        fire_at = stamp(moment(action["fireAt"])) if kind == Act.TIMER else None
        return self._schedule(Leaf(path, kind, fire_at=fire_at), action)

    def _invoke_compound(self, path: str, action: Action) -> bool:
        done = [self._invoke(f"{path}.{index}", child) for index, child in enumerate(action["compoundActions"])]
        missing = done.count(False)
        if not missing or (action["actionType"] == Act.ANY and missing < len(done)):
            return True
        self.walk.remaining[path] = 1 if action["actionType"] == Act.ANY else missing
        return False

    def _wait(self, path: str, name: str) -> bool:
        early = self.walk.early
        if name not in early:
            self.walk.waits.setdefault(name, []).append(path)
            return False
        early[name] -= 1
        if not early[name]:
            del early[name]
        return True

    def _schedule(self, leaf: Leaf, action: Action) -> bool:
        walk = self.walk
        is_cancelled = leaf.kind == Act.TIMER and bool(action.get("isCanceled"))
        walk.scheduled.append(Scheduled(walk.next_id, leaf, action, is_cancelled))
        if not is_cancelled:
            walk.open[walk.next_id] = leaf
        walk.next_id += 1
        return is_cancelled


def _attempts(action: Action) -> int:
    return int(_retry(action)["maxNumberOfAttempts"])


def _pause(action: Action) -> timedelta:
    # Only the first interval and the number of attempts are sent by SDK 1.x: there is no back-off.
    return timedelta(milliseconds=_retry(action)["firstRetryIntervalInMilliseconds"])


def _retry(action: Action) -> dict[str, Any]:
    options: dict[str, Any] = action["retryOptions"]
    return options
