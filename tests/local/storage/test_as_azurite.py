"""The storage within the process answers as Azurite does, over sockets too: the same scene is played on all."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import AzureError
from azure.data.tables import EdmType, EntityProperty, TableClient, TableServiceClient, UpdateMode
from azure.storage.blob import BlobServiceClient, ContainerClient
from azure.storage.queue import QueueClient

from local.storage.server import served
from local.storage.service import CONNECTION, Storage

Act = Callable[[], Any]
ONE_WRITE = re.compile(r"W/\\?\"datetime.*?\"|TablesEntityDatetime\([^)]*\)[^)]*\)")  # its ETag and its moment
KEPT: dict[str, Any] = {"mode": UpdateMode.REPLACE, "match_condition": MatchConditions.IfNotModified}
ROW: dict[str, Any] = {
    "PartitionKey": "p'1",
    "RowKey": "r 1",
    "n": 1,
    "b": True,
    "f": 1.5,
    "d": datetime(2026, 1, 1, tzinfo=UTC),
    "big": EntityProperty(2**40, EdmType.INT64),
    "e": "",
    "ü": "x/ü?%20",
}
PLACE = (ROW["PartitionKey"], ROW["RowKey"])


def outcome(act: Act) -> str:
    """What an operation gave, or how it was refused, without what no two writes share."""
    try:
        return ONE_WRITE.sub("…", repr(act()))
    except AzureError as refused:
        about = [getattr(refused, name, None) for name in ("status_code", "error_code", "index")]
        return f"{type(refused).__name__} {about}"


@pytest.fixture(scope="module")
def over_sockets() -> Iterator[str]:
    with served() as storage:
        yield storage.connection_of("ours")


@pytest.fixture(params=["azurite", "in process", "over sockets"])
def connection(request: pytest.FixtureRequest) -> str:
    if request.param != "in process":
        return str(request.getfixturevalue("storage" if request.param == "azurite" else "over_sockets"))
    storage: Storage = request.getfixturevalue("storage_in_process")
    storage.empty()
    return CONNECTION


@pytest.fixture
def rows(connection: str, unique: str) -> Iterator[TableClient]:
    with TableServiceClient.from_connection_string(connection) as service:
        yield service.create_table(unique)


@pytest.fixture
def blobs(connection: str, unique: str) -> Iterator[ContainerClient]:
    with BlobServiceClient.from_connection_string(connection) as service:
        yield service.create_container(unique)


def row(number: int, **columns: Any) -> dict[str, Any]:
    return {"PartitionKey": "q", "RowKey": str(number), **columns}


def test_a_row_is_written_once_changed_under_its_etag_merged_and_replaced(rows: TableClient) -> None:
    rows.create_entity(ROW)
    etag = rows.get_entity(*PLACE).metadata["etag"]
    assert "ResourceExistsError [409, None, None]" == outcome(lambda: rows.create_entity(ROW))
    assert ROW == dict(rows.get_entity(*PLACE))
    assert {"etag", "timestamp"} == rows.get_entity(*PLACE).metadata.keys()

    stale = outcome(lambda: rows.update_entity(ROW, etag='W/"x"', **KEPT))
    assert "ResourceModifiedError [412, " in stale
    rows.update_entity(ROW | {"n": 2}, etag=etag, **KEPT)
    assert stale == outcome(lambda: rows.update_entity(ROW, etag=etag, **KEPT))
    rows.upsert_entity({"PartitionKey": PLACE[0], "RowKey": PLACE[1], "m": 4})
    assert ROW | {"n": 2, "m": 4} == dict(rows.get_entity(*PLACE))
    rows.upsert_entity({"PartitionKey": PLACE[0], "RowKey": PLACE[1], "m": 5}, UpdateMode.REPLACE)
    assert {"m": 5} == {name: value for name, value in rows.get_entity(*PLACE).items() if "Key" not in name}


def test_what_is_not_there_is_neither_read_nor_changed(rows: TableClient) -> None:
    for act in (
        lambda: rows.get_entity(*PLACE),
        lambda: rows.update_entity(ROW, etag='W/"x"', **KEPT),
        lambda: rows.update_entity(ROW, UpdateMode.REPLACE),
    ):
        assert "ResourceNotFoundError [404, <TableErrorCode.RESOURCE_NOT_FOUND: 'ResourceNotFound'>, None]" == outcome(
            act
        )
    rows.delete_entity(*PLACE)  # the SDK hides the 404


@pytest.mark.parametrize(
    ("operations", "refusal"),
    [
        ([("create", row(3)), ("create", row(1))], [409, "EntityAlreadyExists", 1]),
        ([("update", row(1), {"etag": 'W/"x"', **KEPT}), ("delete", row(2))], [412, "UpdateConditionNotSatisfied", 0]),
        ([("delete", row(2)), ("update", row(9), {"etag": 'W/"x"', **KEPT})], [404, "ResourceNotFound", 1]),
    ],
)
def test_of_a_transaction_all_is_done_or_nothing(rows: TableClient, operations: list[Any], refusal: list[Any]) -> None:
    made = rows.submit_transaction(
        [("create", row(1, s="ü")), ("upsert", row(2, n=5), {"mode": UpdateMode.REPLACE}), ("upsert", row(4))]
    )
    assert all(each["etag"] for each in made)  # rows that are written in one moment may have the same

    assert f"TableTransactionError {refusal}" == outcome(lambda: rows.submit_transaction(operations))
    assert ["1", "2", "4"] == [each["RowKey"] for each in rows.list_entities()]


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ("PartitionKey eq 'q'", "12345"),
        ("PartitionKey eq 'p''1'", "0"),
        ("PartitionKey eq 'q' and s ne 'x'", "12"),
        ("s eq 'ü' or n eq 5", "12"),
        ("PartitionKey eq 'q' and (RowKey ge '2' and RowKey lt '4')", "23"),
        ("RowKey gt '2' and PartitionKey eq 'q'", "345"),
        ("PartitionKey eq 'q' and ( s eq '2' or s eq 'ü' ) and ( n gt 1 )", "2"),
        ("b eq true", "3"),
        ("b ne true", ""),
        ("not (b eq true)", "01245"),
        ("d gt datetime'2026-01-01T00:00:00Z'", "4"),
        ("d le datetime'2026-01-02T00:00:00Z'", "4"),
        ("big eq 7L", "5"),
        ("big gt 6", "5"),
        ("n ge 5", "2"),
        ("n ne 5", ""),
        ("f eq 2.0", "5"),
        ("Timestamp gt datetime'2020-01-01T00:00:00Z'", "012345"),
    ],
)
def test_a_filter_finds_what_fits(rows: TableClient, where: str, wanted: str) -> None:
    rows.create_entity({"PartitionKey": "p'1", "RowKey": "0"})
    fifth = row(5, f=2.0, big=EntityProperty(7, EdmType.INT64))
    many = [row(1, s="ü"), row(2, s="2", n=5), row(3, b=True), row(4, d=datetime(2026, 1, 2, tzinfo=UTC)), fifth]
    rows.submit_transaction([("create", each) for each in many])

    assert wanted == "".join(each["RowKey"] for each in rows.query_entities(where))


def test_a_listing_goes_on_over_pages_with_the_columns_that_were_chosen(rows: TableClient) -> None:
    rows.submit_transaction([("create", row(number, s=f"{number}", left_out="x")) for number in range(5)])

    pages = rows.query_entities("PartitionKey eq 'q'", results_per_page=2, select=["s"]).by_page()
    assert [["0", "1"], ["2", "3"], ["4"]] == [[each["s"] for each in page] for page in pages]
    assert [{"s"}] * 5 == [set(each) for each in rows.query_entities("PartitionKey eq 'q'", select=["s"])]


def test_a_table_is_made_once_listed_and_gone_when_it_was_deleted(connection: str, unique: str) -> None:
    with TableServiceClient.from_connection_string(connection) as service:
        table, other = service.create_table(unique), service.get_table_client("other")
        exists = "ResourceExistsError [409, <TableErrorCode.TABLE_ALREADY_EXISTS: 'TableAlreadyExists'>, None]"
        assert exists == outcome(table.create_table)
        assert unique in [each.name for each in service.list_tables()]
        gone = "ResourceNotFoundError [404, <TableErrorCode.TABLE_NOT_FOUND: 'TableNotFound'>, None]"
        assert gone == outcome(lambda: other.get_entity("a", "b"))
        assert gone == outcome(lambda: list(other.list_entities()))
        assert "ResourceNotFoundError [404, None, None]" == outcome(lambda: other.create_entity(ROW))
        table.delete_table()
        assert gone == outcome(lambda: list(table.list_entities()))


def test_a_blob_is_written_once_or_anew_read_whole_listed_and_deleted(blobs: ContainerClient) -> None:
    blobs.upload_blob("a/b ü.json", b"first", overwrite=True)
    assert "ResourceExistsError [409, 'BlobAlreadyExists', None]" == outcome(
        lambda: blobs.upload_blob("a/b ü.json", b"")
    )
    blobs.upload_blob("a/b ü.json", b"second", overwrite=True)
    blobs.upload_blob("a/empty", b"")

    assert [b"second", b""] == [blobs.download_blob(each).readall() for each in ("a/b ü.json", "a/empty")]
    assert ["a/b ü.json", "a/empty"] == list(blobs.list_blob_names())
    assert ["a/empty"] == [each.name for each in blobs.list_blobs(name_starts_with="a/e")]
    blobs.delete_blob("a/b ü.json")
    missing = "ResourceNotFoundError [404, 'BlobNotFound', None]"
    assert missing == outcome(lambda: blobs.download_blob("a/b ü.json")) == outcome(lambda: blobs.delete_blob("nope"))
    assert [True, False] == [blobs.get_blob_client(each).exists() for each in ("a/empty", "nope")]


def test_a_container_is_made_once_and_must_be_there(connection: str, unique: str) -> None:
    with BlobServiceClient.from_connection_string(connection) as service:
        container, other = service.create_container(unique), service.get_container_client("other")
        assert "ResourceExistsError [409, 'ContainerAlreadyExists', None]" == outcome(container.create_container)
        missing = "ResourceNotFoundError [404, 'ContainerNotFound', None]"
        assert missing == outcome(lambda: list(other.list_blob_names())) == outcome(lambda: other.upload_blob("x", b""))


def test_each_account_has_its_own_and_queues_are_not_there() -> None:
    with served() as storage:
        with TableServiceClient.from_connection_string(storage.connection_of("first")) as service:
            service.create_table("rows")
        with TableServiceClient.from_connection_string(storage.connection_of("second")) as service:
            assert [] == list(service.list_tables())
        with QueueClient.from_connection_string(storage.connection_of("first"), "q") as queue:
            assert "ResourceNotFoundError [404, 'QueueNotFound', None]" == outcome(queue.get_queue_properties)
            assert outcome(queue.create_queue).startswith("HttpResponseError [501")
