"""Rows of one kind in one table: read, written once, changed under optimistic concurrency, listed and paged."""

import random
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, Generic

from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.data.tables import UpdateMode

from shared.models import NEVER
from shared.problems import Busy
from shared.storage import last_seen
from shared.storage.entities import Entity, Row, WrittenRow, from_entity, key, to_entity
from shared.storage.quick_table import QuickTable
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
    written: datetime = NEVER  # as the service stamped it


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
        client, begun = table(self.name), time.monotonic()
        seen = last_seen.of_table(client)
        with asking(f"reading {self.name}"):
            try:
                found = self._found(client.get_entity(key(partition), key(row_key)), seen)
            except ResourceNotFoundError:
                seen.forget(key(partition), key(row_key))
                return None
        seen.keep(key(partition), found.key, found, begun)
        return found

    def put(self, partition: str, row_key: str, row: Row) -> None:
        """Write a row whatever is there."""
        client, entity = table(self.name), to_entity(key(partition), key(row_key), row)
        with asking(f"writing {self.name}"):
            self._keep(client, entity, client.upsert_entity(entity))

    def drop(self, partition: str, row_key: str) -> None:
        """Delete a row if it is there."""
        client = table(self.name)
        last_seen.of_table(client).forget(key(partition), key(row_key))
        with asking(f"deleting from {self.name}"):
            client.delete_entity(key(partition), key(row_key))

    def change(self, partition: str, row_key: str, mutate: Callable[[Row | None], Row | None]) -> Row | None:
        """Read, mutate, write unless another writer came between; then again. Gives the row as it stands afterwards.

        The first try is made from the row as this process last saw it, unread. `mutate` gets None where there is no row,
        and gives None (or an equal row) to leave things as they are. It must find its own effect already there when it
        runs twice. Raises `Busy` when other writers keep winning.
        """
        guessed = self._change_unread(partition, row_key, mutate)
        if guessed is not None:
            return guessed
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

    def _change_unread(self, partition: str, row_key: str, mutate: Callable[[Row | None], Row | None]) -> Row | None:
        """Change the row as it was last seen; None where that is not how it stands, or where nothing is to be changed.

        Only a row that was read can say that nothing is to be done.
        """
        seen = last_seen.of_table(table(self.name))
        guess = seen.guess(key(partition), key(row_key))
        if guess is None:
            return None
        found = self._recalled(guess)
        try:
            after = mutate(found.row)
        except Exception:  # noqa: BLE001 - whatever it says of an old row: it is asked again with the one that stands
            return None
        if after is None or after == found.row:
            return None
        held = self.commit((update(found, partition, after),))
        seen.learn(guess, held=held)
        return after if held else None

    def remembered(self, partition: str, row_keys: Collection[str]) -> dict[str, StoredRow[Row]]:
        """Give rows as this process saw them last, by their keys; none unless it saw all of them, not long ago.

        For callers that write under their ETags, and to whom it does no harm to miss a change for a while.
        """
        seen = last_seen.of_table(table(self.name))
        guesses = [seen.guess(key(partition), key(row_key)) for row_key in row_keys]
        known = [guess for guess in guesses if guess and last_seen.is_recent(guess, last_seen.A_WHILE)]
        return {found.key: found for found in map(self._recalled, known)} if len(known) == len(row_keys) else {}

    def last_known(self, partition: str, row_key: str, within: float = last_seen.A_WHILE) -> Row | None:
        """Give a row as this process saw it last, or None; only where it does no harm that it has changed since."""
        seen = last_seen.of_table(table(self.name)).guess(key(partition), key(row_key))
        return self._recalled(seen).row if seen and last_seen.is_recent(seen, within) else None

    def _recalled(self, seen: last_seen.Seen) -> StoredRow[Row]:
        """Give a row that was last seen; where its table was written as another kind of rows, as it would be read as this one."""
        kept: StoredRow[Any] = seen[1]
        if type(kept.row) is self.kind:
            return kept
        return StoredRow(from_entity(self.kind, to_entity("", kept.key, kept.row)), kept.key, kept.etag)

    def commit(self, operations: Sequence[Operation]) -> bool:
        """Do all of at most 100 operations in one partition, or none; False = somebody else was there before us."""
        client = table(self.name)
        for _, entity, _ in operations:  # whatever becomes of it: it is as it was, or as we write it, or somebody came
            last_seen.of_table(client).forget(entity["PartitionKey"], entity["RowKey"])
        with asking(f"writing {self.name}"):
            try:
                self._write(client, operations)
            except (ResourceExistsError, ResourceModifiedError, ResourceNotFoundError):
                return False
        return True

    def _write(self, client: QuickTable, operations: Sequence[Operation]) -> None:
        """Send one write as itself: a transaction of one costs three times as much on both ends."""
        match operations:
            case [("create", entity, _)]:
                self._keep(client, entity, client.create_entity(entity))
            case [("update", entity, how)]:
                self._keep(client, entity, client.update_entity(entity, how["etag"]))
            case _:
                for (_, entity, _), written in zip(operations, client.submit_transaction(operations), strict=True):
                    if "etag" in written:
                        self._keep(client, entity, written)

    def _keep(self, client: QuickTable, entity: Entity, written: Mapping[str, Any]) -> None:
        """Keep an entity as it was just written."""
        partition, row_key = entity["PartitionKey"], entity["RowKey"]
        if isinstance(entity, WrittenRow):
            last_seen.of_table(client).keep(partition, row_key, StoredRow(entity.row, row_key, written["etag"]))

    def of(self, partition: str, where: str = "", values: Values = NOTHING) -> Iterator[Row]:
        """Give the rows of a partition in the order of their keys; `where` is an OData filter with @names of `values`."""
        return (found.row for found in self._query(partition, [where], values))

    def found(self, partition: str, where: str = "", values: Values = NOTHING) -> Iterator[StoredRow[Row]]:
        """Give the rows of a partition with their ETags, in the order of their keys; they are last seen here then."""
        seen, begun = last_seen.of_table(table(self.name)), time.monotonic()
        for found in self._query(partition, [where], values):
            seen.keep(key(partition), found.key, found, begun)
            yield found

    def columns(self, partition: str, *names: str) -> Iterator[Mapping[str, Any]]:
        """Give some (simple) columns of all rows of a partition: a fraction of what whole rows cost on both ends."""
        with asking(f"listing {self.name}"):
            yield from table(self.name).query_entities(
                "PartitionKey eq @partition", parameters={"partition": key(partition)}, select=names
            )

    def everywhere(self, where: str, values: Values = NOTHING) -> Iterator[Row]:
        """Give the rows of all partitions that fit an OData filter with @names of `values`, by their keys: the table is read through."""
        with asking(f"listing {self.name}"):
            client = table(self.name)
            seen = last_seen.of_table(client)
            for entity in client.query_entities(where, parameters=dict(values), results_per_page=1_000):
                yield self._found(entity, seen).row

    def between(self, partition: str, start: str, end: str, limit: int | None = None) -> Iterator[StoredRow[Row]]:
        """Give the rows whose (legal) keys are at least `start` and below `end`, at most `limit` of them."""
        return self._query(partition, ["RowKey ge @start", "RowKey lt @end"], {"start": start, "end": end}, limit)

    def page(
        self, partition: str, token: str, size: int, where: str = "", values: Values = NOTHING
    ) -> tuple[tuple[Row, ...], str]:
        """Give the `size` rows after `token` ("" = from the start) and the token of the next page ("" = no more)."""
        found, following = self.stored_page(partition, token, size, where, values)
        return tuple(each.row for each in found), following

    def stored_page(
        self, partition: str, token: str, size: int, where: str = "", values: Values = NOTHING
    ) -> tuple[tuple[StoredRow[Row], ...], str]:
        """Give a page as `page` does, of each row also when it was written."""
        beyond = "RowKey gt @token" if token else ""
        found = tuple(self._query(partition, [where, beyond], {**values, "token": token}, size + 1))
        return found[:size], found[size - 1].key if len(found) > size else ""

    def _query(
        self, partition: str, where: Sequence[str], values: Values, limit: int | None = None
    ) -> Iterator[StoredRow[Row]]:
        """Ask page by page of at most 1,000; @names stand apart from brackets, as the SDK looks for whole words."""
        condition = " and ".join(["PartitionKey eq @partition", *(f"( {part} )" for part in where if part)])
        with asking(f"listing {self.name}"):
            client = table(self.name)
            seen = last_seen.of_table(client)
            pages = client.query_entities(
                condition,
                parameters={**values, "partition": key(partition)},
                results_per_page=min(limit or 1_000, 1_000),
            )
            for entity in islice(pages, limit):
                yield self._found(entity, seen)

    def _found(self, entity: Entity, seen: last_seen.LastSeen) -> StoredRow[Row]:
        metadata: Mapping[str, Any] = getattr(entity, "metadata", {})
        written, row_key, etag = metadata.get("timestamp") or NEVER, entity["RowKey"], metadata["etag"]
        before = seen.as_of(entity["PartitionKey"], row_key, etag)
        known = before if type(before) is self.kind else None
        return StoredRow(known or from_entity(self.kind, entity), row_key, etag, written)


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


def pause(attempt: int) -> None:
    """Let the others go first, for longer each time."""
    time.sleep(random.random() * min(LONGEST_PAUSE, 0.01 * 2**attempt))  # noqa: S311 - only to spread writers
