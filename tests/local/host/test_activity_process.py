"""Activities in a process of their own, and storage within it."""

import os
import signal
import sys

import pytest

from local.azurite import Azurite
from local.stack.part import free_port

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it is forked where a fork is safe")

APP = """
import os

import azure.durable_functions as df
import azure.functions as func
from azure.data.tables import TableClient

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def rows():
    return TableClient.from_connection_string(os.environ["AzureWebJobsStorage"], "rows")


@app.orchestration_trigger(context_name="context")
def flow(context: df.DurableOrchestrationContext):
    number = yield context.call_activity("write", "hello")
    return [os.getpid(), number]


@app.activity_trigger(input_name="text")
def write(text: str):
    rows().create_table()
    rows().create_entity({"PartitionKey": "p", "RowKey": "r", "text": text})
    return os.getpid()


@app.orchestration_trigger(context_name="context")
def failing(context: df.DurableOrchestrationContext):
    yield context.call_activity("fail", "x")


@app.activity_trigger(input_name="text")
def fail(text: str):
    raise ValueError(f"boom {text}")


@app.route(route="row")
def row(req: func.HttpRequest) -> str:
    return rows().get_entity("p", "r")["text"]
"""


@pytest.fixture
def host(launch, app_of):
    storage = Azurite(0, free_port(), free_port(), free_port()).connection_string
    return launch(app_of(APP), "--activities-apart", "--storage-inside", settings={"AzureWebJobsStorage": storage})


def test_activities_run_in_another_process_and_what_they_write_is_read_in_this_one(host):
    ended = host.ended(host.start("flow"))
    assert ended["runtimeStatus"] == "Completed", ended["output"]
    replayed, ran = ended["output"]

    assert replayed == host.process.pid
    assert ran != replayed
    assert host.client.get("/api/row").text == "hello"


def test_a_failure_there_is_told_as_one_here_would_be(host):
    ended = host.ended(host.start("failing"))

    assert ended["runtimeStatus"] == "Failed"
    assert "Activity function 'fail' failed: ValueError: boom x" in ended["output"]


def test_a_host_whose_activities_are_killed_ends_too(host):
    _, ran = host.ended(host.start("flow"))["output"]

    os.kill(ran, signal.SIGKILL)

    assert host.process.wait(timeout=30) == 1
