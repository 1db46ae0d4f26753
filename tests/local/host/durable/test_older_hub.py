"""What an older host left on disk goes on: `older_hub.sql` was recorded before histories had Azure's members."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import azure.durable_functions as df
import pytest

RECORDED = (Path(__file__).parent / "older_hub.sql").read_text()


def flow(context):
    first = yield context.call_activity("echo", "before")
    message = yield context.wait_for_external_event("go")
    return [first, message, (yield context.call_activity("echo", "after"))]


def parent(context):
    child = context.call_sub_orchestrator("flow", None, "child")
    deadline = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    winner = yield context.task_any([child, deadline])
    return "late" if winner == deadline else winner.result


def retried(context):
    options = df.RetryOptions(3_600_000, 2)
    yield context.call_activity_with_retry("breaks", options, "x")


def echo(value):
    return value


def breaks(value):
    raise ValueError("no")


@pytest.fixture
def lab(make_lab, tmp_path):
    (tmp_path / "data").mkdir()
    with sqlite3.connect(tmp_path / "data" / "durable.sqlite") as database:
        database.executescript(RECORDED)
    database.close()
    return make_lab(flow, parent, retried, echo, breaks)


def test_an_instance_of_an_older_host_that_waits_for_an_event_goes_on(lab):
    lab.send("waits", "go", "now")

    assert lab.end("waits")["output"] == ["before", "now", "after"]


def test_a_suspended_instance_of_an_older_host_reads_what_came_meanwhile(lab):
    lab.until_waiting("suspended")
    lab.do(lab.engine.resume("suspended", None))

    assert lab.end("suspended")["output"] == ["before", "while suspended", "after"]


def test_timers_and_retries_of_an_older_host_fire(lab):
    assert "Activity function 'breaks' failed: ValueError: no" in lab.end("retried")["output"]
    lab.until(lambda: "TmF@1" in lab.rows("parent"))
    lab.send("child", "go", "late")  # a parent ends when its children have
    assert lab.end("parent")["output"] == "late"


def test_the_history_of_an_older_host_can_be_read(lab):
    lab.send("child", "go", 1)
    lab.end("child")

    began = lab.events("child")[0]
    assert (began["EventType"], began["FunctionName"]) == ("ExecutionStarted", "flow")
