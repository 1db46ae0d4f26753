"""Writes what turns and calls decided, and keeps their effects back until the commit."""

import json
import re
import uuid
from collections.abc import Callable
from typing import Any

from .app import DurableSettings
from .busy import Busy
from .events import Kind, Message, Row, event
from .instance import COMPLETED, PENDING, RUNNING, SUSPENDED, Instance, Memory, Parent
from .roster import Roster
from .schedule import Mail, Schedule
from .store import Store
from .turn import Turn, child_id
from .walk import Scheduled

REFUSED_ID = re.compile(r"^@|[/\\#?\x00-\x1f\x7f-\x9f]")  # documented by Azure


def is_bad_id(instance_id: str) -> bool:
    """Whether Azure would refuse an instance id."""
    return not instance_id or REFUSED_ID.search(instance_id) is not None


class Writer:
    """Used by the turn thread, inside a transaction; `release` is called after its commit."""

    def __init__(
        self,
        store: Store,
        roster: Roster,
        schedule: Schedule[Any],
        mail: Mail[Any],
        busy: Busy,
        settings: DurableSettings,
    ) -> None:
        self._store, self._roster, self._schedule, self._mail = store, roster, schedule, mail
        self._busy, self._settings = busy, settings
        self._after: list[Callable[[], None]] = []

    def release(self) -> None:
        """Start the effects of what was committed."""
        after, self._after = self._after, []
        for effect in after:
            effect()

    def later(self, effect: Callable[[], None]) -> None:
        """Keep an effect back until the commit."""
        self._after.append(effect)

    def write(self, turn: Turn, memory: Memory, at: str) -> None:
        """Write one turn."""
        instance = turn.instance
        self._store.forget(turn.messages)
        if not turn.rows:
            return
        instance.custom = turn.custom or instance.custom
        if turn.is_renewed:
            self._renew(instance, memory, at)
            return
        self._extend(instance, memory, turn)
        if turn.status is not None:
            reason = turn.output if turn.status == COMPLETED else turn.reason
            self.end(instance, turn.status, turn.output, reason, at)
            return
        if instance.status == PENDING:
            instance.status = RUNNING
        self._store.save(instance, at)
        for task in turn.scheduled:
            self._start(instance, task, at)
        for event_id in memory.walk.closed:
            self._after.append(lambda event_id=event_id: self._schedule.cancel(instance, event_id))  # type: ignore[misc]

    def end(self, instance: Instance, status: str, output: str | None, told: str | None, at: str) -> None:
        """Write that an instance has ended; `told` is what its parent hears: the output, or why it failed."""
        if not self._roster.is_held(instance):
            self._busy.remove(len(instance.inbox))
        instance.status = status
        self._store.save(instance, at, output)
        self._store.clear_marks(instance.seq)
        self._store.forget(instance.inbox)
        instance.inbox, instance.is_queued = [], False
        self._roster.remove(instance)
        self._after.append(lambda: self._schedule.end(instance))
        self._tell_parent(instance.parent, status, told)

    def add(self, instance: Instance, at: str) -> None:
        """Write a new instance, which starts after the commit."""
        self._store.add(instance, at)
        instance.memory = Memory()
        self._roster.add(instance)
        self._after.append(lambda: self._mail.post(instance.id, start_message(instance)))

    def send(self, instance: Instance, message: Message) -> None:
        """Write a message into a living instance's inbox; it is delivered after the commit."""
        self._store.receive(instance.id, message)
        self._after.append(lambda: self._mail.post(instance.id, message))

    def _extend(self, instance: Instance, memory: Memory, turn: Turn) -> None:
        self._store.append(instance.seq, memory.length, turn.rows)
        if turn.marks:
            self._store.append_marks(instance.seq, len(memory.marks), turn.marks)
            memory.marks += turn.marks
        new = ",".join([row.text for row in turn.rows])
        memory.text = f"{memory.text},{new}" if memory.text else new
        memory.length += len(turn.rows)

    def _renew(self, instance: Instance, memory: Memory, at: str) -> None:
        """Continue as new: another history; of the old one's events only those after the call are kept."""
        carried = [Message(Kind.EVENT_RAISED, name=name, text=text) for name, text in memory.walk.carried]
        instance.input = json.dumps(memory.walk.renewal)
        instance.execution = uuid.uuid4().hex
        instance.memory = None
        self._store.clear_history(instance.seq)
        self._store.save(instance, at)
        for message in carried:
            self._store.receive(instance.id, message)
        instance.memory = Memory()
        instance.inbox = [start_message(instance), *carried, *instance.inbox]
        self._busy.add(1 + len(carried))
        self._after.append(lambda: self._schedule.end(instance))

    def _start(self, instance: Instance, task: Scheduled, at: str) -> None:
        if task.kind is Kind.CHILD_CREATED:
            self._start_child(instance, task, at)
        elif task.is_cancelled:
            return
        elif task.kind is Kind.TIMER_CREATED:
            self._after.append(lambda: self._schedule.timer(instance, task.event_id, task.leaf))
        else:
            name, text = task.action["functionName"], task.action.get("input")
            self._after.append(lambda: self._schedule.activity(instance, task.event_id, name, text))

    def _start_child(self, instance: Instance, task: Scheduled, at: str) -> None:
        new_id, action = child_id(instance, task), task.action
        problem = self._make_room(new_id)
        if problem:
            failed = Message(Kind.CHILD_FAILED, task.event_id, text=problem, execution=instance.execution)
            self.send(instance, failed)
            return
        given = action.get("input")
        child = Instance(
            seq=0,
            id=new_id,
            name=action["functionName"],
            version=action.get("version") or self._settings.default_version,
            execution=uuid.uuid4().hex,
            status=PENDING,
            created=at,
            # The SDK's input is JSON text already; the extension writes it as a JSON string once more.
            input=None if given is None else json.dumps(given),
            parent=Parent(instance.id, instance.execution, task.event_id),
        )
        self.add(child, at)

    def _make_room(self, new_id: str) -> str | None:
        if is_bad_id(new_id):
            return f"The instance id '{new_id}' is not allowed: no leading @, no / \\ # ? or control characters."
        known = self._store.find(new_id)
        if known is None:
            return None
        if known.status in (PENDING, RUNNING, SUSPENDED):
            return f"An orchestration instance '{new_id}' with the status {known.status} already exists."
        self._store.delete(known.seq)
        return None

    def _tell_parent(self, parent: Parent | None, status: str, told: str | None) -> None:
        waiting = self._roster.get(parent.id) if parent else None
        if parent is None or waiting is None or waiting.execution != parent.execution:
            return
        kind = Kind.CHILD_COMPLETED if status == COMPLETED else Kind.CHILD_FAILED
        self.send(waiting, Message(kind, parent.task, text=told, execution=parent.execution))


def start_message(instance: Instance) -> Message:
    """Return the first message of a generation; it needs no row: an empty history stands for it."""
    return Message(Kind.EXECUTION_STARTED, execution=instance.execution)


def terminated_rows(reason: str, at: str) -> list[Row]:
    """Return how a history ends when somebody terminates the instance."""
    return [
        Row(Kind.TURN_STARTED, event(Kind.TURN_STARTED, at)),
        Row(Kind.EXECUTION_TERMINATED, event(Kind.EXECUTION_TERMINATED, at, Input=reason)),
        Row(Kind.TURN_COMPLETED, event(Kind.TURN_COMPLETED, at)),
    ]
