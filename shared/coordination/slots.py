"""Places within limits: taken in all of several limits or in none, handed on in order of arrival, never lost.

A holder holds one set of limits at a time: whoever needs two kinds of place puts the kind into the holder's name.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum
from itertools import chain
from threading import Lock
from typing import Final

from shared.coordination import waits
from shared.coordination.slot_queue import (
    GRANTS,
    HOLDERS,
    PARTITION,
    TURNS,
    Grant,
    Holder,
    SlotRequest,
    Status,
    after,
    fits,
    grant_gone,
    grant_key,
    grant_prefix,
    head_of,
    holder_key,
    next_turns,
    places,
    read_book,
    total,
    turn_key,
)
from shared.coordination.waits import Wait
from shared.models import Announcement
from shared.problems import Busy
from shared.storage.rows import MOST_TRIES, Operation, StoredRow, create, delete, pause, update

# Threads of one process would only spoil each other's ETags, so they pass one by one. What is right rests on ETags alone.
TURNSTILE: Final = Lock()


class Left(Enum):
    """What a release left to do."""

    UNDONE = "somebody came between: all of it"
    SOMETHING = "places may be free that somebody waits for"
    NOTHING = "every place was handed on"


def take(limit_capacities: Mapping[str, int], holder: str, wait: Wait, now: datetime, count: int = 1) -> bool:
    """Take `count` places in all of the limits, or queue for them and arm `wait`; True = they are ours.

    Asked again it answers the same (and takes no second place); a reserved place is confirmed by it. A new event in
    `wait` replaces the old one. More places than a limit has are given when nobody else is in it.
    """
    asked = Holder(holder=holder, limits=dict(limit_capacities), count=count, since=now, wait=wait)
    for attempt in range(MOST_TRIES):
        answer = _try(asked, HOLDERS.find(PARTITION, holder_key(holder)))
        if answer is not None:
            return answer
        pause(attempt)
    raise Busy(f"too many want places at once: {', '.join(limit_capacities)}")


def free(holder: str) -> tuple[Announcement, ...]:
    """Give back whatever the holder has (places, a reservation, its turn in a queue); gives whom to wake.

    Those have their places reserved already. Run again after dying in between, it wakes the same ones again.
    """
    for attempt in range(MOST_TRIES):
        found = HOLDERS.find(PARTITION, holder_key(holder))
        left = _release(found) if found else Left.SOMETHING
        if left == Left.SOMETHING:
            _grant_all(holder)
        if left != Left.UNDONE:
            return _granted_by(holder)
        pause(attempt)
    raise Busy(f"too many writers want the places of {holder}")


def holders(limit: str) -> tuple[Holder, ...]:
    """Give those who have a place in a limit, taken or reserved."""
    return tuple(each for each in everybody() if limit in each.limits and each.status != Status.QUEUED)


def everybody() -> Iterator[Holder]:
    """Give all who have places or wait for them."""
    return (found.row for found in HOLDERS.between(PARTITION, "holder.", after("holder.")))


def orphans(alive: Callable[[Holder], bool]) -> tuple[Holder, ...]:
    """Give the holders, those in a queue too, that are not alive any more: `free` them."""
    return tuple(each for each in everybody() if not alive(each))


def unconfirmed() -> tuple[Announcement, ...]:
    """Give the wake-ups of all places that are reserved and not taken yet, for telling them once more."""
    return tuple(found.row.wait.announcement for found in GRANTS.between(PARTITION, "grant.", after("grant.")))


def _try(holder: Holder, found: StoredRow[Holder] | None) -> bool | None:
    """Try once to take: True or False is the answer, None = somebody came between."""
    if found is None:
        return _come(holder)
    if found.row.status == Status.HELD:
        waits.disarm(holder.wait.watch, holder.wait.id)  # in case we died before we did
        return True
    if found.row.status == Status.RESERVED:
        return _confirm(found) or None
    return _wait_on(holder, found)


def _come(holder: Holder) -> bool | None:
    """Take at once where there is room and nobody waits in our queue, else queue."""
    with TURNSTILE:
        book = read_book()
        if fits(holder, book.held()) and head_of(holder.queue) is None:
            mine = create(PARTITION, holder_key(holder.holder), holder)
            return HOLDERS.commit((mine, *book.moved(places(holder)))) or None
    turn = SlotRequest(holder=holder.holder, limits=holder.limits, count=holder.count, since=holder.since)
    queued = create(PARTITION, holder_key(holder.holder), holder.replace(status=Status.QUEUED))
    HOLDERS.commit((queued, create(PARTITION, turn_key(turn), turn)))
    return None  # and look once more: a place may have become free between looking and queueing


def _wait_on(holder: Holder, found: StoredRow[Holder]) -> bool | None:
    """Keep our turn with the newest event, and take the places if it has come meanwhile."""
    row = found.row.replace(wait=holder.wait)
    if row != found.row and not HOLDERS.commit((update(found, PARTITION, row),)):
        return None
    waits.arm(holder.wait)
    with TURNSTILE:
        taken = _take_turn(row)
    if taken:
        waits.disarm(row.wait.watch, row.wait.id)
    return taken


def _take_turn(row: Holder) -> bool | None:
    """Take the places of one who queues, if its turn has come: False = not yet, None = somebody came between."""
    book = read_book()
    if not fits(row, book.held()):
        return False
    turn = next((turn for turn in next_turns(book.held()) if turn.row.holder == row.holder), None)
    if turn is None:
        return False
    found = HOLDERS.find(PARTITION, holder_key(row.holder))
    if found is None or found.row != row:
        return None
    taken = update(found, PARTITION, row.replace(status=Status.HELD))
    return HOLDERS.commit((taken, delete(turn, PARTITION), *book.moved(places(row)))) or None


def _confirm(found: StoredRow[Holder]) -> bool:
    """Take what was reserved for us."""
    waits.disarm(found.row.wait.watch, found.row.wait.id)
    mine = update(found, PARTITION, found.row.replace(status=Status.HELD, granted_by=""))
    return HOLDERS.commit((mine, grant_gone(found.row)))


def _release(found: StoredRow[Holder]) -> Left:
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


def _grant_all(releaser: str) -> None:
    """Hand on whatever is free until nobody fits any more: somebody may have queued while we gave back."""
    for attempt in range(MOST_TRIES):
        left = _hand_on(releaser, {}, [])
        if left == Left.NOTHING:
            return
        if left == Left.UNDONE:
            pause(attempt)


def _hand_on(releaser: str, back: Mapping[str, int], gone: Sequence[Operation]) -> Left:
    """Do `gone`, and reserve what is free with `back` for those whose turn it is."""
    with TURNSTILE:
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


def _granted_by(releaser: str) -> tuple[Announcement, ...]:
    prefix = grant_prefix(releaser)
    return tuple(found.row.wait.announcement for found in GRANTS.between(PARTITION, prefix, after(prefix)))
