"""Some columns of all rows of a partition, kept by this process: who looks again asks only for what changed since.

For people's pages only: a row that was changed a moment ago is seen at the next look at the latest. The service stamps
each row when it is written; rows are never deleted from tables that are looked at so.
"""

import time
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final, Generic
from weakref import WeakKeyDictionary

from shared.models import NEVER
from shared.storage.entities import JSON, Row, from_entity, key
from shared.storage.rows import Rows
from shared.storage.tables import asking, table

OVERLAP: Final = timedelta(seconds=5)  # asked for again: writes that were under way when we looked
WHOLE_EVERY: Final = 600.0  # real seconds: then all rows are read again, whatever the stamps said
MOST_KEPT: Final = 16  # partitions


class Kept(Generic[Row]):
    """The rows of one partition as they were last seen."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.rows: dict[str, Row] = {}
        self.newest = NEVER
        self.begun = self.moved = time.monotonic()
        self.looked = -1e9
        self.lock = Lock()

    @property
    def since(self) -> datetime:
        """Give after when changes may not have been seen: behind the newest stamp others may yet show for a while."""
        settled = time.monotonic() - self.moved > 2 * OVERLAP.total_seconds()
        return self.newest if settled else self.newest - OVERLAP

    @property
    def is_old(self) -> bool:
        """Tell whether it is time to read everything again."""
        return time.monotonic() - self.begun > WHOLE_EVERY


class Overview(Generic[Row]):
    """What people see of many rows at a glance: some fields of each."""

    def __init__(self, rows: Rows[Row], *fields: str) -> None:
        """Name the fields; those that a row has no need of keep their defaults."""
        self._rows = rows
        self._columns = [each + more for each in fields for more in ("", "__1", JSON, f"{JSON}__1")]
        self._kept: WeakKeyDictionary[Any, OrderedDict[str, Kept[Row]]] = WeakKeyDictionary()

    def of(self, partition: str, not_older: float = 0.0) -> tuple[Row, ...]:
        """Give all rows of a partition in the order of their keys, as they stood so many seconds ago at the longest."""
        client = table(self._rows.name)
        kept = self._of(client, partition)
        with kept.lock:
            if time.monotonic() - kept.looked < not_older:
                return tuple(row for _, row in sorted(kept.rows.items()))
            kept.looked = time.monotonic()
            for entity in self._changed(client, partition, kept):
                kept.rows[entity["RowKey"]] = self._read(partition, entity)
                if _written(entity) > kept.newest:
                    kept.newest, kept.moved = _written(entity), time.monotonic()
            return tuple(row for _, row in sorted(kept.rows.items()))

    def forget(self, partition: str) -> None:
        """Look anew the next time: this process has just changed a row of it."""
        for known in self._kept.values():
            if partition in known:
                known[partition].looked = -1e9

    def _of(self, client: Any, partition: str) -> Kept[Row]:
        known = self._kept.setdefault(client, OrderedDict())
        kept = known.pop(partition, None)
        if kept is None or kept.is_old:
            kept = Kept[Row]()
        known[partition] = kept
        if len(known) > MOST_KEPT:
            known.popitem(last=False)
        return kept

    def _changed(self, client: Any, partition: str, kept: Kept[Row]) -> list[Mapping[str, Any]]:
        """List the rows that may have changed since."""
        condition, values = "PartitionKey eq @partition", {"partition": key(partition)}
        if kept.rows:
            condition, values = f"{condition} and Timestamp gt @since", {**values, "since": kept.since}  # type: ignore[dict-item]
        with asking(f"listing {self._rows.name}"):
            select = ["RowKey", "Timestamp", *self._columns]
            return list(client.query_entities(condition, parameters=values, select=select))

    def _read(self, partition: str, entity: Mapping[str, Any]) -> Row:
        """Read a row from its columns; one whose texts are spread over several is read whole."""
        if any(name.endswith("__1") for name in entity):
            return self._rows.get(partition, entity["RowKey"]) or from_entity(self._rows.kind, entity)
        return from_entity(self._rows.kind, entity)


def _written(entity: Mapping[str, Any]) -> datetime:
    """Give when the service says that a row was written."""
    stamp: datetime = getattr(entity, "metadata", {}).get("timestamp") or NEVER
    return stamp
