"""Writes what turns and calls decided, and keeps their effects back until the commit."""

import json
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from .app import DurableSettings
from .events import OPERATION, Kind, Message
from .instance import COMPLETED, ENDED, PENDING, RUNNING, SUSPENDED, TERMINATED, Instance, Memory, Parent
from .instance_cache import Roster
from .replay_cursor import Scheduled
from .rows import child_id
from .schedule import Mail, Schedule
from .store import Store
from .turn import Turn
from .work_counter import Busy


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
        instance.custom = turn.custom if turn.custom is not None else instance.custom
        tasks = turn.scheduled
        if turn.is_renewed:
            self._start_all(instance, tasks, at)
            self._renew(instance, memory, at)
            return
        self._extend(instance, memory, turn)
        if turn.status is not None:
            self._start_all(instance, tasks, at)
            self._end(turn, memory, at)
            return
        _note_suspension(turn, memory)
        if not self._schedule.fires_cancelled:
            memory.walk.cancelled.clear()
            for event_id in memory.walk.closed:
                self._after.append(lambda event_id=event_id: self._schedule.cancel(instance, event_id))  # type: ignore[misc]
        self._store.save(instance, at)
        self._start_all(instance, tasks, at)

    def drop(self, instance: Instance) -> None:
        """Forget a living instance without a word to anybody: it was purged, or another took its id."""
        if not instance.is_parked:
            self._busy.remove(len(instance.inbox))
        self._store.forget(instance.inbox)
        instance.inbox, instance.is_queued = [], False
        self._roster.remove(instance)
        self._after.append(lambda: self._schedule.end(instance))

    def end_unbegun(self, instance: Instance, reason: str | None, at: str) -> None:
        """Terminate an instance whose code has never run: it has no history."""
        instance.status = TERMINATED
        self._store.save(instance, at, json.dumps(reason))
        self.drop(instance)

    def add(self, instance: Instance, at: str) -> None:
        """Write a new instance, which starts after the commit; one that has its id is replaced."""
        known = self._store.find(instance.id)
        if known is not None:
            running = self._roster.get(instance.id) if known.status not in ENDED else None
            if running is not None:
                self.drop(running)
            self._store.delete(known.seq)
        self._store.add(instance, at)
        instance.memory = Memory()
        self._roster.add(instance)
        self._after.append(lambda: self._mail.post(instance.id, start_message(instance, at)))

    def send(self, instance: Instance, message: Message, at: str) -> None:
        """Write a message into a living instance's inbox; it is delivered after the commit."""
        self.send_to(instance.id, message, at)

    def send_to(self, target: str, message: Message, at: str) -> None:
        """Write a message to an instance or an entity; it is delivered after the commit."""
        message.at = at
        self._store.receive(target, message)
        self._after.append(lambda: self._mail.post(target, message))

    def _end(self, turn: Turn, memory: Memory, at: str) -> None:
        instance = turn.instance
        instance.status = turn.status or TERMINATED
        self._store.save(instance, at, turn.output)
        if memory.marks:
            self._store.clear_marks(instance.seq)
        for locked in memory.walk.locks:
            self.send_to(locked, Message(OPERATION, text=json.dumps({"release": True, "parent": instance.id})), at)
        self.drop(instance)
        self._tell_parent(turn, at)

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
        carried = [Message(Kind.EVENT_RAISED, name=name, text=text, at=at) for name, text in memory.walk.carried]
        instance.input = json.dumps(memory.walk.renewal)
        instance.execution = uuid.uuid4().hex
        instance.created, instance.generation, instance.memory = at, None, None
        self._store.clear_history(instance.seq)
        self._store.save(instance, at)
        for message in carried:
            self._store.receive(instance.id, message)
        instance.memory = Memory()
        instance.inbox = [start_message(instance, at), *carried, *instance.inbox]
        self._busy.add(1 + len(carried))
        self._after.append(lambda: self._schedule.end(instance))

    def _start_all(self, instance: Instance, tasks: Sequence[Scheduled], at: str) -> None:
        for task in tasks:
            self._start(instance, task, at)

    def _start(self, instance: Instance, task: Scheduled, at: str) -> None:
        if task.kind is Kind.CHILD_CREATED:
            self._start_child(instance, task, at)
        elif task.is_cancelled and not self._schedule.fires_cancelled:
            return
        elif task.kind is Kind.EVENT_SENT:
            text = task.sent(instance.id, instance.execution)
            operation = Message(OPERATION, text=text, execution=instance.execution, fire_at=task.due)
            self.send_to(task.target, operation, at)
        elif task.kind is Kind.TIMER_CREATED:
            self._after.append(lambda: self._schedule.timer(instance, task.event_id, task.leaf))
        else:
            self._after.append(lambda: self._schedule.activity(instance, task.event_id, task.name, task.input))

    def _start_child(self, instance: Instance, task: Scheduled, at: str) -> None:
        action = task.action
        given = action.get("input")
        child = Instance(
            seq=0,
            id=child_id(instance, task),
            name=action["functionName"],
            version=action.get("version") or self._settings.default_version,
            execution=uuid.uuid4().hex,
            status=PENDING,
            created=at,
            # The SDK's input is JSON text already; the extension writes it as a JSON string once more.
            input=None if given is None else json.dumps(given),
            generation=None,
            parent=Parent(instance.id, instance.execution, task.event_id, instance.name, instance.version),
        )
        self.add(child, at)

    def _tell_parent(self, turn: Turn, at: str) -> None:
        parent = turn.instance.parent
        waiting = self._roster.get(parent.id) if parent else None
        if parent is None or waiting is None or waiting.execution != parent.execution:
            return
        if turn.status == COMPLETED:
            completion = Message(Kind.CHILD_COMPLETED, parent.task, text=turn.output, execution=parent.execution)
        else:
            # Details that the child's answer sent travel in the place of a name.
            completion = Message(Kind.CHILD_FAILED, parent.task, turn.failure_details, turn.reason, turn.details)
            completion.execution = parent.execution
        self.send(waiting, completion, at)


def _note_suspension(turn: Turn, memory: Memory) -> None:
    """Let the status show that an instance was suspended or resumed, and why."""
    instance = turn.instance
    for message in turn.messages:
        if message.kind in (Kind.SUSPENDED, Kind.RESUMED):
            instance.reason = None if message.text is None else json.dumps(message.text)
    if memory.walk.is_suspended:
        instance.status = SUSPENDED
    elif instance.status in (PENDING, SUSPENDED):
        instance.status = RUNNING


def start_message(instance: Instance, at: str) -> Message:
    """Return the first message of a generation; it needs no row: an empty history stands for it."""
    return Message(Kind.EXECUTION_STARTED, execution=instance.execution, at=at)
