"""Messages of the queue: plans in three forms, blobs by name, and nothing that is ever lost."""

import base64
import json
from datetime import UTC, datetime

import azure.functions as func
import pytest
import yaml

from shared.ledger import plans
from shared.problems import Busy
from shared.storage.tables import container

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


class Message(func.QueueMessage):
    def __init__(self, body, tried=1):
        super().__init__(id="m-1", body=body)
        self._tried = tried

    @property
    def dequeue_count(self):
        return self._tried

    @property
    def insertion_time(self):
        return AT


class Out:
    message = None

    def set(self, message):
        self.message = message


@pytest.fixture
def send(call):
    def deliver(body, tried=1):
        out = Out()
        call("take_message", Message(body, tried), refused=out)
        return out.message

    return deliver


def test_a_plan_may_come_as_json_as_base64_and_as_yaml_and_is_one_migration(ask, send, client, plan):
    text = json.dumps(plan).encode()
    for body in (text, base64.b64encode(text), yaml.safe_dump(plan).encode(), text):
        assert send(body) is None

    assert ["finance.1"] == [each["id"] for each in ask("GET", "/api/migrations").body["value"]]
    assert ["finance.1.migrate.1"] == list(client.started)


def test_several_plans_run_side_by_side(ask, send, client, plan):
    for name in ("one", "two"):
        send(json.dumps(plan | {"name": name}).encode())

    assert ["one.1.migrate.1", "two.1.migrate.1"] == sorted(client.started)


def test_a_message_may_name_the_blob_of_its_plan(ask, send, plan):
    container().upload_blob("inbox/finance.yaml", yaml.safe_dump(plan).encode())

    assert send(b'{"planBlob": "inbox/finance.yaml"}') is None
    assert "finance" == plans.plan_of("finance.1").name


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"not a plan", 422),
        (b"{", 400),
        (b"a: &a [*a]", 400),
        (b'{"name": 1}', 422),
        (b'{"planBlob": "inbox/nowhere.yaml"}', 404),
        (b'{"planBlob": ["x"]}', 400),
        (b'{"planBlob": "../other-container/blob"}', 400),
        (b'{"planBlob": "inbox/../../other-container/blob"}', 400),
        (b'{"planBlob": "inbox//finance.yaml"}', 400),
        (b'{"planBlob": "inbox/./finance.yaml"}', 400),
        (b'{"planBlob": "inbox/%2e%2e/finance.yaml"}', 400),
        (b'{"planBlob": "plans/finance.1.json"}', 400),
        (b'{"planBlob": ""}', 400),
        (b"\xff\xfe\x00", 400),
        (b"", 422),
    ],
)
def test_a_bad_message_goes_to_the_poison_queue_and_into_the_ledger_with_its_reasons(ask, send, client, body, status):
    document = json.loads(send(body))
    event = ask("GET", "/api/migrations/intake/events").body["value"][0]

    assert (status, body.decode("utf-8", "backslashreplace")) == (document["reasons"]["status"], document["message"])
    assert ("message-refused", document) == (event["what"], event["data"])
    assert {} == client.started


def test_a_bad_message_that_comes_again_is_one_event(ask, send):
    send(b"{")
    send(b"{")

    assert 1 == len(ask("GET", "/api/migrations/intake/events").body["value"])


def test_a_message_too_large_for_its_reasons_is_kept_as_it_came(ask, send):
    body = b"\xc3\xa4" * 32_750

    assert body.decode() == send(body)
    assert body.decode() == ask("GET", "/api/migrations/intake/events").body["value"][0]["data"]["message"]


def test_busy_storage_is_tried_again_and_given_up_at_the_last_try_only(send, local, plan):
    def busy(*_):
        raise Busy("storage is busy")

    local.setattr("shared.intake.start.take_in", busy)
    with pytest.raises(Busy):
        send(json.dumps(plan).encode())

    assert 503 == json.loads(send(json.dumps(plan).encode(), tried=5))["reasons"]["status"]
