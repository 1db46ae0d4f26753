import base64
import json

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueClient

CODE = """
import json
import os
from pathlib import Path
import azure.functions as func

app = func.FunctionApp()
SCRATCH = Path(os.environ["SAMPLE_SCRATCH"])


@app.queue_trigger(arg_name="text", queue_name="%SAMPLE_PREFIX%-in", connection="Other")
@app.queue_output(arg_name="many", queue_name="%SAMPLE_PREFIX%-many", connection="Other")
def as_text(text: str, many: func.Out[str]) -> None:
    many.set([text, text.upper()])


@app.queue_trigger(
    arg_name="raw", queue_name="%SAMPLE_PREFIX%-raw", connection="Other", data_type=func.DataType.BINARY
)
def as_bytes(raw: bytes) -> None:
    (SCRATCH / "raw").write_bytes(raw)
"""


@pytest.fixture
def queue(storage, unique):
    """Give the client of one of this test's queues, made or not."""
    opened = []

    def of(name, *, made=True):
        client = QueueClient.from_connection_string(storage, f"{unique}-{name}")
        opened.append(client)
        if made:
            client.create_queue()
        return client

    yield of
    for client in opened:
        client.close()


def one_message(patiently, client):
    def look():
        try:
            return list(client.receive_messages())
        except ResourceNotFoundError:
            return None

    (message,) = patiently(look)
    return message.content


def gone(client):
    return client.get_queue_properties().approximate_message_count == 0


def test_a_message_runs_the_function_and_its_answer_goes_to_the_output_queue(start_sample, queue, patiently):
    incoming, outgoing = queue("in"), queue("out", made=False)
    start_sample()

    incoming.send_message('{"plan": 1}')

    answer = json.loads(one_message(patiently, outgoing))
    assert (answer["text"], answer["count"]) == ('{"plan": 1}', 1)
    patiently(lambda: gone(incoming))


def test_an_http_function_writes_to_a_queue_that_the_host_makes(start_sample, queue, patiently):
    outgoing = queue("out", made=False)
    host = start_sample()

    assert host.client.post("/api/send/in", content="by http").text == "sent"

    assert json.loads(one_message(patiently, outgoing))["text"] == "by http"


def test_the_host_waits_for_a_queue_that_is_made_later(start_sample, queue, patiently):
    incoming, outgoing = queue("in", made=False), queue("out")
    host = start_sample()
    host.client.get("/api/hello")
    with pytest.raises(ResourceNotFoundError):
        incoming.get_queue_properties()

    incoming.create_queue()
    incoming.send_message("late")

    assert json.loads(one_message(patiently, outgoing))["text"] == "late"


def test_a_message_that_always_fails_ends_in_the_poison_queue(start_sample, queue, patiently):
    incoming, poison = queue("in"), queue("in-poison", made=False)
    host = start_sample()

    incoming.send_message("fail")

    assert one_message(patiently, poison) == "fail"
    patiently(lambda: gone(incoming))
    assert host.printed().count("RuntimeError: cannot do fail") == 3
    assert "MaxDequeueCount of 3" in host.printed()


def test_many_messages_are_all_handled_a_few_at_a_time(start_sample, queue, patiently):
    incoming, outgoing = queue("in"), queue("out")
    start_sample()
    for number in range(30):
        incoming.send_message(f"n{number}")

    found = []
    patiently(lambda: found.extend(m.content for m in outgoing.receive_messages(max_messages=32)) or len(found) == 30)

    assert sorted(json.loads(text)["text"] for text in found) == sorted(f"n{number}" for number in range(30))


def test_a_long_function_keeps_its_message(start_sample, queue, patiently):
    incoming, outgoing = queue("in"), queue("out")
    start_sample("--queue-lease", "1", SAMPLE_SLOW="2.5")

    incoming.send_message("slow")

    assert json.loads(one_message(patiently, outgoing))["count"] == 1
    patiently(lambda: gone(incoming))
    assert list(outgoing.receive_messages()) == []


def test_a_message_of_a_killed_host_comes_again(start_sample, queue, patiently):
    incoming, outgoing = queue("in"), queue("out")
    first = start_sample("--queue-lease", "2", SAMPLE_SLOW="60")
    incoming.send_message("slow")
    patiently(lambda: "Executing 'Functions.on_message'" in first.printed())
    first.kill()

    start_sample("--queue-lease", "2", SAMPLE_SLOW="0")

    assert json.loads(one_message(patiently, outgoing))["count"] == 2


def test_a_stopping_host_lets_a_message_end(start_sample, queue, patiently):
    incoming, outgoing = queue("in"), queue("out")
    host = start_sample(SAMPLE_SLOW="1")
    incoming.send_message("slow")
    patiently(lambda: "Executing 'Functions.on_message'" in host.printed())

    assert host.stop() == 0

    assert json.loads(one_message(patiently, outgoing))["count"] == 1
    assert gone(incoming)


def test_base64_is_the_default_and_anything_else_is_poison(launch, app_of, storage, unique, queue, patiently):
    incoming, many, poison = queue("in"), queue("many"), queue("in-poison", made=False)
    settings = {"Other": storage, "SAMPLE_PREFIX": unique, "SAMPLE_SCRATCH": str(launch.scratch)}
    launch(app_of(CODE), settings=settings)

    incoming.send_message(base64.b64encode(b"hi").decode())
    incoming.send_message("not base64!")

    found = []
    patiently(lambda: found.extend(m.content for m in many.receive_messages(max_messages=32)) or len(found) == 2)
    assert sorted(base64.b64decode(text) for text in found) == [b"HI", b"hi"]
    assert one_message(patiently, poison) == "not base64!"


def test_binary_functions_get_any_bytes(launch, app_of, storage, unique, queue, patiently):
    raw = queue("raw")
    settings = {"Other": storage, "SAMPLE_PREFIX": unique, "SAMPLE_SCRATCH": str(launch.scratch)}
    launch(app_of(CODE), settings=settings)

    raw.send_message(base64.b64encode(b"\x00\xff").decode())

    patiently((launch.scratch / "raw").exists)
    patiently(lambda: (launch.scratch / "raw").read_bytes() == b"\x00\xff")
