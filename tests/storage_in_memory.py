"""Tables and blobs in memory, as far as the product asks for them: for tests that play thousands of steps.

The rows go through the product's own entities and keys, and optimistic concurrency is kept; the real protocol is
Azurite's part. `die_before(n)` lets the n-th write from now on be the end of who writes it.
"""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from operator import itemgetter
from typing import Any

from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError

from shared.models import Model
from shared.storage.entities import from_entity

OPERATORS = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
}
TERM = re.compile(r"(\w+) (eq|ne|gt|ge|lt) (@\w+|true|false)")


class Died(BaseException):
    """The process ended here."""


class Row(dict[str, Any]):
    """An entity with its metadata, and as what it was read."""

    metadata: Mapping[str, Any]
    model: Model | None = None


def read_once(kind: type[Model], entity: Mapping[str, Any]) -> Model:
    """Read a row as the product does, but once for each time it was written: models are frozen, and looks are many."""
    if not isinstance(entity, Row):
        return from_entity(kind, entity)
    if not isinstance(entity.model, kind):
        entity.model = from_entity(kind, entity)
    return entity.model


class Tables:
    """All tables."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[tuple[str, str], Row]] = {}
        self.blobs: dict[str, bytes] = {}
        self._tables: dict[str, Table] = {}
        self._etags = itertools.count(1)
        self.dies = 0

    def die_before(self, write: int) -> None:
        self.dies = write

    def table(self, name: str) -> "Table":
        return self._tables.setdefault(name, Table(self, name))

    def container(self) -> "Container":
        return Container(self.blobs)

    def stamp(self, entity: Mapping[str, Any]) -> Row:
        if self.dies:
            self.dies -= 1
            if not self.dies:
                raise Died
        row = Row(entity)  # columns are never changed in their place
        row.metadata = {"etag": f"{next(self._etags)}", "timestamp": datetime.now(UTC)}
        return row


class Table:
    """One table, as the SDK's client."""

    def __init__(self, whole: Tables, name: str) -> None:
        self._whole, self._name = whole, name

    @property
    def _rows(self) -> dict[tuple[str, str], Row]:
        return self._whole.rows.setdefault(self._name, {})

    def get_entity(self, partition: str, row_key: str) -> Row:
        if (partition, row_key) not in self._rows:
            raise ResourceNotFoundError
        return self._rows[partition, row_key]

    def upsert_entity(self, entity: Mapping[str, Any], _mode: Any = None) -> Mapping[str, Any]:
        self._rows[_key(entity)] = self._whole.stamp(entity)
        return self._rows[_key(entity)].metadata

    def create_entity(self, entity: Mapping[str, Any]) -> Mapping[str, Any]:
        if _key(entity) in self._rows:
            raise ResourceExistsError
        return self.upsert_entity(entity)

    def update_entity(self, entity: Mapping[str, Any], etag: str = "", **_how: Any) -> Mapping[str, Any]:
        stored = self._rows.get(_key(entity))
        if stored is None:
            raise ResourceNotFoundError
        if stored.metadata["etag"] != etag:
            raise ResourceModifiedError
        return self.upsert_entity(entity)

    def delete_entity(self, *which: Any, **_how: Any) -> None:
        key = _key(which[0]) if isinstance(which[0], Mapping) else (which[0], which[1])
        if key in self._rows:
            self._whole.stamp({})
            del self._rows[key]

    def submit_transaction(self, operations: list[Any]) -> list[Mapping[str, Any]]:
        for act, entity, how in operations:  # all or none: none where one of them would be refused
            self._check(act, entity, how)
        acts = {"create": self.create_entity, "update": self.update_entity, "delete": self.delete_entity}
        before = dict(self._rows)
        try:
            return [acts[act](entity, **how) or {} for act, entity, how in operations]
        except Died:
            self._whole.rows[self._name] = before
            raise

    def _check(self, act: str, entity: Mapping[str, Any], how: Mapping[str, Any]) -> None:
        stored = self._rows.get(_key(entity))
        if act == "create" and stored is not None:
            raise ResourceExistsError
        if act != "create" and stored is None:
            raise ResourceNotFoundError
        if stored is not None and "etag" in how and stored.metadata["etag"] != how["etag"]:
            raise ResourceModifiedError

    def query_entities(self, query: str, parameters: Mapping[str, Any], **_paging: Any) -> Iterator[Row]:
        alternatives = [
            [
                [
                    (name, how, parameters[value[1:]] if value[0] == "@" else value == "true")
                    for name, how, value in terms
                ]
                for terms in either
            ]
            for either in _terms(query)
        ]
        found = [
            (key, row)
            for key, row in self._rows.items()
            if all(any(_fits(row, terms) for terms in either) for either in alternatives)
        ]
        return iter([row for _, row in sorted(found, key=itemgetter(0))])


class Container:
    """The blob container."""

    def __init__(self, blobs: dict[str, bytes]) -> None:
        self._blobs = blobs

    def upload_blob(self, name: str, body: bytes, *, overwrite: bool = False) -> None:
        if name in self._blobs and not overwrite:
            raise ResourceExistsError
        self._blobs[name] = body

    def download_blob(self, name: str) -> "Download":
        if name not in self._blobs:
            raise ResourceNotFoundError
        return Download(self._blobs[name])


class Download:
    """A blob that is read."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def readall(self) -> bytes:
        return self._body


@cache
def _terms(query: str) -> list[list[list[tuple[str, Callable[[Any, Any], bool], str]]]]:
    """Give the conditions of a query, of each its alternatives, of each its terms."""
    return [
        [[(name, OPERATORS[how], value) for name, how, value in TERM.findall(each)] for each in condition.split(" or ")]
        for condition in query.split(" and ")
    ]


def _fits(row: Row, terms: list[Any]) -> bool:
    return all(
        fits(row.metadata["timestamp"] if name == "Timestamp" else row.get(name), value) for name, fits, value in terms
    )


def _key(entity: Mapping[str, Any]) -> tuple[str, str]:
    return entity["PartitionKey"], entity["RowKey"]
