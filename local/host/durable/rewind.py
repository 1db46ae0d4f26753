"""Rewinding a failed instance: its failures are taken out of the history, the tasks behind them run again."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from .actions import CHILDREN, Action, read_answer
from .events import COMPLETIONS, FAILURES, Kind, Message, Row, event, moment
from .instance import FAILED, RUNNING, Instance, Memory
from .problems import WrongState
from .roster import Roster
from .sdk import run_code
from .store import Store
from .turn import Player, replay_payload
from .walk import Leaf, Walk


@dataclass(frozen=True)
class Rewound:
    """An instance that runs again, and the tasks to start again."""

    instance: Instance
    tasks: list[tuple[int, Leaf]]


@dataclass(frozen=True)
class Rewinding:
    """One rewind, children included; everything is checked before anything is written."""

    store: Store
    roster: Roster
    player: Player
    at: str

    def rewind(self, instance: Instance, reason: str) -> list[Rewound]:
        """Write the instance and its failed children as running again."""
        plans = list(self._plans(instance, reason))
        return [self._write(*plan) for plan in plans]

    def _plans(self, instance: Instance, reason: str) -> Iterator[tuple[Instance, list[Row], list[int], Walk]]:
        rows = self.store.rows(instance.seq)
        again = _failures(rows)
        kept = [_taken_out(row, again, reason, self.at) for row in rows]
        actions = self._actions(instance, kept)
        walk = _walk_again(kept, actions)
        yield instance, kept, [event_id for event_id in again.tasks if event_id in walk.open], walk
        for event_id in again.tasks:
            if event_id in walk.open and walk.open[event_id].kind in CHILDREN:
                yield from self._child_plans(rows, event_id, reason)

    def _child_plans(self, rows: list[Row], event_id: int, reason: str) -> Iterator[Any]:
        created = next(row for row in rows if row.event_id == event_id)
        child_id = json.loads(created.text)["InstanceId"]
        child = self.store.find(child_id)
        if child is None or child.status != FAILED:
            raise WrongState(f"The sub-orchestration '{child_id}' has not failed, so it cannot be rewound.")
        yield from self._plans(child, reason)

    def _actions(self, instance: Instance, rows: list[Row]) -> list[Action]:
        handle = self.player.orchestrators.get(instance.name.lower())
        if handle is None:
            raise WrongState(f"The orchestrator '{instance.name}' is not in the app any more.")
        text = run_code(handle, replay_payload(instance, ",".join(row.text for row in rows)))
        return read_answer(text).actions

    def _write(self, instance: Instance, rows: list[Row], tasks: list[int], walk: Walk) -> Rewound:
        instance.status = RUNNING
        self.store.clear_history(instance.seq)
        self.store.append(instance.seq, 0, rows)
        text = ",".join(row.text for row in rows)
        # The marks are learnt anew with the next turn: what the failure led to was taken back.
        instance.memory = Memory(walk, text, len(rows), [])
        self.store.save(instance, self.at)
        self.roster.add(instance)
        return Rewound(instance, [(event_id, walk.open[event_id]) for event_id in tasks])


@dataclass(frozen=True)
class _Failures:
    tasks: list[int]  # ids to run again
    timers: frozenset[int]  # ids of retry timers after a last failure: taken back


def _failures(rows: list[Row]) -> _Failures:
    leaf_of = {row.event_id: row.leaf for row in rows if row.event_id is not None}
    done = {
        leaf_of[row.closes]
        for row in rows
        if row.closes is not None and row.kind in COMPLETIONS - FAILURES - {Kind.TIMER_FIRED}
    }
    last: dict[str | None, int] = {}
    for row in rows:
        if row.kind in FAILURES and row.closes is not None and leaf_of[row.closes] not in done:
            last[leaf_of[row.closes]] = row.closes
    timers = frozenset(
        row.event_id
        for row in rows
        if row.kind == Kind.TIMER_CREATED
        and row.event_id is not None
        and row.event_id > last.get(row.leaf, row.event_id)
    )
    return _Failures(list(last.values()), timers)


def _taken_out(row: Row, again: _Failures, reason: str, at: str) -> Row:
    is_failure = row.kind in FAILURES and row.closes in again.tasks
    is_timer = row.event_id in again.timers or (row.kind == Kind.TIMER_FIRED and row.closes in again.timers)
    if is_failure or is_timer or row.kind == Kind.EXECUTION_COMPLETED:
        return Row(Kind.GENERIC, event(Kind.GENERIC, at, Data=f"Rewound: {Kind(row.kind).name}, {reason}"))
    return replace(row)


def _walk_again(rows: list[Row], actions: list[Action]) -> Walk:
    walk = Walk()
    for messages, at, given in _turns(rows):
        accepted = [message for message in messages if walk.accepts(message)]
        walk.run(accepted, actions, moment(at))
        ids = [task.event_id for task in walk.scheduled]
        if ids != given:
            raise WrongState(
                "The instance cannot be rewound: after its failure the orchestrator went on, and without the failure "
                f"it asks for other tasks (expected ids {given}, found {ids})."
            )
    return walk


def _turns(rows: list[Row]) -> Iterator[tuple[list[Message], str, list[int]]]:
    """Yield each turn of a history: its messages, its moment, and the ids given in it."""
    messages: list[Message] = []
    given: list[int] = []
    at = ""
    for row in rows:
        if row.kind == Kind.TURN_STARTED:
            messages, given, at = [], [], json.loads(row.text)["Timestamp"]
        elif row.kind == Kind.TURN_COMPLETED:
            yield messages, at, given
        elif row.event_id is not None:
            given.append(row.event_id)
        else:
            messages.append(_message(row))


def _message(row: Row) -> Message:
    return Message(row.kind, row.closes, name=json.loads(row.text).get("Name"))
