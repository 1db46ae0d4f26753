from datetime import timedelta

import azure.functions as func
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.host.outputs import bodies
from local.host.problems import HostError
from local.host.queues.backoff import Backoff
from local.host.queues.connection import connection_string
from local.host.queues.encoding import UndecodableError, decode, encode


@given(st.binary())
def test_base64_carries_any_bytes(body: bytes) -> None:
    assert decode(encode(body, base64_encoded=True), base64_encoded=True) == body


@given(st.text(st.characters(codec="utf-8")))
def test_plain_text_goes_as_it_is(text: str) -> None:
    assert decode(encode(text, base64_encoded=False), base64_encoded=False).decode() == text


def test_what_is_not_base64_cannot_be_decoded() -> None:
    with pytest.raises(UndecodableError):
        decode("{}", base64_encoded=True)


def test_bytes_that_are_no_text_cannot_go_unencoded() -> None:
    with pytest.raises(UndecodableError):
        encode(b"\xff", base64_encoded=False)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", ["a"]),
        (b"a", [b"a"]),
        (["a", "b"], ["a", "b"]),
        (func.QueueMessage(body="a"), ["a"]),
        ([func.QueueMessage(body="a"), "b"], ["a", "b"]),
    ],
)
def test_an_output_stands_for_messages(value: object, expected: list[object]) -> None:
    assert bodies(value) == expected


def test_a_number_is_no_message() -> None:
    with pytest.raises(TypeError, match="int"):
        bodies(7)


def test_the_pause_grows_to_the_longest_and_starts_over() -> None:
    backoff = Backoff(timedelta(seconds=2))
    pauses = [backoff.wait() for _ in range(10)]
    backoff.reset()

    assert pauses[0] < timedelta(seconds=0.2)
    assert pauses[-1] > timedelta(seconds=1)
    assert max(pauses) <= timedelta(seconds=2)
    assert backoff.wait() < timedelta(seconds=0.2)


def test_a_connection_is_an_app_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MyStore", "AccountName=a")
    monkeypatch.setenv("AzureWebJobsOther", "AccountName=b")

    assert connection_string("MyStore", "f") == "AccountName=a"
    assert connection_string("Other", "f") == "AccountName=b"


def test_development_storage_is_azurite_on_its_own_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AzureWebJobsStorage", "UseDevelopmentStorage=true")

    assert "QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1" in connection_string(None, "f")


def test_a_missing_connection_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MyStore", raising=False)
    monkeypatch.setenv("MyStore__queueServiceUri", "https://x")

    with pytest.raises(HostError, match=r"'MyStore'.*Identity"):
        connection_string("MyStore", "f")
