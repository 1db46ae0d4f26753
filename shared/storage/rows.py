"""Rows of one kind in one table: read, written once, changed under optimistic concurrency, listed and paged."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, Generic

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.data.tables import TableTransactionError, UpdateMode

from shared.problems import Busy
from shared.storage.entities import Entity, Row, from_entity, key, to_entity
from shared.storage.tables import asking, table

MOST_TRIES: Final = 60  # of one change against other writers; each waits a little longer than the one before
LONGEST_PAUSE: Final = 0.4  # seconds
Operation = tuple[str, Mapping[str, Any], Mapping[str, Any]]
Values = Mapping[str, Any]
NOTHING: Final[Values] = MappingProxyType({})


@dataclass(frozen=True)
class StoredRow(Generic[Row]):
    """A row as it was read: its key and its ETag go back with the write."""

    row: Row
    key: str
    etag: str


@dataclass(frozen=True)
class Rows(Generic[Row]):
    """A table of one kind of rows. Keys may be any text: they are made legal here."""

    name: str
    kind: type[Row]

    def get(self, partition: str, row_key: str) -> Row | None:
        """Give a row, or None."""
        found = self.find(partition, row_key)
        return found.row if found else None

    def find(self, partition: str, row_key: str) -> StoredRow[Row] | None:
        """Give a row with its ETag, or None."""
        with asking(f"reading {self.name}"):
            try:
                return self._found(table(self.name).get_entity(key(partition), key(row_key)))
            except ResourceNotFoundError:
                return None

    def put(self, partition: str, row_key: str, row: Row) -> None:
        """Write a row whatever is there."""
        with asking(f"writing {self.name}"):
            table(self.name).upsert_entity(to_entity(key(partition), key(row_key), row), UpdateMode.REPLACE)

    def drop(self, partition: str, row_key: str) -> None:
        """Delete a row if it is there."""
        with asking(f"deleting from {self.name}"):
            table(self.name).delete_entity(key(partition), key(row_key))

    def change(self, partition: str, row_key: str, mutate: Callable[[Row | None], Row | None]) -> Row | None:
        """Read, mutate, write unless another writer came between; then again. Gives the row as it stands afterwards.

        `mutate` gets None where there is no row, and gives None (or an equal row) to leave things as they are. It must
        find its own effect already there when it runs twice. Raises `Busy` when other writers keep winning.
        """
        for attempt in range(MOST_TRIES):
            found = self.find(partition, row_key)
            before = found.row if found else None
            after = mutate(before)
            if after is None or after == before:
                return before
            operation = update(found, partition, after) if found else create(partition, row_key, after)
            if self.commit((operation,)):
                return after
            pause(attempt)
        raise Busy(f"too many writers want the row {row_key} of {self.name}")

    def commit(self, operations: Sequence[Operation]) -> bool:
        """Do all of at most 100 operations in one partition, or none; False = somebody else was there before us."""
        with asking(f"writing {self.name}"):
            try:
                self._write(operations)
            except (ResourceExistsError, ResourceModifiedError, ResourceNotFoundError):
                return False
            except TableTransactionError as refused:
                if lost_race(refused):
                    return False
                raise
        return True

    def _write(self, operations: Sequence[Operation]) -> None:
        """Send one write as itself: a transaction of one costs three times as much on both ends."""
        there = table(self.name)
        match operations:
            case [("create", entity, _)]:
                there.create_entity(entity)
            case [("update", entity, how)]:
                there.update_entity(entity, **how)
            case _:
                there.submit_transaction(list(operations))

    def of(self, partition: str, where: str = "", values: Values = NOTHING) -> Iterator[Row]:
        """Give the rows of a partition in the order of their keys; `where` is an OData filter with @names of `values`."""
        return (found.row for found in self.found(partition, where, values))

    def found(self, partition: str, where: str = "", values: Values = NOTHING) -> Iterator[StoredRow[Row]]:
        """Give the rows of a partition with their ETags, in the order of their keys."""
        return self._query(partition, [where], values)

    def between(self, partition: str, start: str, end: str, limit: int | None = None) -> Iterator[StoredRow[Row]]:
        """Give the rows whose (legal) keys are at least `start` and below `end`, at most `limit` of them."""
        return self._query(partition, ["RowKey ge @start", "RowKey lt @end"], {"start": start, "end": end}, limit)

    def page(
        self, partition: str, token: str, size: int, where: str = "", values: Values = NOTHING
    ) -> tuple[tuple[Row, ...], str]:
        """Give the `size` rows after `token` ("" = from the start) and the token of the next page ("" = no more)."""
        beyond = "RowKey gt @token" if token else ""
        found = tuple(self._query(partition, [where, beyond], {**values, "token": token}, size + 1))
        return tuple(each.row for each in found[:size]), found[size - 1].key if len(found) > size else ""

    def _query(
        self, partition: str, where: Sequence[str], values: Values, limit: int | None = None
    ) -> Iterator[StoredRow[Row]]:
        """Ask page by page of at most 1,000; @names stand apart from brackets, as the SDK looks for whole words."""
        said = " and ".join(["PartitionKey eq @partition", *(f"( {part} )" for part in where if part)])
        with asking(f"listing {self.name}"):
            pages = table(self.name).query_entities(
                said, parameters={**values, "partition": key(partition)}, results_per_page=min(limit or 1_000, 1_000)
            )
            for entity in islice(pages, limit):
                yield self._found(entity)

    def _found(self, entity: Entity) -> StoredRow[Row]:
        metadata: Mapping[str, Any] = getattr(entity, "metadata", {})
        return StoredRow(row=from_entity(self.kind, entity), key=entity["RowKey"], etag=metadata["etag"])


def create(partition: str, row_key: str, row: Row) -> Operation:
    """Write a row that must not be there yet."""
    return "create", to_entity(key(partition), key(row_key), row), {}


def update(found: StoredRow[Row], partition: str, row: Row) -> Operation:
    """Replace a row that must be as it was read."""
    entity = to_entity(key(partition), found.key, row)
    unless_changed = {"etag": found.etag, "match_condition": MatchConditions.IfNotModified}
    return "update", entity, {"mode": UpdateMode.REPLACE, **unless_changed}


def delete(found: StoredRow[Row], partition: str) -> Operation:
    """Delete a row that must be as it was read."""
    unless_changed = {"etag": found.etag, "match_condition": MatchConditions.IfNotModified}
    return "delete", {"PartitionKey": key(partition), "RowKey": found.key}, unless_changed


def lost_race(refused: HttpResponseError) -> bool:
    """Tell whether a write was refused because somebody else was quicker."""
    return refused.status_code in {404, 409, 412}


def pause(attempt: int) -> None:
    """Let the others go first, for longer each time."""
    time.sleep(random.random() * min(LONGEST_PAUSE, 0.01 * 2**attempt))  # noqa: S311 - only to spread writers
