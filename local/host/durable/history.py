"""A history as the management API shows it: what completed stands where it began is left out."""

import json
from collections.abc import Iterable
from typing import Any

from .events import Kind, Row

NAMES = {
    Kind.EXECUTION_STARTED: "ExecutionStarted",
    Kind.EXECUTION_COMPLETED: "ExecutionCompleted",
    Kind.EXECUTION_TERMINATED: "ExecutionTerminated",
    Kind.TASK_SCHEDULED: "TaskScheduled",
    Kind.TASK_COMPLETED: "TaskCompleted",
    Kind.TASK_FAILED: "TaskFailed",
    Kind.CHILD_CREATED: "SubOrchestrationInstanceCreated",
    Kind.CHILD_COMPLETED: "SubOrchestrationInstanceCompleted",
    Kind.CHILD_FAILED: "SubOrchestrationInstanceFailed",
    Kind.TIMER_CREATED: "TimerCreated",
    Kind.TIMER_FIRED: "TimerFired",
    Kind.EVENT_SENT: "EventSent",
    Kind.EVENT_RAISED: "EventRaised",
    Kind.GENERIC: "GenericEvent",
    Kind.SUSPENDED: "ExecutionSuspended",
    Kind.RESUMED: "ExecutionResumed",
}
FRAME = frozenset({Kind.TURN_STARTED, Kind.TURN_COMPLETED})
MERGED = frozenset({Kind.TASK_SCHEDULED, Kind.CHILD_CREATED})
# What no reader is shown, or is shown in another way.
INNER = frozenset({"EventType", "Timestamp", "EventId", "IsPlayed", "TaskScheduledId", "TimerId", "Name", "Result"})
INNER |= {"Input", "Version", "ParentInstance", "OrchestrationInstance", "Tags", "ParentTraceContext", "ClientSpanId"}


def history_events(rows: Iterable[Row], *, show_input: bool, show_output: bool) -> list[dict[str, Any]]:
    """Return the events without the turns' frames; a completed task or child is one event with the time it was scheduled."""
    rows = [row for row in rows if row.kind not in FRAME]
    began = {row.event_id: row for row in rows if row.kind in MERGED}
    closed = {row.closes for row in rows if row.closes is not None}
    kept = [row for row in rows if row.kind not in MERGED or row.event_id not in closed]
    return [_event(row, began.get(row.closes), show_input=show_input, show_output=show_output) for row in kept]


def _event(row: Row, began: Row | None, *, show_input: bool, show_output: bool) -> dict[str, Any]:
    members = json.loads(row.text)
    shown: dict[str, Any] = {"EventType": NAMES[Kind(row.kind)], "Timestamp": members["Timestamp"]}
    if began is not None:
        _merge(shown, json.loads(began.text))
    elif members.get("Name") is not None:
        shown["Name" if row.kind in (Kind.EVENT_RAISED, Kind.EVENT_SENT) else "FunctionName"] = members["Name"]
    shown |= {key: value for key, value in members.items() if key not in INNER}
    if show_output and "Result" in members:
        shown["Result"] = _value(members["Result"])
    if "Input" in members or began is not None:
        # JSON text as it was written, not the value that it stands for.
        shown["Input"] = members.get("Input") if show_input else None
    return shown


def _merge(shown: dict[str, Any], began: dict[str, Any]) -> None:
    shown["ScheduledTime"] = began["Timestamp"].removesuffix("Z") + "+00:00"
    shown["FunctionName"] = began["Name"]
    if "InstanceId" in began:
        shown["InstanceId"] = began["InstanceId"]


def _value(text: str | None) -> Any:
    try:
        return None if text is None else json.loads(text)
    except ValueError:
        return text  # why it was terminated or failed is plain text
