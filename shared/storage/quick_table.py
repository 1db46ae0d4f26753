"""One table by requests of our own, as the SDK's client has them: single rows, listings, transactions."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote, urlencode

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

from shared.storage.table_batch import transact
from shared.storage.table_json import Found, filled, written
from shared.storage.table_wire import HEADERS, Answer, TableRequest, Wire, judged

READING: Final = {**HEADERS, "Accept": "application/json;odata=minimalmetadata"}
WRITING: Final = {**READING, "Content-Type": "application/json", "Prefer": "return-no-content"}
NEXT: Final = ("NextPartitionKey", "NextRowKey")
Written = Mapping[str, Any]
Operation = tuple[str, Mapping[str, Any]] | tuple[str, Mapping[str, Any], Mapping[str, Any]]
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class QuickTable:
    """A table of the app; may be shared by threads."""

    def __init__(self, wire: Wire, name: str) -> None:
        """Take the connections of its account."""
        self.name, self._wire = name, wire
        self._path = f"{wire.root}/{name}"

    def create_table(self) -> None:
        """Make the table unless it is there."""
        with suppress(ResourceExistsError):
            self._wire.ask(
                TableRequest("POST", f"{self._wire.root}/Tables", WRITING, body=written({"TableName": self.name}))
            )

    def get_entity(self, partition: str, row_key: str) -> Found:
        """Read a row. Raises `ResourceNotFoundError`."""
        answer = self._wire.ask(TableRequest("GET", self._place(partition, row_key), READING))
        return Found(answer.json(), answer.headers.get("ETag", ""))

    def create_entity(self, entity: Mapping[str, Any]) -> Written:
        """Write a row that is not there. Raises `ResourceExistsError`."""
        return _etag(self._wire.ask(self._request("create", entity)))

    def upsert_entity(self, entity: Mapping[str, Any]) -> Written:
        """Write a row whatever is there."""
        return _etag(self._wire.ask(self._request("upsert", entity)))

    def update_entity(self, entity: Mapping[str, Any], etag: str) -> Written:
        """Replace a row that is as it was read. Raises `ResourceModifiedError`, `ResourceNotFoundError`."""
        return _etag(self._wire.ask(self._request("update", entity, {"etag": etag})))

    def delete_entity(self, partition: str, row_key: str) -> None:
        """Delete a row if it is there, as it may stand."""
        with suppress(ResourceNotFoundError):
            self._wire.ask(self._request("delete", {"PartitionKey": partition, "RowKey": row_key}))

    def query_entities(
        self, where: str, parameters: Mapping[str, Any], *, select: Sequence[str] = (), results_per_page: int = 1_000
    ) -> Iterator[Found]:
        """Give the rows that fit a filter with @names, page by page."""
        parameters_sent = {
            "$filter": filled(where, parameters),
            "$top": str(results_per_page),
            "$select": ",".join(select),
        }
        parameters_sent = {name: value for name, value in parameters_sent.items() if value}
        following: dict[str, str] = {}
        while True:
            query = urlencode({**parameters_sent, **following}, quote_via=quote)
            answer = self._wire.ask(TableRequest("GET", f"{self._path}()", READING, query))
            yield from (Found(each, "") for each in answer.json()["value"])
            marks = {name: answer.headers.get(f"x-ms-continuation-{name}", "") for name in NEXT}
            following = {name: value for name, value in marks.items() if value}
            if not following:
                return

    def submit_transaction(self, operations: Sequence[Operation]) -> list[Written]:
        """Do at most 100 things with rows of one partition, or none of them; `upsert` replaces what is there.

        Gives the ETag of each row that stands afterwards, nothing for one that is gone. Raises what the first operation that cannot be done would raise by itself.
        """
        answers = transact(self._wire, [self._request(*each) for each in operations])
        return [_etag(each) if "ETag" in each.headers else {} for each in map(judged, answers)]

    def _request(self, kind: str, entity: Mapping[str, Any], how: Mapping[str, Any] = NOTHING) -> TableRequest:
        """Make one write, as it is sent by itself or within a transaction."""
        place = self._place(entity["PartitionKey"], entity["RowKey"])
        condition = {"If-Match": how["etag"]} if "etag" in how else {}
        match kind:
            case "create":
                return TableRequest("POST", self._path, WRITING, body=written(entity))
            case "delete":
                return TableRequest("DELETE", place, {**READING, "If-Match": "*", **condition})
        return TableRequest("PUT", place, {**WRITING, **condition}, body=written(entity))

    def _place(self, partition: str, row_key: str) -> str:
        return f"{self._path}(PartitionKey='{_key(partition)}',RowKey='{_key(row_key)}')"


def _key(text: str) -> str:
    return quote(text.replace("'", "''"), safe="")


def _etag(answer: Answer) -> Written:
    return {"etag": answer.headers.get("ETag", "")}
