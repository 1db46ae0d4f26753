"""Places given back and handed on to whoever's turn it is, in one transaction; a death in between loses none."""

from collections.abc import Mapping, Sequence
from enum import Enum
from itertools import chain

from shared.coordination import waits
from shared.coordination.slot_queue import (
    GRANTS,
    HOLDERS,
    ONE_AT_A_TIME,
    PARTITION,
    TURNS,
    Grant,
    Holder,
    SlotRequest,
    Status,
    after,
    grant_gone,
    grant_key,
    grant_prefix,
    holder_key,
    next_turns,
    places,
    read_book,
    total,
    turn_key,
)
from shared.models import Announcement
from shared.storage.rows import MOST_TRIES, Operation, StoredRow, create, delete, pause, update


class Left(Enum):
    """What a release left to do."""

    UNDONE = "somebody came between: all of it"
    SOMETHING = "places may be free that somebody waits for"
    NOTHING = "every place was handed on"


def release(found: StoredRow[Holder]) -> Left:
    """Give back what a holder has and hand it on, in one transaction."""
    row, gone = found.row, [delete(found, PARTITION)]
    if row.status == Status.HELD:
        return _hand_on(row.holder, places(row), gone)
    waits.disarm(row.wait.watch, row.wait.id)
    if row.status == Status.RESERVED:
        return _hand_on(row.holder, places(row), [*gone, grant_gone(row)])
    turn = TURNS.find(PARTITION, turn_key(row))
    done = HOLDERS.commit([*gone, *([delete(turn, PARTITION)] if turn else [])])
    return Left.SOMETHING if done else Left.UNDONE  # who stood behind a large one may fit now


def grant_all(releaser: str) -> None:
    """Hand on whatever is free until nobody fits any more: somebody may have queued while we gave back."""
    for attempt in range(MOST_TRIES):
        left = _hand_on(releaser, {}, [])
        if left == Left.NOTHING:
            return
        if left == Left.UNDONE:
            pause(attempt)


def _hand_on(releaser: str, back: Mapping[str, int], gone: Sequence[Operation]) -> Left:
    """Do `gone`, and reserve what is free with `back` for those whose turn it is."""
    with ONE_AT_A_TIME:
        book = read_book()
        held = book.held()
        held.subtract(back)
        turns = next_turns(held)
        if not turns and not gone:
            return Left.NOTHING
        reserved = [_reserve(releaser, turn) for turn in turns]
        held.update(total(places(turn.row) for turn in turns))
        held.subtract(book.held())
        operations = [*gone, *chain.from_iterable(reserved), *book.moved(held)]
        if not all(reserved) or not HOLDERS.commit(operations):
            return Left.UNDONE
    return Left.NOTHING if gone and not any(held.values()) else Left.SOMETHING


def _reserve(releaser: str, turn: StoredRow[SlotRequest]) -> list[Operation]:
    """Give the operations that turn a turn into a reservation; none where somebody else did so meanwhile."""
    found = HOLDERS.find(PARTITION, holder_key(turn.row.holder))
    if found is None or found.row.status != Status.QUEUED:
        return []
    row = found.row.replace(status=Status.RESERVED, granted_by=releaser)
    grant = create(PARTITION, grant_key(row), Grant(holder=row.holder, wait=row.wait))
    return [delete(turn, PARTITION), update(found, PARTITION, row), grant]


def granted_by(releaser: str) -> tuple[Announcement, ...]:
    """Return whom to wake of those that a release reserved places for, until they took them."""
    prefix = grant_prefix(releaser)
    return tuple(found.row.wait.announcement for found in GRANTS.between(PARTITION, prefix, after(prefix)))
