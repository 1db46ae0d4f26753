"""Whether an orchestrator's code still asks for what it asked for before.

The host is stricter than Azure: it compares every action by kind and name, with letter case, events and compounds too.
Azure compares only what got an id, without letter case; where it would notice, its words are used.
"""

from collections.abc import Sequence
from typing import Any

from .actions import COMPOUND, Act, Action, kind_of
from .events import Kind
from .replay_cursor import Scheduled

NAMES = {
    Act.ACTIVITY: "activity",
    Act.ACTIVITY_RETRY: "activity with retry",
    Act.CHILD: "sub-orchestration",
    Act.CHILD_RETRY: "sub-orchestration with retry",
    Act.RENEW: "continue_as_new",
    Act.TIMER: "timer",
    Act.WAIT: "wait for event",
    Act.ENTITY: "entity call",
    Act.HTTP: "durable HTTP call",
    Act.SIGNAL: "entity signal",
    Act.SCHEDULED_SIGNAL: "scheduled entity signal",
    Act.ANY: "task_any",
    Act.ALL: "task_all",
    Act.LOCK: "entity locks",
    Act.RELEASE: "release of entity locks",
}
CLASSES = {
    Kind.TASK_SCHEDULED: "ScheduleTaskOrchestratorAction",
    Kind.CHILD_CREATED: "CreateSubOrchestrationAction",
    Kind.TIMER_CREATED: "CreateTimerOrchestratorAction",
    Kind.EVENT_SENT: "SendEventOrchestratorAction",
}
CHANGED = "Was a change made to the orchestrator code after this instance had already started running?"


class NonDeterministic(Exception):  # noqa: N818 - the term of the field
    """The orchestrator no longer asks for what it asked for before."""


_MARKS: dict[tuple[int, str], str] = {}


def mark(action: Action) -> str:
    """Return what must not change about an action between two turns: its kind and its name."""
    kind = action.get("actionType")
    name = action.get("functionName") or ""
    known = _MARKS.get((kind, name)) if type(kind) is int else None
    return known or _new_mark(action)


def _new_mark(action: Action) -> str:
    kind = kind_of(action)
    if kind in COMPOUND:
        return f"{NAMES[Act(kind)]}({', '.join(mark(child) for child in action['compoundActions'])})"
    function = action.get("functionName")
    name = function or action.get("externalEventName") or action.get("instanceId") or ""
    found = f"{NAMES[Act(kind)]} '{name}'" if name else NAMES[Act(kind)]
    if function:
        _MARKS[kind, function] = found
    return found


def new_marks(known: Sequence[str], actions: Sequence[Action]) -> list[str]:
    """Return the marks of the actions after `known`; raises NonDeterministic naming the first that differs."""
    # Each replay comes here with everything that was asked for before: the same in one look.
    if [mark(action) for action in actions[: len(known)]] == known:
        return [mark(action) for action in actions[len(known) :]]
    for index, expected in enumerate(known):
        found = mark(actions[index]) if index < len(actions) else "nothing"
        if found != expected:
            raise NonDeterministic(
                f"Non-Deterministic workflow detected: action {index} was {expected} and is now {found}. "
                "Azure would not notice it, or later. An orchestrator must ask for the same actions in the same order "
                f"on every replay. {CHANGED}"
            )
    return []


def compare(event: dict[str, Any], task: Scheduled | None) -> None:
    """Compare a scheduled task of the history with what the replay schedules under its id; raises NonDeterministic."""
    number, kind = event["EventId"], Kind(event["EventType"])
    before = f"Non-Deterministic workflow detected: A previous execution of this orchestration scheduled {_told(event)}"
    if task is None:
        but = " but" if kind is Kind.TIMER_CREATED else ", but"
        raise NonDeterministic(
            f"{before}{but} the current replay execution hasn't (yet?) scheduled this task. {CHANGED}"
        )
    if task.kind is not kind:
        named = " named" if kind is Kind.TIMER_CREATED else ","
        what = f"produced a {CLASSES[task.kind]} action with this sequence number"
        before = before.replace(f"sequence ID {number} and name", f"sequence number {number} named")
        raise NonDeterministic(f"{before}{named} but the current orchestration replay instead {what}. {CHANGED}")
    if "Name" in event and event["Name"].lower() != task.name.lower():
        what = "an activity task named" if kind is Kind.TASK_SCHEDULED else "a sub-orchestration task with name"
        before = _one_kind(before, event)
        raise NonDeterministic(
            f"{before}, but the current orchestration replay instead scheduled {what} '{task.name}' "
            f"with this sequence number.  {CHANGED}"
        )


def _told(event: dict[str, Any]) -> str:
    kind, number, name = event["EventType"], event["EventId"], event.get("Name")
    version = event.get("Version") or ""
    if kind == Kind.TIMER_CREATED:
        return f"a timer task with sequence number {number}"
    if kind == Kind.TASK_SCHEDULED:
        return f"an activity task with sequence ID {number} and name '{name}' (version '{version}')"
    about = f"instance ID '{event['InstanceId']}'"
    if kind == Kind.CHILD_CREATED:
        return f"a sub-orchestration task with sequence ID {number} and name '{name}' (version '{version}', {about})"
    return f"a send event task with sequence ID {number}, type 'EventSent' name '{name}', {about}"


def _one_kind(before: str, event: dict[str, Any]) -> str:
    """Return the beginning as Azure words it where an activity of another name came."""
    if event["EventType"] != Kind.TASK_SCHEDULED:
        return before
    number, name = event["EventId"], event["Name"]
    return before.partition(f"sequence ID {number}")[0] + f"sequence number {number} named '{name}'"
