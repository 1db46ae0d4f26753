"""Places within limits: taken in all of several limits or in none, handed on in order of arrival, never lost.

A holder holds one set of limits at a time: whoever needs two kinds of place puts the kind into the holder's name.
"""

from collections.abc import Mapping
from datetime import datetime

from shared.coordination import waits
from shared.coordination.slot_handover import Left, grant_all, granted_by, release
from shared.coordination.slot_queue import (
    GRANTS,
    HOLDERS,
    ONE_AT_A_TIME,
    PARTITION,
    Holder,
    SlotRequest,
    Status,
    after,
    fits,
    grant_gone,
    head_of,
    holder_key,
    next_turns,
    places,
    read_book,
    turn_key,
)
from shared.coordination.waits import Wait
from shared.models import Announcement
from shared.problems import Busy
from shared.storage.rows import MOST_TRIES, StoredRow, create, delete, pause, update


def take(limit_capacities: Mapping[str, int], holder: str, wait: Wait, now: datetime, count: int = 1) -> bool:
    """Take `count` places in all of the limits, or queue for them and arm `wait`; True = they are ours.

    Asked again it answers the same (and takes no second place); a reserved place is confirmed by it. A new event in
    `wait` replaces the old one. More places than a limit has are given when nobody else is in it.
    """
    request = Holder(holder=holder, limits=dict(limit_capacities), count=count, since=now, wait=wait)
    for attempt in range(MOST_TRIES):
        answer = _try(request, HOLDERS.find(PARTITION, holder_key(holder)))
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
        left = release(found) if found else Left.SOMETHING
        if left == Left.SOMETHING:
            grant_all(holder)
        if left != Left.UNDONE:
            return granted_by(holder)
        pause(attempt)
    raise Busy(f"too many writers want the places of {holder}")


def everything() -> tuple[tuple[Holder, ...], tuple[Announcement, ...]]:
    """Give both with one request: who has places or waits for them, and the wake-ups of all that are reserved."""
    rows = [*HOLDERS.between(PARTITION, "grant.", after("holder."))]  # a reservation's note has what is read of it
    holders = tuple(found.row for found in rows if found.key.startswith("holder."))
    return holders, tuple(found.row.wait.announcement for found in rows if found.key.startswith("grant."))


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
    with ONE_AT_A_TIME:
        book = read_book()
        if fits(holder, book.held()) and head_of(holder.queue) is None:
            creation = create(PARTITION, holder_key(holder.holder), holder)
            return HOLDERS.commit((creation, *book.moved(places(holder)))) or None
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
    with ONE_AT_A_TIME:
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
    confirmation = update(found, PARTITION, found.row.replace(status=Status.HELD, granted_by=""))
    return HOLDERS.commit((confirmation, grant_gone(found.row)))
