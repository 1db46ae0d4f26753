"""What the management API reads: status, history events, custom status, filters and pages."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from local.host.durable.app import Query

HOUR = timedelta(hours=1)


def echo(value):
    return value


def plain(context):
    return context.get_input()


def waiter(context):
    return (yield context.wait_for_external_event("go"))


def test_a_status_has_the_wire_shape(make_lab):
    status = make_lab(plain).run("plain", {"a": 1}, instance_id="one")

    assert status == {
        "name": "plain",
        "instanceId": "one",
        "runtimeStatus": "Completed",
        "input": '{"a": 1}',  # the SDK's client encodes twice
        "customStatus": None,
        "output": {"a": 1},
        "createdTime": "2026-01-01T00:00:00Z",
        "lastUpdatedTime": "2026-01-01T00:00:00Z",
    }


def test_a_status_without_input_hides_it(make_lab):
    lab = make_lab(plain)
    lab.run("plain", 1, instance_id="one")

    assert lab.status("one", show_input=False)["input"] is None


def test_a_null_output_is_null(make_lab):
    assert make_lab(plain).run("plain", None)["output"] is None


def test_history_events_fold_what_completed_and_hide_results_unless_asked(make_lab):
    def flow(context):
        yield context.call_activity("echo", "x")
        yield context.create_timer(context.current_utc_datetime + HOUR)

    lab = make_lab(flow, echo)
    made = lab.create("flow")
    lab.end(made)
    shown = lab.status(made, show_history=True)["historyEvents"]

    assert [event["EventType"] for event in shown] == [
        "ExecutionStarted",
        "TaskCompleted",
        "TimerCreated",
        "TimerFired",
        "ExecutionCompleted",
    ]
    assert shown[1] == {
        "EventType": "TaskCompleted",
        "Timestamp": "2026-01-01T00:00:00Z",
        "ScheduledTime": "2026-01-01T00:00:00+00:00",
        "FunctionName": "echo",
        "Input": None,
    }
    assert shown[0]["Input"] == json.dumps(json.dumps(None))  # the text as it was stored
    # a timer's firing bears the time at which it was created
    assert (shown[3]["FireAt"], shown[3]["Timestamp"]) == ("2026-01-01T01:00:00Z", "2026-01-01T00:00:00Z")
    assert all("Result" not in event for event in shown)
    assert [event.get("Result") for event in lab.events(made)] == [None, "x", None, None, None]


def test_a_running_task_stands_in_the_history_as_scheduled(make_lab):
    def flow(context):
        yield context.create_timer(context.current_utc_datetime + HOUR)

    lab = make_lab(flow)
    lab.clock.hold()
    made = lab.create("flow")
    lab.until_waiting(made)

    assert [event["EventType"] for event in lab.events(made)] == ["ExecutionStarted", "TimerCreated"]


def test_a_custom_status_can_be_read_while_running(make_lab):
    def flow(context):
        context.set_custom_status({"step": "waiting"})
        yield context.wait_for_external_event("go")

    lab = make_lab(flow)
    made = lab.create("flow")
    lab.until_waiting(made)

    assert lab.status(made)["customStatus"] == {"step": "waiting"}


@pytest.mark.parametrize(("letters", "status"), [(8701, "Completed"), (8702, "Failed")])
def test_a_custom_status_of_17_kb_of_utf_16_fails_the_instance(make_lab, letters, status):
    def flow(context):
        context.set_custom_status("ü" * context.get_input())
        return context.get_input()

    found = make_lab(flow).run("flow", letters)

    assert found["runtimeStatus"] == status
    if status == "Failed":
        assert found["output"] == (
            "Orchestrator function 'flow' failed: The UTF-16 size of the JSON-serialized payload must not exceed 16 KB. "
            "The current payload size is 17 KB."
        )


def test_instances_are_listed_by_id_in_pages(make_lab):
    lab = make_lab(plain)
    made = [lab.create("plain", number) for number in range(7)]
    pages, mark = [], None
    while not pages or mark:
        page = lab.do(lab.engine.query(Query(top=3, continuation=mark)))
        pages.append([item["instanceId"] for item in page.items])
        mark = page.continuation

    assert [each for page in pages for each in page] == sorted(made)
    assert [len(page) for page in pages] == [3, 3, 1]


def test_a_listing_that_ends_with_a_full_page_has_no_next_one(make_lab):
    lab = make_lab(plain)
    for _ in range(3):
        lab.run("plain")

    assert lab.do(lab.engine.query(Query(top=3))).continuation is None


def test_instances_are_filtered_by_status_prefix_and_time(make_lab):
    def sleeper(context):
        yield context.create_timer(context.current_utc_datetime + HOUR)

    lab = make_lab(plain, waiter, sleeper)
    lab.run("plain", instance_id="a-1")
    lab.run("sleeper", instance_id="a_2")
    lab.create("waiter", instance_id="b%1")
    lab.until_waiting("b%1")

    def ids(query: Query) -> list[str]:
        return [item["instanceId"] for item in lab.do(lab.engine.query(query)).items]

    assert ids(Query(statuses=frozenset({"Running"}))) == ["b%1"]
    assert ids(Query(prefix="a")) == ["a-1", "a_2"]
    assert ids(Query(prefix="a_")) == ["a_2"]
    assert ids(Query(created_from=datetime(2026, 1, 1, 0, 30, tzinfo=UTC))) == ["b%1"]
    assert ids(Query(created_to=datetime(2026, 1, 1, 0, 30, tzinfo=UTC))) == ["a-1", "a_2"]


def test_many_calls_at_once_are_all_durable(make_lab):
    lab = make_lab(plain)

    async def create_all() -> list[str]:
        return await asyncio.gather(*(lab.engine.create("plain", str(n), f"i{n}") for n in range(300)))

    made = lab.do(create_all())

    assert len(set(made)) == 300
    assert all(lab.end(each)["runtimeStatus"] in {"Completed", "Failed"} for each in made)
