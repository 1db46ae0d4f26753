"""Places within one opening of a cutover window: so many machines may cut over in it, each place is used up once.

One partition of table `slots` per opening: a row per machine that has a place, and their count. Both are written in one
transaction under the count's ETag, so no two cohorts take the same place.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from shared.models import Model
from shared.problems import Busy
from shared.storage.rows import MOST_TRIES, Rows, create, delete, pause, update

COUNT: Final = "count"
AT_ONCE: Final = 90  # places in one transaction, of at most 100 operations


class Used(Model):
    """How many places of an opening are used, or (under a machine's name) that it has one."""

    machine: str = ""
    places: int = 0


TABLE: Final = Rows("slots", Used)


def opening_of(migration: str, owner: str, opened: datetime) -> str:
    """Give the id of one opening of the windows of a wave, an application or a machine, which never overlap."""
    return f"opening.{migration}.{owner}.{opened.astimezone(UTC):%Y%m%dT%H%M%S}"


def places_taken(opening: str) -> int:
    """Return how many places of an opening are used."""
    count = TABLE.get(opening, COUNT)
    return count.places if count else 0


def take(opening: str, capacity: int, names: Sequence[str]) -> frozenset[str]:
    """Give the machines that have a place in an opening, taking free ones in the order of the names.

    A machine that has a place keeps it: asked again the answer is the same, and a retry within the same opening uses no
    second one. Only who did not begin gives its place back: the capacity is of the opening, `limits.cuttingOver` is what
    counts at a time.
    """
    return frozenset().union(
        *(_take(opening, capacity, names[start : start + AT_ONCE]) for start in range(0, len(names), AT_ONCE))
    )


def _take(opening: str, capacity: int, names: Sequence[str]) -> frozenset[str]:
    """Take as many as fit, in one transaction. Raises `Busy` when other cohorts keep winning."""
    for attempt in range(MOST_TRIES):
        count = TABLE.find(opening, COUNT)
        used = count.row.places if count else 0
        holding = frozenset(name for name in names if used and TABLE.get(opening, _key(name)) is not None)
        fresh = [name for name in names if name not in holding][: max(0, capacity - used)]
        if not fresh:
            return holding
        total = Used(places=used + len(fresh))
        counted = update(count, opening, total) if count else create(opening, COUNT, total)
        taken = [create(opening, _key(name), Used(machine=name)) for name in fresh]
        if TABLE.commit((counted, *taken)):
            return holding | frozenset(fresh)
        pause(attempt)
    raise Busy(f"too many cohorts want places in {opening}")


def give_back(opening: str, names: Sequence[str]) -> None:
    """Let others have the places of machines that do not begin now; who has none changes nothing, however often it is asked."""
    for start in range(0, len(names), AT_ONCE):
        _give_back(opening, names[start : start + AT_ONCE])


def _give_back(opening: str, names: Sequence[str]) -> None:
    """Give places back in one transaction. Raises `Busy` when other cohorts keep winning."""
    for attempt in range(MOST_TRIES):
        count = TABLE.find(opening, COUNT)
        places = [found for name in names if count and (found := TABLE.find(opening, _key(name))) is not None]
        if count is None or not places:
            return
        left = update(count, opening, Used(places=count.row.places - len(places)))
        if TABLE.commit((left, *(delete(found, opening) for found in places))):
            return
        pause(attempt)
    raise Busy(f"too many cohorts want places in {opening}")


def _key(machine: str) -> str:
    return f"machine.{machine}"
