"""Each kind of function runs in Microsoft's worker library: the sample app has them all, the real app its own."""

import json

import pytest

from tests.worker.conftest import ROOT, SAMPLE, ask


def http(method, url, **more):
    return {"type": "http", "value": {"method": method, "url": f"http://localhost{url}"} | more}


def first_turn(given):
    """What the Durable extension hands to an orchestrator when it starts."""
    events = {"EventType": 12}, {"EventType": 0, "Name": "x", "Version": "", "Input": json.dumps(given)}
    known = {"EventId": -1, "IsPlayed": False, "Timestamp": "2026-11-21T05:00:00.000000Z"}
    execution = {
        "instanceId": "one",
        "parentInstanceId": None,
        "isReplaying": False,
        "input": json.dumps(given),
        "upperSchemaVersion": 1,
        "upperSchemaVersionNew": 2,
    }
    return {"type": "string", "value": json.dumps(execution | {"history": [known | event for event in events]})}


@pytest.mark.parametrize("app", [ROOT, SAMPLE], ids=["azferry", "sample"])
def test_the_local_host_sees_the_functions_that_the_worker_sees(app):
    by_worker = ask("worker.py", app, "[]")

    assert by_worker.get("functions") == ask("indexed.py", app), by_worker.get("failed")


def test_an_app_that_does_not_load_fails_here_too(tmp_path):
    (tmp_path / "function_app.py").write_text("import nothing_of_that_name\n")

    assert "nothing_of_that_name" in ask("worker.py", tmp_path, "[]")["failed"]


def test_an_http_function_answers(invoke):
    answer = invoke(SAMPLE, "number", {"req": http("GET", "/api/numbers/7", params={"n": "7"})})

    assert {"status": 200, "body": '{"n": 7}'} == answer["returned"]


def test_an_async_http_function_answers(invoke):
    answer = invoke(SAMPLE, "mirror", {"req": http("POST", "/api/mirror", body="hi", headers={"content-type": "a/b"})})

    assert {"status": 201, "body": "hi"} == answer["returned"]


def test_a_queue_function_reads_its_message_and_fills_its_output(invoke):
    metadata = {"Id": {"type": "string", "value": "7"}, "DequeueCount": {"type": "string", "value": "2"}}

    answer = invoke(SAMPLE, "on_message", {"message": {"type": "string", "value": "hello"}}, metadata)

    assert {"text": "hello", "count": 2, "id": "7"} == json.loads(answer["returned"])


def test_a_function_fills_an_output_binding(invoke):
    answer = invoke(SAMPLE, "send", {"req": http("POST", "/api/send/q", body="to the queue")})

    assert {"message": "to the queue"} == answer["outputs"]


def test_a_timer_function_learns_whether_it_is_late(invoke, tmp_path):
    timer = {"type": "json", "value": json.dumps({"IsPastDue": True, "ScheduleStatus": {}, "Schedule": {}})}

    answer = invoke(SAMPLE, "at_start", {"timer": timer}, SAMPLE_SCRATCH=str(tmp_path))

    assert answer["ok"], answer["trace"]
    assert json.loads((tmp_path / "at_start").read_text())["past_due"]


@pytest.mark.parametrize(("activity", "given", "expected"), [("say", "you", '"hello you"'), ("shout", "you", '"YOU"')])
def test_an_activity_runs_sync_and_async(invoke, activity, given, expected):
    name = {"say": "name", "shout": "text"}[activity]

    assert expected == invoke(SAMPLE, activity, {name: {"type": "string", "value": json.dumps(given)}})["returned"]


def test_a_failed_activity_tells_its_error(invoke):
    answer = invoke(SAMPLE, "boom", {"reason": {"type": "string", "value": '"on purpose"'}})

    assert not answer["ok"]
    assert "ValueError('on purpose')" in answer["error"]


def test_an_orchestrator_asks_for_its_first_activity(invoke):
    answer = invoke(SAMPLE, "chain", {"context": first_turn(["a", "b"])})

    assert answer["ok"], answer["trace"]
    state = json.loads(answer["returned"])
    assert not state["isDone"]
    assert "say" == state["actions"][0][0]["functionName"]


def test_an_orchestrator_of_the_product_asks_for_its_first_activity(invoke):
    answer = invoke(ROOT, "stop_source", {"context": first_turn({"migration": "finance.1", "machine": "web1"})})

    assert answer["ok"], answer["trace"]
    state = json.loads(answer["returned"])
    assert "stop_source_machine" in json.dumps(state["actions"]), state


def test_the_health_check_of_the_product_answers(invoke, storage):
    answer = invoke(ROOT, "health", {"req": http("GET", "/api/health")}, AZFERRY_STORAGE=storage)

    assert 200 == answer["returned"]["status"], answer
    assert "reachable" == json.loads(answer["returned"]["body"])["storage"]
