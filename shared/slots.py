"""Places within limits: taken in all of several limits or in none, handed on in order of arrival, never lost.

A holder holds one set of limits at a time: whoever needs two kinds of place puts the kind into the holder's name.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from shared import waits
from shared.models import Announcement
from shared.problems import Later
from shared.rows import MOST_TRIES, Found, Operation, create, delete, pause, update
from shared.slot_book import (
    GRANTS,
    HOLDERS,
    PARTITION,
    TURNS,
    Asked,
    Book,
    Grant,
    Holder,
    Status,
    after,
    fits,
    grant_prefix,
    head_of,
    holder_key,
    next_turns,
    places,
    read_book,
    total,
    turn_key,
)
from shared.waits import Wait


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
    raise Later(f"too many want places at once: {', '.join(limit_capacities)}")


def free(holder: str) -> tuple[Announcement, ...]:
    """Give back whatever the holder has (places, a reservation, its turn in a queue); gives whom to wake.

    Those have their places reserved already. Run again after dying in between, it wakes the same ones again.
    """
    for attempt in range(MOST_TRIES):
        found = HOLDERS.find(PARTITION, holder_key(holder))
        if found is None or _released(found):
            _grant_all(holder)
            return _granted_by(holder)
        pause(attempt)
    raise Later(f"too many writers want the places of {holder}")


def holders(limit: str) -> tuple[Holder, ...]:
    """Give those who have a place in a limit, taken or reserved."""
    return tuple(one for one in everybody() if limit in one.limits and one.status != Status.QUEUED)


def everybody() -> Iterator[Holder]:
    """Give all who have places or wait for them."""
    return (found.row for found in HOLDERS.between(PARTITION, "holder.", after("holder.")))


def orphans(alive: Callable[[Holder], bool]) -> tuple[Holder, ...]:
    """Give the holders, those in a queue too, that are not alive any more: `free` them."""
    return tuple(one for one in everybody() if not alive(one))


def unconfirmed() -> tuple[Announcement, ...]:
    """Give the wake-ups of all places that are reserved and not taken yet, for telling them once more."""
    return tuple(found.row.wait.announcement for found in GRANTS.between(PARTITION, "grant.", after("grant.")))


def _try(asked: Holder, found: Found[Holder] | None) -> bool | None:
    """Try once to take: True or False is the answer, None = somebody came between."""
    if found is None:
        return _come(asked)
    if found.row.status == Status.HELD:
        waits.disarm(asked.wait.watch, asked.wait.id)  # in case we died before we did
        return True
    if found.row.status == Status.RESERVED:
        return _confirm(found) or None
    return _wait_on(asked, found)


def _come(asked: Holder) -> bool | None:
    """Take at once where there is room and nobody waits in our queue, else queue."""
    book = read_book()
    if fits(asked, book.held()) and head_of(asked.queue) is None:
        mine = create(PARTITION, holder_key(asked.holder), asked)
        return HOLDERS.commit((mine, *book.moved(places(asked)))) or None
    queued = asked.but(status=Status.QUEUED)
    turn = Asked(holder=asked.holder, limits=asked.limits, count=asked.count, since=asked.since)
    HOLDERS.commit(
        (create(PARTITION, holder_key(asked.holder), queued), create(PARTITION, turn_key(turn), turn)),
    )
    return None  # and look once more: a place may have become free between looking and queueing


def _wait_on(asked: Holder, found: Found[Holder]) -> bool | None:
    """Keep our turn with the newest event, and take the places if it has come meanwhile."""
    row = found.row.but(wait=asked.wait)
    if row != found.row and not HOLDERS.commit((update(found, PARTITION, row),)):
        return None
    waits.arm(asked.wait)
    book = read_book()
    if not fits(row, book.held()):
        return False
    turn = next((turn for turn in next_turns(book.held()) if turn.row.holder == row.holder), None)
    if turn is None:
        return False
    now = HOLDERS.find(PARTITION, holder_key(row.holder))
    if now is None or now.row != row:
        return None
    taken = update(now, PARTITION, row.but(status=Status.HELD))
    if not HOLDERS.commit((taken, delete(turn, PARTITION), *book.moved(places(row)))):
        return None
    waits.disarm(row.wait.watch, row.wait.id)
    return True


def _confirm(found: Found[Holder]) -> bool:
    """Take what was reserved for us."""
    waits.disarm(found.row.wait.watch, found.row.wait.id)
    mine = update(found, PARTITION, found.row.but(status=Status.HELD, granted_by=""))
    return HOLDERS.commit((mine, *_grant_gone(found.row)))


def _released(found: Found[Holder]) -> bool:
    """Give back what a holder has and hand it on, in one transaction."""
    waits.disarm(found.row.wait.watch, found.row.wait.id)
    gone = [delete(found, PARTITION), *_grant_gone(found.row)]
    if found.row.status == Status.QUEUED:
        turn = TURNS.find(PARTITION, turn_key(found.row))
        return HOLDERS.commit([*gone, *([delete(turn, PARTITION)] if turn else [])])
    book = read_book()
    back = {name: -count for name, count in places(found.row).items()}
    return _hand_on(found.row.holder, book, back, gone)


def _grant_all(releaser: str) -> None:
    """Hand on whatever is free until nobody fits any more: somebody may have queued while we gave back."""
    for attempt in range(MOST_TRIES):
        book = read_book()
        if not next_turns(book.held()):
            return
        if not _hand_on(releaser, book, {}, []):
            pause(attempt)


def _hand_on(releaser: str, book: Book, back: Mapping[str, int], gone: list[Operation]) -> bool:
    """Do `gone`, and reserve what is free after `back` for those whose turn it is."""
    held = book.held()
    held.update(back)
    turns = next_turns(held)
    delta = total([back, *(places(turn.row) for turn in turns)])
    granted: list[Operation] = []
    for turn in turns:
        found = HOLDERS.find(PARTITION, holder_key(turn.row.holder))
        if found is None or found.row.status != Status.QUEUED:
            return False
        granted += _reserve(releaser, turn, found)
    return HOLDERS.commit([*gone, *granted, *book.moved(delta)])


def _reserve(releaser: str, turn: Found[Asked], found: Found[Holder]) -> list[Operation]:
    """Give the operations that turn a turn into a reservation."""
    row = found.row.but(status=Status.RESERVED, granted_by=releaser)
    return [
        delete(turn, PARTITION),
        update(found, PARTITION, row),
        create(PARTITION, _grant_key(row), Grant(holder=row.holder, wait=row.wait)),
    ]


def _grant_gone(row: Holder) -> list[Operation]:
    """Give the operation that takes back the note of a reservation."""
    found = GRANTS.find(PARTITION, _grant_key(row)) if row.status == Status.RESERVED else None
    return [delete(found, PARTITION)] if found else []


def _granted_by(releaser: str) -> tuple[Announcement, ...]:
    prefix = grant_prefix(releaser)
    return tuple(found.row.wait.announcement for found in GRANTS.between(PARTITION, prefix, after(prefix)))


def _grant_key(row: Holder) -> str:
    return grant_prefix(row.granted_by) + holder_key(row.holder)
