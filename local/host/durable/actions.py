"""What an orchestrator answered: its append-only list of actions, and how far it came."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeAlias

from .failures import invocation_failed

Action: TypeAlias = dict[str, Any]
MARKER = "$OutOfProcData$:"
NEWEST_SCHEMA = 3


class Act(IntEnum):
    """The action types of the SDK, with their numbers on the wire."""

    ACTIVITY = 0
    ACTIVITY_RETRY = 1
    CHILD = 2
    CHILD_RETRY = 3
    RENEW = 4
    TIMER = 5
    WAIT = 6
    ENTITY = 7
    HTTP = 8
    SIGNAL = 9
    SCHEDULED_SIGNAL = 10
    ANY = 11
    ALL = 12
    LOCK = 13
    RELEASE = 14


# An action's type may be sent by its name, too.
BY_NAME = {
    "callactivity": Act.ACTIVITY,
    "callactivitywithretry": Act.ACTIVITY_RETRY,
    "callsuborchestrator": Act.CHILD,
    "callsuborchestratorwithretry": Act.CHILD_RETRY,
    "continueasnew": Act.RENEW,
    "createtimer": Act.TIMER,
    "waitforexternalevent": Act.WAIT,
    "callentity": Act.ENTITY,
    "callhttp": Act.HTTP,
    "signalentity": Act.SIGNAL,
    "scheduledsignalentity": Act.SCHEDULED_SIGNAL,
    "whenany": Act.ANY,
    "whenall": Act.ALL,
    "lockentities": Act.LOCK,
    "releaseentities": Act.RELEASE,
}
COMPOUND = frozenset({Act.ANY, Act.ALL})
RETRIED = frozenset({Act.ACTIVITY_RETRY, Act.CHILD_RETRY})
ACTIVITIES = frozenset({Act.ACTIVITY, Act.ACTIVITY_RETRY})
CHILDREN = frozenset({Act.CHILD, Act.CHILD_RETRY})
SIGNALS = frozenset({Act.SIGNAL, Act.SCHEDULED_SIGNAL})
SENT = SIGNALS | {Act.ENTITY, Act.LOCK, Act.RELEASE}


class Refused(Exception):  # noqa: N818 - it ends the instance, not the host
    """What the orchestrator answered ends its instance at once; the text says why."""


@dataclass(frozen=True)
class Answer:
    """One run of the orchestrator's code."""

    actions: list[Action] = field(default_factory=list)
    done: bool = False
    output: Any = None
    error: str | None = None
    custom_status: Any = None
    schema: int = NEWEST_SCHEMA
    failure_details: Any = None
    is_broken: bool = False  # it raised something that is no answer: there is no list of actions

    @property
    def ended(self) -> bool:
        """Whether the code returned, raised or continued as new: nothing later changes the outcome."""
        return self.done or self.error is not None


def read_answer(text: str) -> Answer:
    """Read what the SDK returned, or the part of its exception after the marker; raises Refused for another schema."""
    state = json.loads(text)
    schema = state.get("schemaVersion") or 0
    outcome = state.get("isDone", False), state.get("output"), state.get("error"), state.get("customStatus")
    actions = _actions(state.get("actions") or [[]], schema)
    return Answer(actions, *outcome, schema, state.get("failureDetails"), is_broken=state.get("isBroken", False))


def _actions(lists: list[list[Action]], schema: int) -> list[Action]:
    if schema > NEWEST_SCHEMA:
        raise Refused(f'The OOProc schema of of version "{schema}" is unsupported by this durable-extension version.')
    if not schema:
        # The old way: what was asked for in one turn was begun together, and one of it let the orchestrator go on.
        return [
            each[0] if len(each) == 1 else {"actionType": int(Act.ANY), "compoundActions": each}
            for each in lists
            if each
        ]
    if len(lists) != 1:
        raise Refused(
            f"With OOProc schema V{schema}, expected actions array to be of length 1 in outer layer "
            f"but got size: {len(lists)}"
        )
    return lists[0]


def read_failure(error: BaseException) -> str:
    """Return the answer's text that a raised exception carries; one without the marker means a failed orchestrator."""
    _, marker, text = str(error).rpartition(MARKER)
    if marker and _is_failure(text):
        return text
    return json.dumps({"isDone": False, "isBroken": True, "error": invocation_failed(error)})


def _is_failure(text: str) -> bool:
    try:
        state = json.loads(text)
    except ValueError:
        return False
    if not isinstance(state, dict) or state.get("isDone") or not state.get("error"):
        return False
    actions = state.get("actions")
    return isinstance(actions, list) and all(isinstance(each, list) for each in actions)


def action_at(actions: Sequence[Action], path: str) -> Action:
    """Return the action at a path such as "3.0": the list's index, then the indexes inside compounds."""
    first, *steps = path.split(".")
    found = actions[int(first)]
    for step in steps:
        found = found["compoundActions"][int(step)]
    return found


def kind_of(action: Action) -> int:
    """Return an action's type as a number, and keep it so; raises Refused for one that nobody knows."""
    kind = action.get("actionType")
    if type(kind) is int and kind <= Act.RELEASE:
        return kind
    found = BY_NAME.get(str(kind).lower())
    if found is None:
        raise Refused(f"Received an unexpected action type from the out-of-proc function: '${kind}'.")
    action["actionType"] = int(found)
    return found
