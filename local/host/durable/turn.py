"""One turn of one instance: its messages become history, its code says what comes next. Nothing is written here."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .actions import ACTIVITIES, CHILDREN, SENT, Answer, Refused, read_answer
from .app import DurableApp, DurableSettings
from .determinism import NonDeterministic, compare, new_marks
from .events import Kind, Message, Row, stamp
from .failures import child_details, orchestrator_failed
from .instance import COMPLETED, FAILED, TERMINATED, Instance, Memory
from .payload import turn_payload
from .replay_cursor import Scheduled, Walk
from .rows import completed, frame, played, received, scheduled, started
from .sdk import run_code
from .step import Step, walk_again
from .versions import MISMATCH, mismatch

log = logging.getLogger(__name__)
CUSTOM_STATUS_LIMIT = 16  # kilobytes of UTF-16, begun ones not counted, as the extension does


@dataclass(slots=True)
class Turn:
    """What one turn asks the host to write and to start."""

    instance: Instance
    messages: Sequence[Message]  # taken from the inbox, whether they meant something or not
    rows: list[Row] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    custom: str | None = None
    status: str | None = None  # set when the instance ends
    output: str | None = None
    reason: str | None = None  # why it failed, as its parent is told
    details: str | None = None
    failure_details: str | None = None
    is_walked: bool = False  # the actions that this turn asked for are in order
    is_renewed: bool = False
    is_rejected: bool = False  # not run: its version is for another host

    @property
    def scheduled(self) -> Sequence[Scheduled]:
        """The tasks to start; when the instance has ended, only what was sent to entities."""
        memory = self.instance.memory
        if memory is None or not self.is_walked:
            return ()
        found = memory.walk.scheduled
        return found if self.status is None else [task for task in found if task.kind is Kind.EVENT_SENT]

    def fail(self, reason: str, text: str | None = None) -> None:
        """End the instance as failed; `text` is what its code raised."""
        self.status, self.reason, self.output = FAILED, reason, json.dumps(reason)
        self.details = child_details(reason if text is None else text)


@dataclass(frozen=True)
class Player:
    """Takes turns: the app's code, the settings, and nothing else."""

    app: DurableApp
    settings: DurableSettings
    orchestrators: Mapping[str, Callable[[str], str]]  # by lower-case name
    activities: frozenset[str]  # lower-case names
    entities: frozenset[str]

    @staticmethod
    def of(app: DurableApp, settings: DurableSettings) -> "Player":
        """Return a player of one app."""
        orchestrators = {name.lower(): handle for name, handle in app.orchestrators.items()}
        activities = frozenset(name.lower() for name in app.activities)
        return Player(app, settings, orchestrators, activities, frozenset(name.lower() for name in app.entities))

    def take(self, instance: Instance, memory: Memory, messages: Sequence[Message], now: datetime) -> Turn:
        """Let an instance read its messages."""
        turn = Turn(instance, messages)
        problem = mismatch(instance.version, self.settings)
        if problem and self.settings.version_failure == "Reject":
            turn.is_rejected = True
            return turn
        accepted = _accepted(memory.walk, messages, instance.execution)
        if not accepted:
            return turn
        at = stamp(now)
        turn.rows = [frame(Kind.TURN_STARTED, at), *(_row(instance, message, at) for message in accepted)]
        stop = next((message for message in accepted if message.kind == Kind.EXECUTION_TERMINATED), None)
        if problem:
            turn.fail(MISMATCH)
        elif stop is not None:
            _terminate(turn, stop)
        else:
            self._play(turn, memory, accepted, now)
        for row in turn.rows[1 : len(accepted) + 1]:
            row.text = played(row.text)  # from the next turn on
        return _closed(turn, memory, at)

    def _play(self, turn: Turn, memory: Memory, messages: Sequence[Message], now: datetime) -> None:
        try:
            self._replay(turn, memory, messages, now)
        except NonDeterministic as change:
            turn.fail(str(change))
        except Refused as refusal:
            turn.fail(orchestrator_failed(turn.instance.name, str(refusal)), str(refusal))
        except Exception as bug:
            log.exception("Instance %s cannot take its turn", turn.instance.id)
            turn.fail(f"The local host does not understand what the SDK answered: {bug!r}")

    def _replay(self, turn: Turn, memory: Memory, messages: Sequence[Message], now: datetime) -> None:
        walk, instance = memory.walk, turn.instance
        answer = self._answer(turn, memory)
        step = Step(walk, answer.actions, now, instance.execution, answer.schema)
        again = _rewound(memory, step) if walk.is_rewound else []
        _check_marks(turn, memory, step)
        step.run(messages)
        walk.scheduled = again + walk.scheduled
        for task in walk.scheduled:
            self._check(task)
        turn.rows += [scheduled(instance, task, stamp(now)) for task in walk.scheduled]
        turn.is_walked = True
        # Falsy statuses are not sent by the SDK: a status is never cleared.
        if answer.custom_status is not None:
            turn.custom = _custom(answer)
        if walk.is_exhausted(answer.actions):
            _end(turn, walk, answer)

    def _answer(self, turn: Turn, memory: Memory) -> Answer:
        # Code that has ended runs again, too, as in Azure: an instance takes turns while a task of it is open.
        handle = self.orchestrators.get(turn.instance.name.lower())
        if handle is None:
            raise Refused(unknown(turn.instance.name, "an orchestrator", "orchestrator", self.app.orchestrators))
        answer = read_answer(run_code(handle, _payload(turn, memory)))
        if answer.is_broken:
            raise Refused(answer.error or "")
        return answer

    def _check(self, task: Scheduled) -> None:
        # Azure schedules nothing, tells nobody, and goes on: code that waits for it hangs. Here it fails, which is louder.
        kind, name = task.leaf.kind, str(task.action.get("functionName") or "")
        if kind in ACTIVITIES and name.lower() not in self.activities:
            raise Refused(unknown(name, "an activity", "activity", self.app.activities))
        if kind in CHILDREN and name.lower() not in self.orchestrators:
            raise Refused(unknown(name, "an orchestrator", "orchestrator", self.app.orchestrators))
        if kind in CHILDREN and str(task.action.get("instanceId") or "").startswith("@"):
            raise Refused(f"The instance id '{task.action['instanceId']}' is an entity's: Azure would begin nothing.")
        if kind in SENT and task.target[1:].partition("@")[0] not in self.entities:
            raise Refused(unknown(task.target[1:].partition("@")[0], "an entity", "entity", self.app.entities))


def _row(instance: Instance, message: Message, at: str) -> Row:
    if message.kind == Kind.EXECUTION_STARTED:
        return started(instance, message.at or at)
    return received(message, at)


def _accepted(walk: Walk, messages: Sequence[Message], execution: str) -> list[Message]:
    seen: set[int] = set()
    accepted = []
    for message in messages:
        if message.execution not in (None, execution) or message.task in seen or not walk.accepts(message):
            continue
        if message.task is not None:
            seen.add(message.task)
            leaf = walk.open.get(message.task) or walk.cancelled.get(message.task)
            if message.kind == Kind.TIMER_FIRED and leaf is not None:
                message.fire_at, message.at = leaf.fire_at, leaf.at
        accepted.append(message)
    return accepted


def _payload(turn: Turn, memory: Memory) -> str:
    new = ",".join([row.text for row in turn.rows])
    return turn_payload(turn.instance, f"{memory.text},{new}" if memory.text else new, is_replaying=bool(memory.text))


def _check_marks(turn: Turn, memory: Memory, step: Step) -> None:
    try:
        turn.marks = new_marks(memory.marks, step.actions)
    except NonDeterministic:
        # Where Azure would notice the change, it is told in Azure's words.
        _compare_history(memory, Step(Walk(), step.actions, step.now, step.execution, step.schema))
        raise


def _compare_history(memory: Memory, step: Step) -> list[Scheduled]:
    """Walk through the history anew; raises NonDeterministic where it asks for something else. Returns what is new."""
    events = json.loads(f"[{memory.text}]")
    tasks = walk_again(events, step)
    found = {task.event_id: task for task in tasks}
    known = [event for event in events if event["EventId"] >= 0 and event["EventType"] in SCHEDULING]
    for event in known:
        compare(event, found.get(event["EventId"]))
    kept = {event["EventId"] for event in known}
    return [task for task in tasks if task.event_id not in kept]


SCHEDULING = frozenset({Kind.TASK_SCHEDULED, Kind.CHILD_CREATED, Kind.TIMER_CREATED, Kind.EVENT_SENT})


def _rewound(memory: Memory, step: Step) -> list[Scheduled]:
    step.walk.is_rewound = False
    return _compare_history(memory, step)


def _terminate(turn: Turn, stop: Message) -> None:
    turn.status, turn.reason = TERMINATED, stop.text
    turn.output = json.dumps(stop.text)


def _closed(turn: Turn, memory: Memory, at: str) -> Turn:
    if turn.status:
        result = turn.output if turn.status == COMPLETED else turn.reason
        turn.rows.append(completed(memory.walk.next_id, turn.status, result, at))
    turn.rows.append(frame(Kind.TURN_COMPLETED, at))
    return turn


def _custom(answer: Answer) -> str:
    text = json.dumps(answer.custom_status, ensure_ascii=False, separators=(",", ":"))
    size = len(text.encode("utf-16-le", "surrogatepass")) // 1024
    if size > CUSTOM_STATUS_LIMIT:
        raise Refused(
            "The UTF-16 size of the JSON-serialized payload must not exceed 16 KB. "
            f"The current payload size is {size:,} KB."
        )
    return text


def _end(turn: Turn, walk: Walk, answer: Answer) -> None:
    if answer.error is not None:
        turn.fail(orchestrator_failed(turn.instance.name, answer.error), answer.error)
        if answer.failure_details is not None:
            turn.failure_details = json.dumps(answer.failure_details)
    elif walk.renewal is not None:
        turn.is_renewed = answer.done  # seen: without it the instance stays as it is
    elif answer.done:
        turn.status, turn.output = COMPLETED, json.dumps(answer.output)


def unknown(name: str, article: str, kind: str, known: Mapping[str, Any]) -> str:
    """Return how Azure tells that a function is not there."""
    names = ", ".join(f"'{each}'" for each in sorted(known))
    return (
        f"The function '{name}' doesn't exist, is disabled, or is not {article} function. "
        f"Additional info: The following are the known {kind} functions: {names}"
    )
