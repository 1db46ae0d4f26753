"""What an orchestrator answered: its append-only list of actions, and how far it came."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeAlias

Action: TypeAlias = dict[str, Any]
MARKER = "$OutOfProcData$:"


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
    ANY = 11
    ALL = 12


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
    Act.ANY: "task_any",
    Act.ALL: "task_all",
}
COMPOUND = frozenset({Act.ANY, Act.ALL})
RETRIED = frozenset({Act.ACTIVITY_RETRY, Act.CHILD_RETRY})
ACTIVITIES = frozenset({Act.ACTIVITY, Act.ACTIVITY_RETRY})
CHILDREN = frozenset({Act.CHILD, Act.CHILD_RETRY})
UNSUPPORTED = frozenset({Act.ENTITY, Act.SIGNAL, Act.HTTP})


class NonDeterministic(Exception):  # noqa: N818 - the term of the field
    """The orchestrator's list of actions no longer begins with what it asked for before."""


@dataclass(frozen=True)
class Answer:
    """One run of the orchestrator's code."""

    actions: list[Action] = field(default_factory=list)
    done: bool = False
    output: Any = None
    error: str | None = None
    custom_status: Any = None
    is_broken: bool = False  # the SDK itself raised: there is no list of actions

    @property
    def ended(self) -> bool:
        """Whether the code returned, raised or continued as new: nothing later changes the outcome."""
        return self.done or self.error is not None


def read_answer(text: str) -> Answer:
    """Read what the SDK returned, or the part of its exception after the marker."""
    state = json.loads(text)
    lists = state.get("actions") or [[]]
    outcome = state.get("output"), state.get("error"), state.get("customStatus")
    return Answer(lists[0], state.get("isDone", False), *outcome, is_broken=state.get("isBroken", False))


def read_failure(error: BaseException) -> str:
    """Return the answer's text that a raised exception carries; one without the marker means a failed orchestrator."""
    _, marker, text = str(error).rpartition(MARKER)
    if marker:
        return text
    return json.dumps({"isDone": False, "isBroken": True, "error": f"{type(error).__name__}: {error}"})


def action_at(actions: Sequence[Action], path: str) -> Action:
    """Return the action at a path such as "3.0": the list's index, then the indexes inside compounds."""
    first, *rest = path.split(".")
    found = actions[int(first)]
    for step in rest:
        found = found["compoundActions"][int(step)]
    return found


_MARKS: dict[tuple[int, str], str] = {}


def mark(action: Action) -> str:
    """Return what must not change about an action between two turns: its kind and its name."""
    kind = action["actionType"]
    if kind in COMPOUND:
        return f"{NAMES[kind]}({', '.join(mark(child) for child in action['compoundActions'])})"
    name = action.get("functionName") or action.get("externalEventName") or ""
    key = (kind, name)
    found = _MARKS.get(key)
    if found is None:
        found = _MARKS[key] = f"{NAMES.get(kind, str(kind))} '{name}'" if name else NAMES.get(kind, str(kind))
    return found


def new_marks(known: Sequence[str], actions: Sequence[Action]) -> list[str]:
    """Return the marks of the actions after `known`; raises NonDeterministic naming the first that differs."""
    for index, expected in enumerate(known):
        found = mark(actions[index]) if index < len(actions) else "nothing"
        if found != expected:
            raise NonDeterministic(
                f"Non-deterministic orchestrator: action {index} was {expected} and is now {found}. "
                "Its code must ask for the same actions in the same order on every replay."
            )
    return [mark(action) for action in actions[len(known) :]]
