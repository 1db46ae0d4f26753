"""Durable entities on the turn thread: operations wait in order, run in batches, and their answers go back.

An operation is on disk until its entity's new state is; while an entity is locked, only the instance that locked it is
served. Its code runs in the pool of activities, one batch of an entity at a time.
"""

import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from .entity_state import EntityStore
from .events import OPERATION, OPERATION_DUE, Kind, Message
from .instance_cache import Roster
from .schedule import Schedule
from .writer import Writer

RESPONSE = (
    "Microsoft.Azure.WebJobs.Extensions.DurableTask.ResponseMessage, Microsoft.Azure.WebJobs.Extensions.DurableTask"
)
LOCKED = "Lock Acquisition Completed"


@dataclass(slots=True)
class _Entity:
    """An entity that has something to do."""

    id: str
    state: str | None
    locked_by: str | None
    waiting: deque[Message] = field(default_factory=deque)
    batch: list[Message] = field(default_factory=list)  # what its code works on


class Entities:
    """Used by the turn thread, inside a transaction."""

    def __init__(self, store: EntityStore, roster: Roster, schedule: Schedule[Any], writer: Writer) -> None:
        self._store, self._roster, self._schedule, self._writer = store, roster, schedule, writer
        self._awake: dict[str, _Entity] = {}
        self._later: dict[int, Message] = {}  # by their rows: operations that were sent for a later moment

    def recover(self, at: str) -> None:
        """Take up the operations that are on disk."""
        for entity_id, message in self._store.operations():
            if not self._is_kept(entity_id, message, at):
                self._entity(entity_id).waiting.append(message)
        for entity in list(self._awake.values()):
            self._go_on(entity, at)

    def take(self, entity_id: str, message: Message, at: str) -> None:
        """Take in an operation, or what came of a batch."""
        if message.kind == OPERATION_DUE:
            message = self._later.pop(message.task or 0)
        elif self._is_kept(entity_id, message, at):
            return
        entity = self._entity(entity_id)
        if message.kind == OPERATION:
            entity.waiting.append(message)
        elif entity.batch:
            self._finish(entity, message, at)
        self._go_on(entity, at)

    def _is_kept(self, entity_id: str, message: Message, at: str) -> bool:
        """Keep an operation whose moment has not come; it is on disk as the others are."""
        if message.kind != OPERATION or message.fire_at is None or message.fire_at <= at or message.row is None:
            return False
        self._later[message.row] = message
        self._writer.later(lambda: self._schedule.operation(entity_id, message))
        return True

    def _entity(self, entity_id: str) -> _Entity:
        found = self._awake.get(entity_id)
        if found is None:
            found = self._awake[entity_id] = _Entity(entity_id, *self._store.read(entity_id))
        return found

    def _go_on(self, entity: _Entity, at: str) -> None:
        """Serve what may be served: locks and releases at once, operations as one batch."""
        served: list[Message] = []
        while not entity.batch and (message := self._next(entity)) is not None:
            request = json.loads(message.text or "{}")
            if "release" in request:
                self._unlock(entity, request, at)
                self._store.forget(message)
            elif "lockset" in request:
                if served:
                    entity.waiting.appendleft(message)
                    break
                self._lock(entity, request, message, at)
                self._store.forget(message)
            else:
                served.append(message)
        if served:
            entity.batch = served
            payload = _payload(entity)
            self._writer.later(lambda: self._schedule.entity(entity.id, payload))
        elif not entity.batch and not entity.waiting:
            self._awake.pop(entity.id, None)

    def _next(self, entity: _Entity) -> Message | None:
        for index, message in enumerate(entity.waiting):
            request = json.loads(message.text or "{}")
            if entity.locked_by in (None, request.get("parent")):
                del entity.waiting[index]
                return message
        return None

    def _lock(self, entity: _Entity, request: dict[str, Any], message: Message, at: str) -> None:
        entity.locked_by = request["parent"]
        self._store.lock(entity.id, entity.locked_by, at)
        remaining = request["lockset"][request["lockset"].index(entity.id) + 1 :]
        if remaining:
            self._writer.send_to(remaining[0], Message(OPERATION, text=message.text, execution=message.execution), at)
        else:
            self._answer(request, {"result": LOCKED}, message, at)

    def _unlock(self, entity: _Entity, request: dict[str, Any], at: str) -> None:
        if entity.locked_by == request.get("parent"):
            entity.locked_by = None
            self._store.lock(entity.id, None, at)

    def _finish(self, entity: _Entity, message: Message, at: str) -> None:
        batch, entity.batch = entity.batch, []
        answer = _read_answer(entity, message, len(batch))
        entity.state = answer["entityState"] if answer["entityExists"] else None
        self._store.write(entity.id, entity.state, at)
        for operation, result in zip(batch, answer["results"], strict=False):
            self._store.forget(operation)
            request = json.loads(operation.text or "{}")
            if not request.get("signal"):
                response = {"result": result["result"]} | ({"exceptionType": "Error"} if result["isError"] else {})
                self._answer(request, response, operation, at)
        for signal in answer.get("signals") or ():
            self._signal(entity, signal, at)

    def _signal(self, entity: _Entity, signal: dict[str, Any], at: str) -> None:
        target = signal["target"]
        name = f"@{target['name'].lower()}@{target['key']}"
        request = {"op": signal["name"], "signal": True, "input": signal.get("input"), "parent": entity.id}
        self._writer.send_to(name, Message(OPERATION, text=json.dumps(request)), at)

    def _answer(self, request: dict[str, Any], response: dict[str, Any], message: Message, at: str) -> None:
        caller = self._roster.get(request.get("parent") or "")
        if caller is not None and caller.execution == message.execution:
            text = json.dumps({"$type": RESPONSE, **response}, separators=(",", ":"))
            raised = Message(Kind.EVENT_RAISED, name=request["id"], text=text, execution=caller.execution)
            self._writer.send(caller, raised, at)


def _payload(entity: _Entity) -> str:
    """Return what the entity trigger hands to the SDK."""
    name, _, key = entity.id[1:].partition("@")
    requests = [json.loads(message.text or "{}") for message in entity.batch]
    batch = [
        {"name": each["op"], "input": each.get("input"), "isSignal": bool(each.get("signal")), "id": each.get("id")}
        for each in requests
    ]
    exists = entity.state is not None
    document = {"self": {"name": name, "key": key}, "exists": exists, "state": entity.state, "batch": batch}
    return json.dumps(document, separators=(",", ":"))


def _read_answer(entity: _Entity, message: Message, count: int) -> dict[str, Any]:
    if message.kind == Kind.TASK_COMPLETED:
        answer: dict[str, Any] = json.loads(message.text or "{}")
        return answer
    # The code itself broke: every operation failed, and the state is what it was.
    failed = {"isError": True, "result": json.dumps(message.text)}
    return {"entityExists": entity.state is not None, "entityState": entity.state, "results": [failed] * count}
