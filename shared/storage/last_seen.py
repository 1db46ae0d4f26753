"""Rows as this process saw them last: a guess to write from, which the row's ETag proves or refutes.

Who changes a row from here loses nothing by a stale one but a write that the service refuses; who only reads (`last_known`)
has to be somebody whom a change since does no harm. A row of a moment ago is
always worth the try. An older one is as long as most guesses hold: where other processes write the same rows, a
refused write and the reading after it cost more than reading first.
"""

import random
import time
from collections import OrderedDict
from threading import Lock
from typing import Any, Final
from weakref import WeakKeyDictionary

MOST_ROWS: Final = 2_000  # of one table
A_MOMENT: Final = 5.0  # real seconds: within one run of an activity
A_WHILE: Final = 600.0
HOLDING: Final = 0.5  # of the guesses: a refused one costs two requests more, one that holds saves one
WEIGHT: Final = 0.05  # of the newest guess in the share of those that held
SAMPLED: Final = 0.05  # of the guesses are tried all the same, so that better times are noticed

Seen = tuple[float, Any]


class LastSeen:
    """The rows of one table, those that were not seen for longest forgotten first."""

    def __init__(self) -> None:
        """Know no row yet, and expect guesses to hold."""
        self._rows: OrderedDict[tuple[str, str], Seen] = OrderedDict()
        self._holding = 1.0
        self._lock = Lock()

    def keep(self, partition: str, row_key: str, row: Any, as_of: float | None = None) -> None:
        """Keep a row as it was just written, or read by a request that was begun `as_of`, unless a newer one is known."""
        moment = time.monotonic() if as_of is None else as_of
        with self._lock:
            if self._rows.get((partition, row_key), (moment, None))[0] > moment:
                return
            self._rows[partition, row_key] = (moment, row)
            self._rows.move_to_end((partition, row_key))
            if len(self._rows) > MOST_ROWS:
                self._rows.popitem(last=False)

    def forget(self, partition: str, row_key: str) -> None:
        """Forget a row that is known to have changed, or gone."""
        with self._lock:
            self._rows.pop((partition, row_key), None)

    def guess(self, partition: str, row_key: str) -> Seen | None:
        """Give a row as it was last seen, with the moment; None where it is better read."""
        seen = self._rows.get((partition, row_key))
        if seen is None or is_recent(seen) or self._holding >= HOLDING:
            return seen
        return seen if random.random() < SAMPLED else None  # noqa: S311 - only to sample

    def as_of(self, partition: str, row_key: str, etag: str) -> Any | None:
        """Give a row that was seen under the ETag that it has: nobody has changed it since."""
        seen = self._rows.get((partition, row_key))
        return seen[1].row if seen and seen[1].etag == etag else None

    def learn(self, seen: Seen, *, held: bool) -> None:
        """Take into account whether a guess held; that those of a moment ago do tells nothing of other processes."""
        if not is_recent(seen):
            self._holding += WEIGHT * (held - self._holding)


def is_recent(seen: Seen, within: float = A_MOMENT) -> bool:
    """Tell whether a row was seen so many seconds ago at most."""
    return time.monotonic() - seen[0] < within


_tables: WeakKeyDictionary[Any, LastSeen] = WeakKeyDictionary()


def of_table(client: Any) -> LastSeen:
    """Give what was seen of the table that a client asks."""
    return _tables.get(client) or _tables.setdefault(client, LastSeen())
