"""One turn's step of a walk: messages complete what is open, and what comes next in the list is invoked."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .actions import RETRIED, SENT, SIGNALS, Act, Action, Refused, action_at, kind_of
from .events import FAILURES, Kind, Message, moment, stamp
from .http_calls import next_request, pause_before
from .replay_cursor import HTTP_TIMER, RETRY_TIMER, Leaf, Scheduled, Walk, lock_set, request_id
from .retries import attempts, pause

LONGEST = timedelta(days=6)  # of one timer of Azure Storage; longer ones are cut into pieces
PIECE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Step:
    """A look at a walk: the list of actions as it is now, and the orchestrator's clock."""

    walk: Walk
    actions: Sequence[Action]
    now: datetime
    execution: str = ""
    schema: int = 3

    def run(self, messages: Sequence[Message]) -> None:
        """Take a turn's messages in order; the tasks that got an id stand in the walk's `scheduled` afterwards."""
        walk = self.walk
        walk.scheduled, walk.closed = [], []
        for message in messages:
            self._take(message)
        if not walk.is_suspended:
            # A cancel arrives as a flag on an action that was walked before.
            self._drop_cancelled()
            self._advance()

    def _take(self, message: Message) -> None:
        walk = self.walk
        if message.kind == Kind.SUSPENDED:
            walk.is_suspended = True
        elif message.kind == Kind.RESUMED:
            walk.is_suspended = False
            held, walk.held = walk.held, []
            for kind, task, name, text in held:
                self._take(Message(kind, task, name, text))
            self._advance()
        elif walk.is_suspended:
            walk.held.append([int(message.kind), message.task, message.name, message.text])
        else:
            self._deliver(message)
            self._advance()

    def _advance(self) -> None:
        walk = self.walk
        while walk.current_done and walk.renewal is None and walk.position < len(self.actions):
            path = str(walk.position)
            action = self.actions[walk.position]
            walk.position += 1
            walk.current_done = self._invoke(path, action)

    def _deliver(self, message: Message) -> None:
        if message.kind == Kind.EVENT_RAISED:
            self._raise(message)
        elif message.task is not None and self.walk.cancelled.pop(message.task, None) is None:
            self._close(message, self.walk.open.pop(message.task))

    def _drop_cancelled(self) -> None:
        timers = [(key, leaf) for key, leaf in self.walk.open.items() if leaf.kind == Act.TIMER]
        for key, leaf in timers:
            if action_at(self.actions, leaf.path).get("isCanceled"):
                self.walk.cancelled[key] = self.walk.open.pop(key)
                self.walk.closed.append(key)
                self._complete(leaf.path)

    def _raise(self, message: Message) -> None:
        walk, name = self.walk, (message.name or "").lower()
        if name in walk.calls:
            self._complete(walk.calls.pop(name))
        elif walk.renewal is not None:
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
        follower = self._follower(message, leaf, action)
        if follower is None:
            self._complete(leaf.path)
        else:
            self._schedule(follower, action)

    def _follower(self, message: Message, leaf: Leaf, action: Action) -> Leaf | None:
        """Return the task that goes on for one that has ended: the next attempt, the next piece of a timer."""
        at = stamp(self.now)
        if leaf.kind == Act.TIMER:
            return self._next_piece(leaf, action)
        if leaf.kind == Act.HTTP:
            return self._look_again(message, leaf, action)
        if leaf.kind == HTTP_TIMER:
            return Leaf(leaf.path, Act.HTTP, at=at, request=leaf.request)
        if leaf.kind == RETRY_TIMER and leaf.attempt < attempts(action):
            return Leaf(leaf.path, action["actionType"], leaf.attempt + 1, None, at, leaf.first)
        if leaf.kind in RETRIED and message.kind in FAILURES:
            # The last attempt is followed by a timer too, which fires at once.
            fire_at = stamp(self.now + pause(action, leaf.attempt, leaf.first, self.now))
            return Leaf(leaf.path, RETRY_TIMER, leaf.attempt, fire_at, at, leaf.first)
        return None

    def _look_again(self, message: Message, leaf: Leaf, action: Action) -> Leaf | None:
        wait = pause_before(message.text, action) if message.kind == Kind.TASK_COMPLETED else None
        if wait is None:
            return None
        request = next_request(message.text, leaf.request, action)
        return Leaf(leaf.path, HTTP_TIMER, fire_at=stamp(self.now + wait), at=stamp(self.now), request=request)

    def _next_piece(self, leaf: Leaf, action: Action) -> Leaf | None:
        end = moment(action["fireAt"])
        if leaf.fire_at is None or moment(leaf.fire_at) >= end:
            return None
        return self._timer(leaf.path, action)

    def _timer(self, path: str, action: Action) -> Leaf:
        end = moment(action["fireAt"])
        if end - self.now > LONGEST:
            if self.schema < 2:
                raise Refused(
                    "The Azure Storage provider supports a maximum of 6 days for time-based delays (Parameter 'fireAt')"
                )
            end = self.now + PIECE
        return Leaf(path, Act.TIMER, fire_at=stamp(end), at=stamp(self.now))

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
        kind = kind_of(action)
        if kind in (Act.ANY, Act.ALL):
            return self._invoke_compound(path, action)
        if kind == Act.WAIT:
            return self._wait(path, action["externalEventName"].lower())
        if kind == Act.RENEW:
            self.walk.renewal = action["input"]
            return True
        if kind in SENT:
            return self._send(path, action)
        if kind == Act.TIMER:
            return self._schedule(self._timer(path, action), action)
        at = stamp(self.now)
        return self._schedule(Leaf(path, kind, at=at, first=at if kind in RETRIED else None), action)

    def _invoke_compound(self, path: str, action: Action) -> bool:
        children = action["compoundActions"]
        if not children and action["actionType"] == Act.ANY:
            raise Refused("The tasks argument contains no tasks. (Parameter 'tasks')")
        done = [self._invoke(f"{path}.{index}", child) for index, child in enumerate(children)]
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

    def _send(self, path: str, action: Action) -> bool:
        """Send to entities; a call and a lock are complete when the answer comes."""
        walk, kind = self.walk, action["actionType"]
        targets = walk.locks if kind == Act.RELEASE else [lock_set(action)[0]] if kind == Act.LOCK else []
        for target in targets or ([action["instanceId"].lower()] if kind == Act.ENTITY or kind in SIGNALS else []):
            walk.scheduled.append(Scheduled(walk.next_id, Leaf(path, kind), action, target=target))
            walk.next_id += 1
        if kind == Act.RELEASE:
            walk.locks = []
        if kind == Act.RELEASE or kind in SIGNALS:
            return True
        walk.calls[request_id(self.execution, walk.next_id - 1)] = path
        walk.locks += lock_set(action)
        return False

    def _schedule(self, leaf: Leaf, action: Action) -> bool:
        walk = self.walk
        is_cancelled = leaf.kind == Act.TIMER and bool(action.get("isCanceled"))
        walk.scheduled.append(Scheduled(walk.next_id, leaf, action, is_cancelled))
        (walk.cancelled if is_cancelled else walk.open)[walk.next_id] = leaf
        walk.next_id += 1
        return is_cancelled


def walk_again(events: Sequence[dict[str, Any]], step: Step) -> list[Scheduled]:
    """Walk through a whole history of earlier turns; returns what got an id in them (a rewound one asks anew)."""
    found: list[Scheduled] = []
    messages: list[Message] = []
    for event in events:
        kind = event["EventType"]
        if kind == Kind.TURN_STARTED:
            messages, began = [], moment(event["Timestamp"])
        elif kind == Kind.TURN_COMPLETED:
            once = Step(step.walk, step.actions, began, step.execution, step.schema)
            once.run([message for message in messages if step.walk.accepts(message)])
            found += step.walk.scheduled
        elif event["EventId"] < 0:
            messages.append(_message(event))
    return found


def _message(event: dict[str, Any]) -> Message:
    task = event.get("TaskScheduledId", event.get("TimerId"))
    text = event.get("Result", event.get("Input"))
    return Message(event["EventType"], task, event.get("Name"), text if isinstance(text, str) else json.dumps(text))
