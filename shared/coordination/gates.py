"""Table `gates`: who waits for a decision of people. One row per gate: who waits there since when, what to do, what was decided.

A gate belongs to the machines that wait at it, not to a round: each has a ticket, the round (and number) in which it
came. A retry of one machine gives that machine a new ticket and leaves the others as they are.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Final

from shared.coordination.decision import Ticket
from shared.coordination.gate_row import WHOLE, GateRow, Waiting
from shared.storage.overviews import Overview
from shared.storage.rows import Rows

TABLE: Final = Rows("gates", GateRow)
GLANCE: Final = Overview(TABLE, *(name for name in GateRow.model_fields if name != "batches"))
SECONDS: Final = 2.0  # that people may see a gate later than another process changed it


def open_gate(gate: GateRow) -> GateRow:
    """Open a gate, or let more machines wait at one that is there; gives it as it stands.

    Opening it twice is opening it once; who was decided on with this ticket does not wait again. A newer ticket lets it
    wait anew, an older one is a late twin's and changes nothing.
    """
    names = gate.pending or ((gate.machine,) if gate.machine else ())
    waiting = Waiting(round=gate.round, number=gate.number, since=gate.since, expires=gate.expires)

    def mutate(existing: GateRow | None) -> GateRow:
        stands = existing or gate.replace(pending=(), waiting={}, open=False)
        coming = [name for name in names or (WHOLE,) if _comes(stands, name, waiting.ticket)]
        if not coming:
            return stands
        newest = max(waiting.ticket, (stands.round, stands.number))
        answered = stands.answered if newest == (stands.round, stands.number) else None
        texts = {"text": gate.text, "release": gate.release, "then": gate.then} if newest == waiting.ticket else {}
        return stand(
            stands.replace(round=newest[0], number=newest[1], answered=answered, **texts),
            pending=(*stands.pending, *(name for name in coming if name and name not in stands.pending)),
            waiting={**stands.waiting, **dict.fromkeys(coming, waiting)},
            is_open=True,
        )

    return change(gate, mutate)


def _comes(existing: GateRow, name: str, ticket: Ticket) -> bool:
    """Tell whether somebody comes to wait with this ticket, who does not wait with it already."""
    if existing.ticket(name) != ticket:
        return existing.ticket(name) < ticket
    waits = name in existing.pending if name else existing.open
    return not waits and existing.decided(name) is None


def stand(
    gate: GateRow,
    *,
    pending: tuple[str, ...],
    is_open: bool | None = None,
    waiting: Mapping[str, Waiting] | None = None,
) -> GateRow:
    """Give a gate at which these wait; it is open as long as somebody does."""
    known = gate.waiting if waiting is None else dict(waiting)
    here = [known[name] for name in pending or (WHOLE,) if name in known]
    ends = [each.expires for each in here if each.expires is not None]
    return gate.replace(
        pending=pending,
        waiting=known,
        open=bool(pending) if is_open is None else is_open,
        since=min((each.since for each in here), default=gate.since),
        expires=min(ends, default=None),
    )


def get(migration: str, wave: str, name: str, place: str = "") -> GateRow | None:
    """Give a gate (that of a machine or part, where it has one), open or not; None when it was never opened."""
    return TABLE.get(migration, _key(wave, name, place))


def of_migration(migration: str) -> tuple[GateRow, ...]:
    """Give the open gates of a migration."""
    return tuple(TABLE.of(migration, "open eq true"))


def at_a_glance(migration: str) -> tuple[GateRow, ...]:
    """Give the open gates of a migration for people to look at, as they stood a moment ago, without past decisions."""
    return tuple(gate for gate in GLANCE.of(migration, SECONDS) if gate.open)


def open_everywhere() -> tuple[GateRow, ...]:
    """Give the open gates of all migrations, with one query."""
    return tuple(TABLE.everywhere("open eq true"))


def every(migration: str) -> tuple[GateRow, ...]:
    """Give all gates of a migration, those that were closed too."""
    return tuple(TABLE.of(migration))


def say(gate: GateRow, text: str) -> None:
    """Change what an open gate tells people, where it tells something else."""
    existing = get(gate.migration, gate.wave, gate.name, gate.place)
    if existing is not None and existing.open and existing.text != text:
        change(gate, lambda existing: existing.replace(text=text) if existing and existing.open else existing)


def close(migration: str, wave: str, name: str, place: str = "") -> None:
    """Close a gate that nobody needs to decide any more."""
    _change(
        migration,
        _key(wave, name, place),
        lambda existing: existing.replace(open=False, pending=()) if existing else None,
    )


def withdraw(gate: GateRow, machines: Collection[str]) -> GateRow:
    """Let machines no longer wait at a gate: they went another way; with the last one it closes. Gives what is left."""

    def mutate(existing: GateRow | None) -> GateRow | None:
        if existing is None or not set(machines) & set(existing.pending):
            return existing
        return stand(existing, pending=tuple(name for name in existing.pending if name not in machines))

    return change(gate, mutate)


def withdraw_everywhere(migration: str, machines: Collection[str], before: int) -> None:
    """Let machines no longer wait at any gate that they came to in a round below `before`."""
    for gate in of_migration(migration):
        gone = [name for name in gate.pending if name in machines and gate.ticket(name)[0] < before]
        if gone:
            withdraw(gate, gone)


def answer(gate: GateRow, now: datetime | None) -> GateRow:
    """Note when a cloud is told what was decided (None: it was not told after all); gives the gate as it stands."""

    def mutate(existing: GateRow | None) -> GateRow | None:
        is_current = existing is not None and (existing.round, existing.number) == (gate.round, gate.number)
        return existing.replace(answered=now) if existing is not None and is_current else existing

    return change(gate, mutate)


def change(gate: GateRow, mutate: Callable[[GateRow | None], GateRow | None]) -> GateRow:
    """Change the row of a gate under optimistic concurrency; gives the gate as it stands."""
    return _change(gate.migration, _key(gate.wave, gate.name, gate.place), mutate) or gate


def _change(migration: str, row_key: str, mutate: Callable[[GateRow | None], GateRow | None]) -> GateRow | None:
    try:
        return TABLE.change(migration, row_key, mutate)
    finally:  # it may have been written although its answer was lost
        GLANCE.forget(migration)


def _key(wave: str, name: str, place: str) -> str:
    return f"{wave}.{name}.{place}"
