"""Rewinding a failed instance: its failures and what failed are taken out of the history, as Azure does it.

The next turn walks through what is left and asks anew for what is missing. Retry timers stay: an instance that failed
after an activity with retry fails again, as in Azure.
"""

import json
from collections.abc import Iterator

from .events import Kind, Row
from .instance import FAILED, RUNNING, Instance, Memory
from .instance_cache import Roster
from .replay_cursor import Walk
from .rows import event
from .store import Store


def rewind(store: Store, roster: Roster, instance: Instance, at: str) -> Iterator[Instance]:
    """Write an instance and its failed children as running again; gives those that are told to go on at once."""
    rows = store.rows(instance.seq)
    children = list(_failed_children(store, rows))
    failed = {row.closes for row in rows if row.kind == Kind.TASK_FAILED}
    kept = [_taken_out(row, failed) for row in rows]
    instance.status, instance.reason = RUNNING, None
    store.clear_history(instance.seq)
    store.append(instance.seq, 0, kept)
    instance.memory = Memory(Walk(is_rewound=True), ",".join(row.text for row in kept), len(kept))
    store.save(instance, at)
    roster.add(instance)
    for child in children:
        yield from rewind(store, roster, child, at)
    if not children:
        yield instance


def _failed_children(store: Store, rows: list[Row]) -> Iterator[Instance]:
    created = {row.event_id: row for row in rows if row.kind == Kind.CHILD_CREATED}
    for row in rows:
        if row.kind == Kind.CHILD_FAILED and row.closes in created:
            child = store.find(json.loads(created[row.closes].text)["InstanceId"])
            if child is not None and child.status == FAILED:
                yield child


def _taken_out(row: Row, failed: set[int | None]) -> Row:
    is_failed = row.kind == Kind.TASK_SCHEDULED and row.event_id in failed
    if is_failed or row.kind in (Kind.TASK_FAILED, Kind.CHILD_FAILED, Kind.EXECUTION_COMPLETED):
        return Row(Kind.GENERIC, event(Kind.GENERIC, json.loads(row.text)["Timestamp"], Data=None))
    return row
