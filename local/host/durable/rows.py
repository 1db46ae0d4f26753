"""The rows of a history: each event as the JSON text that the extension hands to the SDK, member by member.

Null members are written, the members that all events share stand last, as in what Azure sends.
"""

import json
from json.encoder import encode_basestring_ascii
from typing import Any

from .events import COMPLETIONS, FAILURES, Kind, Message, Row, shown
from .instance import Instance
from .replay_cursor import Scheduled

NEW, PLAYED = '"IsPlayed":false', '"IsPlayed":true'


def event(kind: Kind, at: str, event_id: int = -1, **members: Any) -> str:
    """Return the JSON text of one event that happened at a stamp."""
    tail = "".join([f',"{key}":{_json(value)}' for key, value in members.items()])
    return f'{{"EventType":{int(kind)}{tail},"EventId":{event_id},{NEW},"Timestamp":"{shown(at)}"}}'


def _json(value: Any) -> str:
    # Most values are texts and nothing: faster than asking the encoder for each.
    if value is None:
        return "null"
    return encode_basestring_ascii(value) if type(value) is str else json.dumps(value)


def frame(kind: Kind, at: str) -> Row:
    """Return the row that begins or ends a turn."""
    return Row(kind, f'{{"EventType":{int(kind)},"EventId":-1,{NEW},"Timestamp":"{shown(at)}"}}')


def played(text: str) -> str:
    """Return a message's event as later turns see it."""
    head, _, tail = text.rpartition(NEW)
    return f"{head}{PLAYED}{tail}"


def started(instance: Instance, at: str) -> Row:
    """Return the row that begins a generation."""
    origin = {"InstanceId": instance.id, "ExecutionId": instance.execution}
    members: dict[str, Any] = {
        "ParentInstance": _parent(instance),
        "Name": instance.name,
        "Version": instance.version,
        "Input": instance.input,
        "Tags": None,
        "Correlation": None,
        "ParentTraceContext": None,
        "ScheduledStartTime": None,
        "Generation": instance.generation,
        "GenerateNewTrace": False,
    }
    text = event(Kind.EXECUTION_STARTED, at, **members)
    return Row(Kind.EXECUTION_STARTED, f'{{"OrchestrationInstance":{json.dumps(origin)},{text[1:]}')


def _parent(instance: Instance) -> dict[str, Any] | None:
    parent = instance.parent
    if parent is None:
        return None
    return {
        "Name": parent.name,
        "OrchestrationInstance": {"InstanceId": parent.id, "ExecutionId": parent.execution},
        "TaskScheduleId": parent.task,
        "Version": parent.version,
    }


def received(message: Message, at: str) -> Row:
    """Return the row that records a message; `at` counts where it does not say when it was sent."""
    kind, sent = Kind(message.kind), message.at or at
    if kind in COMPLETIONS:
        return Row(kind, _completion(kind, message, sent), closes=message.task)
    if kind is Kind.EVENT_RAISED:
        return Row(kind, event(kind, sent, Name=message.name, Input=message.text, ParentTraceContext=None))
    if kind is Kind.EXECUTION_TERMINATED:
        return Row(kind, event(kind, sent, Input=message.text))
    if kind is Kind.GENERIC:
        return Row(kind, event(kind, sent, Data=message.text))
    return Row(kind, event(kind, sent, Reason=message.text))


def _completion(kind: Kind, message: Message, at: str) -> str:
    if kind is Kind.TIMER_FIRED:
        return event(kind, at, TimerId=message.task, FireAt=shown(message.fire_at or ""))
    if kind in FAILURES:
        about = {"Reason": message.text, "Details": message.details, "FailureDetails": _read(message.name)}
        return event(kind, at, TaskScheduledId=message.task, **about)
    return event(kind, at, TaskScheduledId=message.task, Result=message.text)


def _read(failure_details: str | None) -> Any:
    # An orchestrator may send details of its failure; they travel in the place of a name.
    return None if failure_details is None else json.loads(failure_details)


def scheduled(instance: Instance, task: Scheduled, at: str) -> Row:
    """Return the row that records a task that got its id."""
    kind, path = task.kind, task.leaf.path
    text = event(kind, at, task.event_id, **_asked(instance, task))
    return Row(kind, text, task.event_id, leaf=path, input=task.input)


def _asked(instance: Instance, task: Scheduled) -> dict[str, Any]:
    if task.kind is Kind.TIMER_CREATED:
        return {"FireAt": shown(task.leaf.fire_at or "")}
    if task.kind is Kind.EVENT_SENT:
        return {"InstanceId": task.target, "Name": task.name, "Input": task.sent(instance.id, instance.execution)}
    if task.kind is Kind.CHILD_CREATED:
        version = task.action.get("version") or ""
        about = {"Version": version, "InstanceId": child_id(instance, task), "Input": None}
        return {"Name": task.name, **about, "ClientSpanId": None, "Tags": None}
    return {"Name": task.name, "Version": "", "Input": None, "ParentTraceContext": None, "Tags": None}


def child_id(instance: Instance, task: Scheduled) -> str:
    """Return the id given by the code, or the one Azure makes of the parent's execution and the event."""
    return task.action.get("instanceId") or f"{instance.execution}:{task.event_id}"


def completed(event_id: int, status: str, result: str | None, at: str) -> Row:
    """Return the row with which a history ends; it takes the next id."""
    members = {"OrchestrationStatus": status, "Result": result, "FailureDetails": None}
    return Row(Kind.EXECUTION_COMPLETED, event(Kind.EXECUTION_COMPLETED, at, event_id, **members))
