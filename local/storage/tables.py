"""The table service: rows of JSON in the order of their keys, under optimistic concurrency."""

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sortedcontainers import SortedDict

from .filters import TYPES, compiled, equal_to
from .wire import JSON, Answer, Refused, Request, in_json, read, written

PLACE = re.compile(r"(?P<table>\w+)(?:\((?:PartitionKey='(?P<partition>.*)',RowKey='(?P<row>.*)')?\))?")
ETAG, STAMP = "odata.etag", "Timestamp"
PLAIN = ("Edm.String", "Edm.Boolean", "Edm.Int32")  # types that JSON tells itself
LAST = "\U0010ffff"


Key = tuple[str, str]
Replaced = tuple[SortedDict, Key, "Row | None"]


class Row(dict[str, Any]):
    """A row as it is answered; never changed in its place, so that it is written once as text."""

    @cached_property
    def text(self) -> str:
        """Its JSON."""
        return written(self)


class Tables:
    """All tables of the account."""

    def __init__(self) -> None:
        """Have none."""
        self.rows: dict[str, SortedDict] = {}
        self._replaced: list[Replaced] | None = None  # within a transaction: what was there before each write
        self._count = itertools.count(1)

    def answer(self, request: Request) -> Answer:
        """Do what a request asks. Raises `Refused`."""
        name = request.path.split("/", 2)[2]
        if name.startswith("Tables"):
            return self._of_tables(request, name)
        found = PLACE.fullmatch(name)
        if not found:
            raise Refused(400, "InvalidUri", f"not a table's address: {name}")
        rows = self.rows.get(found["table"])
        if rows is None:
            raise Refused(404, "TableNotFound", "The table specified does not exist.")
        if request.method == "POST":
            return self._create(rows, request)
        if found["partition"] is None:
            return _listed(rows, request)
        key = (found["partition"].replace("''", "'"), found["row"].replace("''", "'"))
        return self._of_row(rows, key, request)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all writes of a block, or none of them where one is refused."""
        self._replaced = replaced = list[Replaced]()
        try:
            yield
        except Refused:
            self._replaced = None
            for rows, key, before in reversed(replaced):
                self._put(rows, key, before)
            raise
        finally:
            self._replaced = None

    def _put(self, rows: SortedDict, key: Key, row: Row | None) -> None:
        """Write a row, or delete it."""
        if self._replaced is not None:
            self._replaced.append((rows, key, rows.get(key)))
        if row is None:
            rows.pop(key, None)
        else:
            rows[key] = row

    def _of_tables(self, request: Request, name: str) -> Answer:
        if request.method == "GET":
            return in_json(200, {"value": [{"TableName": each} for each in sorted(self.rows)]})
        if request.method == "DELETE":
            if self.rows.pop(name.split("'")[1], None) is None:
                raise Refused(404, "ResourceNotFound", "The specified resource does not exist.")
            return Answer(204)
        made = read(request.body)["TableName"]
        if made in self.rows:
            raise Refused(409, "TableAlreadyExists", "The table specified already exists.")
        self.rows[made] = SortedDict()
        return in_json(201, {"TableName": made})

    def _create(self, rows: SortedDict, request: Request) -> Answer:
        columns = read(request.body)
        key = (columns["PartitionKey"], columns["RowKey"])
        if key in rows:
            raise Refused(409, "EntityAlreadyExists", "The specified entity already exists.")
        self._put(rows, key, row := self._stamped(columns))
        if request.headers.get("prefer") == "return-no-content":
            return Answer(204, headers={"etag": row[ETAG]})
        return in_json(201, row, etag=row[ETAG])

    def _of_row(self, rows: SortedDict, key: tuple[str, str], request: Request) -> Answer:
        stored, condition = rows.get(key), request.headers.get("if-match")
        if stored is None and (request.method in ("GET", "DELETE") or condition is not None):
            raise Refused(404, "ResourceNotFound", "The specified resource does not exist.")
        if request.method == "GET":
            return Answer(200, stored.text.encode(), {"content-type": JSON, "etag": stored[ETAG]})
        if condition not in (None, "*", (stored or {}).get(ETAG)):
            raise Refused(
                412, "UpdateConditionNotSatisfied", "The update condition specified in the request was not satisfied."
            )
        if request.method == "DELETE":
            self._put(rows, key, None)
            return Answer(204)
        before = stored or {} if request.method in ("PATCH", "MERGE") else {}
        self._put(rows, key, row := self._stamped({**before, **read(request.body)}))
        return Answer(204, headers={"etag": row[ETAG]})

    def _stamped(self, columns: dict[str, Any]) -> Row:
        """Give a row as it is kept: with a stamp and an ETag that no other write has, without what JSON tells anyway."""
        moment = datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
        stamp = f"{moment}{next(self._count) % 10}Z"
        etag = f"W/\"datetime'{stamp.replace(':', '%3A')}.{next(self._count)}'\""
        plain = {name for name, value in columns.items() if name.endswith(TYPES) and value in PLAIN}
        kept = {name: value for name, value in columns.items() if value is not None and name not in plain}
        return Row({**kept, ETAG: etag, STAMP: stamp})


def _listed(rows: SortedDict, request: Request) -> Answer:
    """Give a page of the rows that fit."""
    text = request.query.get("$filter", "")
    fits, partition = compiled(text) if text else (lambda _row: True), equal_to(text, "PartitionKey")
    start = (request.query.get("NextPartitionKey", partition or ""), request.query.get("NextRowKey", ""))
    end = (partition, LAST) if partition is not None else (LAST, LAST)
    most, chosen = int(request.query.get("$top", 1_000)), request.query.get("$select", "")
    page: list[str] = []
    for key in rows.irange(start, end):
        if fits(rows[key]):
            if len(page) == most:
                marks = {"x-ms-continuation-NextPartitionKey": key[0], "x-ms-continuation-NextRowKey": key[1]}
                return _page(page, **marks)
            page.append(_chosen(rows[key], chosen.split(",")) if chosen else rows[key].text)
    return _page(page)


def _page(rows: list[str], **marks: str) -> Answer:
    return Answer(200, f'{{"value": [{", ".join(rows)}]}}'.encode(), {"content-type": JSON, **marks})


def _chosen(row: Row, names: list[str]) -> str:
    return written({k: value for k, value in row.items() if k == ETAG or k.removesuffix(TYPES) in names})
