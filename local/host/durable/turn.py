"""One turn of one instance: its messages become history, its code says what comes next. Nothing is written here."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .actions import ACTIVITIES, CHILDREN, Answer, NonDeterministic, new_marks, read_answer
from .app import DurableApp, DurableSettings
from .events import Kind, Message, Row, event, received, stamp
from .instance import COMPLETED, FAILED, Instance, Memory
from .sdk import run_code
from .versions import mismatch
from .walk import Scheduled, Unsupported, Walk

log = logging.getLogger(__name__)
CUSTOM_STATUS_LIMIT = 16 * 1024  # bytes of UTF-16, as the extension counts
SCHEMA = (
    '"upperSchemaVersion":1,"upperSchemaVersionNew":2,"longRunningTimerIntervalDuration":"3.00:00:00",'
    '"maximumShortTimerDuration":"6.00:00:00","defaultHttpAsyncRequestSleepTimeMillseconds":30000}'
)


class Refused(Exception):  # noqa: N818 - it ends the instance, not the host
    """The host ends the instance at once; the text says why."""


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
    is_renewed: bool = False
    is_rejected: bool = False  # not run: its version is for another host

    @property
    def scheduled(self) -> Sequence[Scheduled]:
        """The tasks to start; none when the instance has ended."""
        memory = self.instance.memory
        return memory.walk.scheduled if memory and self.rows and self.status is None else ()


@dataclass(frozen=True)
class Player:
    """Takes turns: the app's code, the settings, and nothing else."""

    app: DurableApp
    settings: DurableSettings
    orchestrators: Mapping[str, Callable[[str], str]]  # by lower-case name
    activities: frozenset[str]  # lower-case names

    @staticmethod
    def of(app: DurableApp, settings: DurableSettings) -> "Player":
        """Return a player of one app."""
        orchestrators = {name.lower(): handle for name, handle in app.orchestrators.items()}
        return Player(app, settings, orchestrators, frozenset(name.lower() for name in app.activities))

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
        turn.rows = [Row(Kind.TURN_STARTED, event(Kind.TURN_STARTED, at))]
        turn.rows += [_started(instance, at) if m.kind == Kind.EXECUTION_STARTED else received(m, at) for m in accepted]
        if problem:
            return _closed(turn, problem, at)
        try:
            self._replay(turn, memory, accepted, now)
        except (Refused, NonDeterministic, Unsupported) as refusal:
            return _closed(turn, str(refusal), at)
        except Exception as bug:
            log.exception("Instance %s cannot take its turn", instance.id)
            return _closed(turn, f"The local host does not understand what the SDK answered: {bug!r}", at)
        return _closed(turn, None, at)

    def _replay(self, turn: Turn, memory: Memory, messages: Sequence[Message], now: datetime) -> None:
        walk = memory.walk
        answer = self._answer(turn, memory)
        walk.run(messages, answer.actions, now)
        for task in walk.scheduled:
            self._check(task)
        turn.rows += [_scheduled(turn.instance, task, stamp(now)) for task in walk.scheduled]
        # Falsy statuses are not sent by the SDK: a status is never cleared.
        if answer.custom_status is not None:
            turn.custom = _custom(answer)
        if walk.is_exhausted(answer.actions):
            _end(turn, walk, answer)

    def _answer(self, turn: Turn, memory: Memory) -> Answer:
        walk = memory.walk
        if walk.final is not None:
            return read_answer(walk.final)
        handle = self.orchestrators.get(turn.instance.name.lower())
        if handle is None:
            raise Refused(f"The orchestrator '{turn.instance.name}' is not in the app.")
        text = run_code(handle, _payload(turn, memory))
        answer = read_answer(text)
        if answer.is_broken:
            raise Refused(answer.error or "")
        turn.marks = new_marks(memory.marks, answer.actions)
        if answer.ended:
            walk.final = text
        return answer

    def _check(self, task: Scheduled) -> None:
        name = task.action.get("functionName", "")
        if task.leaf.kind in ACTIVITIES and name.lower() not in self.activities:
            raise Refused(_unknown(name, "an activity", "activity", list(self.app.activities)))
        if task.leaf.kind in CHILDREN and name.lower() not in self.orchestrators:
            raise Refused(_unknown(name, "an orchestrator", "orchestrator", list(self.app.orchestrators)))


def _accepted(walk: Walk, messages: Sequence[Message], execution: str) -> list[Message]:
    seen: set[int] = set()
    accepted = []
    for message in messages:
        if message.execution not in (None, execution) or message.task in seen or not walk.accepts(message):
            continue
        if message.task is not None:
            seen.add(message.task)
            if message.kind == Kind.TIMER_FIRED:
                message.fire_at = walk.open[message.task].fire_at
        accepted.append(message)
    return accepted


def _payload(turn: Turn, memory: Memory) -> str:
    new = ",".join([row.text for row in turn.rows])
    return replay_payload(turn.instance, f"{memory.text},{new}" if memory.text else new, is_replaying=bool(memory.text))


def replay_payload(instance: Instance, history: str, *, is_replaying: bool = True) -> str:
    """Return what the orchestration trigger hands to the SDK."""
    ids = f'"instanceId":{json.dumps(instance.id)},"parentInstanceId":'
    ids += json.dumps(instance.parent.id if instance.parent else None)
    replaying = "true" if is_replaying else "false"
    return f'{{"history":[{history}],"input":{instance.input or "null"},{ids},"isReplaying":{replaying},{SCHEMA}'


def _started(instance: Instance, at: str) -> Row:
    members: dict[str, Any] = {"Name": instance.name, "Input": instance.input, "Version": instance.version}
    return Row(Kind.EXECUTION_STARTED, event(Kind.EXECUTION_STARTED, at, **members))


def _scheduled(instance: Instance, task: Scheduled, at: str) -> Row:
    leaf, action, kind = task.leaf, task.action, task.kind
    if kind is Kind.TIMER_CREATED:
        return Row(kind, event(kind, at, task.event_id, FireAt=leaf.fire_at), task.event_id, leaf=leaf.path)
    members: dict[str, Any] = {"Name": action["functionName"]}
    if kind is Kind.CHILD_CREATED:
        members["InstanceId"] = child_id(instance, task)
    return Row(
        kind, event(kind, at, task.event_id, **members), task.event_id, leaf=leaf.path, input=action.get("input")
    )


def child_id(instance: Instance, task: Scheduled) -> str:
    """Return the id given by the code, or the one Azure makes of the parent's execution and the event."""
    return task.action.get("instanceId") or f"{instance.execution}:{task.event_id}"


def _completed(turn: Turn, at: str) -> Row:
    members: dict[str, Any] = {"OrchestrationStatus": turn.status, "Result": turn.output}
    return Row(Kind.EXECUTION_COMPLETED, event(Kind.EXECUTION_COMPLETED, at, **members))


def _closed(turn: Turn, problem: str | None, at: str) -> Turn:
    if problem is not None:
        _fail(turn, problem)
    if turn.status:
        turn.rows.append(_completed(turn, at))
    turn.rows.append(Row(Kind.TURN_COMPLETED, event(Kind.TURN_COMPLETED, at)))
    return turn


def _custom(answer: Answer) -> str:
    text = json.dumps(answer.custom_status, ensure_ascii=False, separators=(",", ":"))
    size = len(text.encode("utf-16-le", "surrogatepass"))
    if size > CUSTOM_STATUS_LIMIT:
        raise Refused(
            "The UTF-16 size of the JSON-serialized payload must not exceed 16 KB. "
            f"The current payload is {size // 1024:,} KB."
        )
    return text


def _end(turn: Turn, walk: Walk, answer: Answer) -> None:
    if answer.error is not None:
        _fail(turn, answer.error)
    elif walk.renewal is not None:
        turn.is_renewed = True
    elif answer.done:
        turn.status, turn.output = COMPLETED, json.dumps(answer.output)


def _fail(turn: Turn, error: str) -> None:
    turn.status = FAILED
    turn.reason = f"Orchestrator function '{turn.instance.name}' failed: {error}"
    turn.output = json.dumps(turn.reason)


def _unknown(name: str, article: str, kind: str, known: list[str]) -> str:
    names = ", ".join(f"'{each}'" for each in sorted(known))
    return (
        f"The function '{name}' doesn't exist, is disabled, or is not {article} function. "
        f"Additional info: The following are the known {kind} functions: {names}"
    )
