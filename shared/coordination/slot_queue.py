"""The rows behind shared/coordination/slots.py, and who is next. All in one partition, so that one transaction spans all limits.

`limit.*` counts what is held of a limit, `holder.*` is one per holder (held, reserved or queued), `queue.*` are the
turns: one queue per set of limits, in order of arrival, `grant.*` says whom a releaser gave a place that is not yet
confirmed. See docs/decisions/0007-slots-are-rows-in-one-partition.md.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from threading import Lock
from typing import Final

from pydantic import Field

from shared.coordination.waits import Wait
from shared.models import NEVER, Model
from shared.storage.rows import Operation, Rows, StoredRow, create, delete, update

PARTITION: Final = "slots"
# Threads of one process would only spoil each other's ETags, so they go one by one; ETags alone make it correct.
ONE_AT_A_TIME: Final = Lock()
MOST_GRANTS: Final = 20  # in one transaction: three operations each, of at most 100


class Status(StrEnum):
    """What a holder has."""

    HELD = "held"
    RESERVED = "reserved"
    QUEUED = "queued"


class SlotRequest(Model):
    """So many places in each of some limits: limit -> capacity, as the asker knows it."""

    holder: str
    limits: dict[str, int] = Field(default={})
    count: int = 1
    since: datetime = NEVER

    @property
    def queue(self) -> str:
        """Give the prefix of the queue of this set of limits."""
        return f"queue.{_short(chr(10).join(sorted(self.limits)))}."


class Holder(SlotRequest):
    """Somebody who has places, or waits for them."""

    status: Status = Status.HELD
    granted_by: str = ""
    wait: Wait


class Limit(Model):
    """What is held of a limit, reserved places included; no row = nothing."""

    limit: str
    held: int = 0


class Grant(Model):
    """A place that was reserved for a waiter who has not taken it yet."""

    holder: str
    wait: Wait


LIMITS: Final = Rows("slots", Limit)
HOLDERS: Final = Rows("slots", Holder)
TURNS: Final = Rows("slots", SlotRequest)
GRANTS: Final = Rows("slots", Grant)


def holder_key(holder: str) -> str:
    """Give the row key of a holder."""
    return f"holder.{_short(holder)}"


def turn_key(request: SlotRequest) -> str:
    """Give the row key of a turn: the queue, then the moment of arrival."""
    return f"{request.queue}{request.since.astimezone(UTC):%Y%m%dT%H%M%S%f}.{_short(request.holder)}"


def grant_gone(holder: Holder) -> Operation:
    """Take back the note of a reservation: it is there as long as the holder is `reserved`."""
    return "delete", {"PartitionKey": PARTITION, "RowKey": grant_key(holder)}, {}


def grant_key(holder: Holder) -> str:
    """Give the row key of the note of a reservation."""
    return grant_prefix(holder.granted_by) + _short(holder.holder)


def grant_prefix(releaser: str) -> str:
    """Give the prefix of the grants that a releaser made."""
    return f"grant.{_short(releaser)}."


def after(prefix: str) -> str:
    """Give the first key behind all that begin with `prefix`, which ends in a dot."""
    return prefix[:-1] + "/"  # the character after the dot


@dataclass(frozen=True)
class Book:
    """The limits as they were read; every write that rests on them goes with their ETags."""

    limits: Mapping[str, StoredRow[Limit]]

    def held(self) -> Counter[str]:
        """Give what is held of each limit."""
        return Counter({name: found.row.held for name, found in self.limits.items()})

    def moved(self, delta: Mapping[str, int]) -> list[Operation]:
        """Give the operations that change the counts by `delta`; a place that is only handed on touches no count."""
        return [self._moved(name, change) for name, change in delta.items() if change]

    def _moved(self, name: str, change: int) -> Operation:
        found = self.limits.get(name)
        if found is None:
            return create(PARTITION, f"limit.{_short(name)}", Limit(limit=name, held=max(change, 0)))
        left = found.row.held + change
        return update(found, PARTITION, found.row.replace(held=left)) if left > 0 else delete(found, PARTITION)


def read_book() -> Book:
    """Read what is held of every limit."""
    return Book({found.row.limit: found for found in LIMITS.between(PARTITION, "limit.", after("limit."))})


def fits(request: SlotRequest, held: Mapping[str, int]) -> bool:
    """Tell whether all places are free; a request that is larger than a limit fits when nobody holds any of it."""
    return all(
        held.get(name, 0) + request.count <= capacity or (capacity > 0 and held.get(name, 0) <= 0)
        for name, capacity in request.limits.items()
    )


def next_turns(held: Counter[str]) -> list[StoredRow[SlotRequest]]:
    """Give those whose turn it is, oldest first, given what is held. Nobody overtakes within a queue."""
    waiting = [turn for queue in _queues() if fits(queue[0].row, held) for turn in queue]
    chosen: list[StoredRow[SlotRequest]] = []
    stuck: set[str] = set()
    held = Counter(held)
    for turn in sorted(waiting, key=lambda turn: (turn.row.since, turn.row.holder)):
        if turn.row.queue in stuck or not fits(turn.row, held):
            stuck.add(turn.row.queue)
        elif len(chosen) < MOST_GRANTS:
            chosen.append(turn)
            held.update(places(turn.row))
    return chosen


def head_of(queue: str) -> SlotRequest | None:
    """Give the first in a queue."""
    return next((found.row for found in TURNS.between(PARTITION, queue, after(queue), limit=1)), None)


def places(request: SlotRequest) -> dict[str, int]:
    """Give what it takes of each limit."""
    return dict.fromkeys(request.limits, request.count)


def total(several: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Add up."""
    summed: Counter[str] = Counter()
    for each in several:
        summed.update(each)
    return dict(summed)


def _queues() -> Iterator[list[StoredRow[SlotRequest]]]:
    """Give the front of each queue, one small read per queue."""
    start = "queue."
    while turns := [*TURNS.between(PARTITION, start, after("queue."), limit=MOST_GRANTS)]:
        queue = turns[0].row.queue
        yield [turn for turn in turns if turn.row.queue == queue]
        start = after(queue)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
