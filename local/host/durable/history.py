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
    Kind.EVENT_RAISED: "EventRaised",
    Kind.GENERIC: "GenericEvent",
    Kind.SUSPENDED: "ExecutionSuspended",
    Kind.RESUMED: "ExecutionResumed",
}
FRAME = frozenset({Kind.TURN_STARTED, Kind.TURN_COMPLETED})
SHOWN = ("Reason", "Details", "FireAt", "OrchestrationStatus", "InstanceId", "Data")


def history_events(rows: Iterable[Row], *, show_input: bool, show_output: bool) -> list[dict[str, Any]]:
    """Return the events without the turns' frames; a completed task is one event with the time it was scheduled."""
    rows = [row for row in rows if row.kind not in FRAME]
    began = {row.event_id: row for row in rows if row.event_id is not None}
    closed = {row.closes for row in rows if row.closes is not None}
    shown = [row for row in rows if row.event_id is None or row.event_id not in closed]
    return [
        _event(
            row, None if row.closes is None else began.get(row.closes), show_input=show_input, show_output=show_output
        )
        for row in shown
    ]


def _event(row: Row, began: Row | None, *, show_input: bool, show_output: bool) -> dict[str, Any]:
    members = json.loads(row.text)
    event: dict[str, Any] = {"EventType": NAMES[Kind(row.kind)], "Timestamp": members["Timestamp"]}
    if began is not None:
        start = json.loads(began.text)
        event["ScheduledTime"] = start["Timestamp"]
        members.update({key: start[key] for key in ("InstanceId",) if key in start})
        _name(event, start)
    if row.kind == Kind.EVENT_RAISED:
        event["Name"] = members["Name"]
    else:
        _name(event, members)
    event.update({key: members[key] for key in SHOWN if members.get(key) is not None})
    if show_output and members.get("Result") is not None:
        event["Result"] = json.loads(members["Result"])
    if (show_input or row.kind != Kind.EXECUTION_STARTED) and members.get("Input") is not None:
        event["Input"] = _value(members["Input"])
    return event


def _name(event: dict[str, Any], members: dict[str, Any]) -> None:
    if members.get("Name") is not None:
        event["FunctionName"] = members["Name"]


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text  # a terminate's reason is plain text
