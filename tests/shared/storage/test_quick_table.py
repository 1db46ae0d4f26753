"""Rows by requests of our own: the service cannot tell them from the SDK's, and refusals are the SDK's."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseTimeoutError,
)
from azure.data.tables import EdmType, EntityProperty, TableClient, UpdateMode

from shared.storage.patience import Patience
from shared.storage.quick_table import READING, QuickTable
from shared.storage.table_wire import TableRequest, Wire, bearer, shared_key
from shared.storage.tables import table, table_to_read

ENTITY: dict[str, Any] = {
    "PartitionKey": "p~2fq it's",
    "RowKey": "r+,=:@.-~",
    "text": "naïve 🚢\n'",
    "empty": "",
    "large": EntityProperty(2**40, EdmType.INT64),
    "small": -5,
    "share": 0.1,
    "whole": 1.0,
    "yes": True,
    "moment": datetime(2026, 11, 21, 5, 0, 0, 123456, UTC),
}
PLACE = (ENTITY["PartitionKey"], ENTITY["RowKey"])
HASTY = Patience(tries=2, connecting=1, reading=1)


@pytest.fixture
def things(store: None) -> QuickTable:
    return table("things")


@pytest.fixture
def sdk(things: QuickTable) -> TableClient:
    """The SDK's client of the same table."""
    return table_to_read("things")


def test_what_it_writes_the_sdk_reads_as_if_it_had_written_it(things: QuickTable, sdk: TableClient) -> None:
    things.upsert_entity(ENTITY)
    by_us = dict(sdk.get_entity(*PLACE))
    sdk.upsert_entity(ENTITY, UpdateMode.REPLACE)

    assert by_us == dict(sdk.get_entity(*PLACE)) == ENTITY


def test_what_the_sdk_writes_it_reads_with_the_same_etag_and_moment(things: QuickTable, sdk: TableClient) -> None:
    sdk.create_entity(ENTITY)
    by_sdk, by_us = sdk.get_entity(*PLACE), things.get_entity(*PLACE)
    (listed,) = things.query_entities("PartitionKey eq @p", {"p": PLACE[0]})

    assert ENTITY == dict(by_us) == dict(listed)
    assert by_us.metadata == listed.metadata == {name: by_sdk.metadata[name] for name in ("etag", "timestamp")}  # type: ignore[literal-required]


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("text eq @v", ENTITY["text"]),
        ("small lt @v", -4),
        ("yes eq @v", True),
        ("moment ge @v", ENTITY["moment"]),
        ("Timestamp gt @v", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_filters_hold_values_of_each_kind(things: QuickTable, where: str, value: object) -> None:
    things.create_entity(ENTITY)

    assert [ENTITY["RowKey"]] == [each["RowKey"] for each in things.query_entities(where, {"v": value})]
    assert not list(things.query_entities(f"not ({where})", {"v": value}))


def test_a_listing_goes_on_over_pages_and_gives_what_was_selected(things: QuickTable) -> None:
    for number in range(5):
        things.create_entity({"PartitionKey": "p", "RowKey": f"{number}", "a": number, "b": "left out"})

    found = list(things.query_entities("PartitionKey eq @p", {"p": "p"}, select=["a"], results_per_page=2))
    assert [{"a": number} for number in range(5)] == [dict(each) for each in found]


def test_writes_are_refused_as_the_sdk_refuses_them(things: QuickTable) -> None:
    with pytest.raises(ResourceNotFoundError):
        things.get_entity(*PLACE)
    with pytest.raises(ResourceNotFoundError):
        things.update_entity(ENTITY, 'W/"never"')
    etag = things.create_entity(ENTITY)["etag"]
    with pytest.raises(ResourceExistsError):
        things.create_entity(ENTITY)
    later = things.update_entity(ENTITY | {"small": 6}, etag)["etag"]
    with pytest.raises(ResourceModifiedError):
        things.update_entity(ENTITY, etag)
    assert (6, later) == (things.get_entity(*PLACE)["small"], things.get_entity(*PLACE).metadata["etag"])
    things.delete_entity(*PLACE)
    things.delete_entity(*PLACE)


def row(key: str, **columns: Any) -> dict[str, Any]:
    return {**ENTITY, "RowKey": key, **columns}


def test_a_transaction_does_all_and_gives_the_etags_that_the_sdk_reads(things: QuickTable, sdk: TableClient) -> None:
    before = [things.create_entity(row(each))["etag"] for each in ("changed", "gone")]
    made = things.submit_transaction(
        [
            ("create", row("r'1")),
            ("update", row("changed", small=7), {"etag": before[0]}),
            ("delete", row("gone"), {"etag": before[1]}),
            ("upsert", row("new", text="x\r\n--y"), {}),
        ]
    )

    found = {each["RowKey"]: each for each in sdk.list_entities()}
    assert {"r'1", "changed", "new"} == found.keys()
    assert row("r'1") == dict(found["r'1"])
    assert (7, "x\r\n--y") == (found["changed"]["small"], found["new"]["text"])
    etags = [found[each].metadata["etag"] for each in ("r'1", "changed", "new")]
    assert [{"etag": each} for each in etags] == [made[0], made[1], made[3]]
    assert {} == made[2]


@pytest.mark.parametrize(
    ("second", "refusal"),
    [
        (("create", row("there")), ResourceExistsError),
        (("update", row("there"), {"etag": 'W/"never"'}), ResourceModifiedError),
        (("update", row("nowhere"), {"etag": 'W/"never"'}), ResourceNotFoundError),
    ],
)
def test_of_a_transaction_that_is_refused_nothing_is_done(things: QuickTable, second: Any, refusal: type) -> None:
    things.create_entity(row("there"))
    with pytest.raises(refusal):
        things.submit_transaction([("create", row("first")), second])

    assert ["there"] == [each["RowKey"] for each in things.query_entities("PartitionKey eq @p", {"p": PLACE[0]})]


def test_a_key_that_is_not_the_accounts_is_refused(things: QuickTable) -> None:
    wire = Wire(f"{things._wire.origin}{things._wire.root}", shared_key("devstoreaccount1", "d3Jvbmc="), HASTY)  # noqa: SLF001

    with pytest.raises(ClientAuthenticationError) as refused:
        QuickTable(wire, things.name).get_entity(*PLACE)
    assert 403 == refused.value.status_code


class Service(BaseHTTPRequestHandler):
    """Answers as it was told to, one after the other; the last answer is for all that follow."""

    protocol_version = "HTTP/1.1"
    answers: ClassVar[list[tuple[int, dict[str, str]] | float]] = []
    heard: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self) -> None:
        self.heard.append((self.path, self.headers["Authorization"]))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not isinstance(answer, tuple):
            time.sleep(answer)
            self.close_connection = True
            return
        self.send_response(answer[0])
        body = json.dumps({"PartitionKey": "p", "RowKey": "r"}).encode()
        for name, value in {"Content-Length": str(len(body)), **answer[1]}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Service.heard.clear()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def status_of(service: str, *answers: tuple[int, dict[str, str]] | float, tries: int = 2) -> int:
    """Ask a service that answers so; gives the status of what came of it."""
    Service.answers[:] = answers
    wire = Wire(service, shared_key("a", "c2VjcmV0"), Patience(tries=tries, connecting=1, reading=1))
    return wire.ask(TableRequest("GET", "/things", READING)).status_code


def test_a_busy_service_is_asked_again_shortly(service: str) -> None:
    assert 200 == status_of(service, (503, {}), (200, {}))
    assert 2 == len(Service.heard)


def test_it_is_left_alone_for_as_long_as_it_asks_for(service: str) -> None:
    with pytest.raises(HttpResponseError) as busy:
        status_of(service, (503, {"Retry-After": "60"}))

    assert (503, "60") == (busy.value.status_code, busy.value.response and busy.value.response.headers["Retry-After"])
    assert 1 == len(Service.heard)


def test_a_refusal_is_not_asked_for_twice(service: str) -> None:
    with pytest.raises(ClientAuthenticationError):
        status_of(service, (403, {}))
    assert 1 == len(Service.heard)


def test_a_connection_that_was_lost_is_made_once_more_even_by_who_tries_but_once(service: str) -> None:
    assert 200 == status_of(service, 0.0, (200, {}), tries=0)


def test_silence_is_told_at_once_to_who_tries_but_once(service: str) -> None:
    with pytest.raises(ServiceResponseTimeoutError):
        status_of(service, 1.5, (200, {}), tries=0)
    assert 1 == len(Service.heard)


def test_nobody_there_is_told() -> None:
    with pytest.raises(ServiceRequestError):
        status_of("http://127.0.0.1:1", 0.0, tries=0)


class Identity:
    """Gives tokens that end in so many seconds."""

    def __init__(self, lasting: int) -> None:
        self.lasting, self.scopes = lasting, list[tuple[str, ...]]()

    def get_token(self, *scopes: str, **_more: Any) -> AccessToken:
        self.scopes.append(scopes)
        return AccessToken(f"token{len(self.scopes)}", int(time.time()) + self.lasting)


@pytest.mark.parametrize(("lasting", "tokens"), [(3_600, ["token1"] * 2), (60, ["token1", "token2"])])
def test_an_identitys_token_is_kept_until_shortly_before_its_end(service: str, lasting: int, tokens: list[str]) -> None:
    identity = Identity(lasting)
    Service.answers[:] = [(200, {})]
    wire = Wire(service, bearer(identity), HASTY)
    rows = QuickTable(wire, "things")
    for _ in tokens:
        rows.get_entity("a/b", "c")

    assert [("/things(PartitionKey='a%2Fb',RowKey='c')", f"Bearer {each}") for each in tokens] == Service.heard
    assert {("https://storage.azure.com/.default",)} == set(identity.scopes)
