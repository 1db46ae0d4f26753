"""Entities in the engine: batches, locks, and what is refused, in the wire's own words."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from local.host.durable.app import Activity, DurableApp, DurableSettings
from local.host.durable.engine import Engine
from tests.local.host.durable.lone_clock import LoneClock

COUNTER = "@counter@a"
LOCK = {"actionType": 13, "lockSet": [{"name": "Counter", "key": "b"}, {"name": "counter", "key": "a"}]}
RELEASE = {"actionType": 14}
HOLD = {"actionType": 6, "externalEventName": "go"}


def call(key: str = "a", operation: str = "get") -> dict[str, Any]:
    return {"actionType": 7, "instanceId": f"@counter@{key}", "operation": operation, "input": "1"}


class Counter:
    """An entity that counts its operations and keeps what it was handed."""

    def __init__(self) -> None:
        self.payloads: list[dict[str, Any]] = []
        self.free = threading.Event()
        self.free.set()

    def __call__(self, text: str | None) -> str:
        payload = json.loads(text or "{}")
        self.payloads.append(payload)
        self.free.wait(20)
        count = int(payload["state"] or 0)
        results = [{"isError": False, "duration": 1, "result": str(count + n)} for n in range(len(payload["batch"]))]
        state = str(count + len(results))
        return json.dumps({"entityExists": True, "entityState": state, "results": results, "signals": []})


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def lab_of(make_lab, tmp_path, loop, counter) -> Iterator[Callable[..., Any]]:
    lab, engines = make_lab(), []
    own = lab.engine

    def make(**scripts: Callable[[dict[str, Any]], list[dict[str, Any]]]) -> Any:
        def orchestrator(script: Callable[[dict[str, Any]], list[dict[str, Any]]]) -> Callable[[str], str]:
            def run(text: str) -> str:
                answer = {"isDone": True, "schemaVersion": 3, "actions": [script(json.loads(text))], "output": "end"}
                return json.dumps(answer)

            return run

        while engines:
            engines.pop().stop()
        orchestrators = {name: orchestrator(script) for name, script in scripts.items()}
        app = DurableApp(orchestrators, {}, {"Counter": Activity("Counter", counter)})
        clock = LoneClock(datetime(2026, 1, 1, tzinfo=UTC))
        engines.append(Engine(tmp_path / "own", app, DurableSettings(), clock, loop))
        engines[-1].start()
        lab.engine, lab.clock = engines[-1], clock
        return lab

    yield make
    while engines:
        engines.pop().stop()
    lab.engine = own


def signal(lab: Any, key: str = "a") -> None:
    lab.do(lab.engine.signal_entity(f"@counter@{key}", "add", "1"))


def test_operations_that_wait_come_in_one_batch(lab_of, counter):
    lab = lab_of()
    counter.free.clear()
    for _ in range(4):
        signal(lab)
    lab.until(lambda: counter.payloads)
    counter.free.set()
    lab.until(lambda: lab.do(lab.engine.entity(COUNTER)) == "4")
    first, second = counter.payloads

    assert first["self"] == {"name": "counter", "key": "a"}
    assert (first["exists"], first["state"], second["exists"], second["state"]) == (False, None, True, "1")
    assert [len(payload["batch"]) for payload in counter.payloads] == [1, 3]
    assert list(first["batch"][0]) == ["name", "input", "isSignal", "id"]
    assert (first["batch"][0]["name"], first["batch"][0]["input"], first["batch"][0]["isSignal"]) == ("add", "1", True)


def test_operations_outlive_the_host(lab_of, counter):
    lab = lab_of()
    counter.free.clear()
    signal(lab)
    signal(lab)
    lab.until(lambda: counter.payloads)
    lab = lab_of()
    counter.free.set()

    assert lab.until(lambda: lab.do(lab.engine.entity(COUNTER)) == "2")


def test_a_locked_entity_serves_only_the_instance_that_locked_it(lab_of):
    lab = lab_of(holder=lambda _: [LOCK, HOLD, call("a"), RELEASE], other=lambda _: [call("b")])
    holder = lab.create("holder", instance_id="h")
    lab.until(lambda: "ER" in lab.rows(holder))  # it has the locks
    other = lab.create("other")
    lab.until(lambda: lab.is_idle)
    waits = lab.status(other)["runtimeStatus"]
    sent = [json.loads(each["Input"]) for each in lab.events(holder) if each["EventType"] == "EventSent"]
    inputs = [json.loads(each["Input"]) for each in lab.events(holder) if each["EventType"] == "EventRaised"]
    lab.send(holder, "go")

    assert waits == "Running"
    assert (sent[0]["op"], sent[0]["lockset"]) == (None, ["@counter@a", "@counter@b"])
    assert inputs[0]["result"] == "Lock Acquisition Completed"
    assert lab.end(holder)["output"] == "end"
    assert lab.end(other)["output"] == "end"


def test_the_locks_of_an_instance_that_ended_are_released(lab_of):
    lab = lab_of(holder=lambda _: [LOCK], other=lambda _: [call("a")])
    lab.end(lab.create("holder"))

    assert lab.end(lab.create("other"))["output"] == "end"


def test_an_entity_that_breaks_fails_its_calls_and_keeps_its_state(lab_of, counter):
    lab = lab_of(caller=lambda _: [call("a", "break")])
    signal(lab)
    lab.until(lambda: lab.do(lab.engine.entity(COUNTER)) == "1")
    counter.payloads = None  # so that it raises
    made = lab.create("caller")
    lab.end(made)
    answer = next(json.loads(each["Input"]) for each in lab.events(made) if each["EventType"] == "EventRaised")

    assert answer["exceptionType"] == "Error"
    assert lab.do(lab.engine.entity(COUNTER)) == "1"


def test_an_unknown_entity_fails_the_instance(lab_of):
    lab = lab_of(caller=lambda _: [{**call(), "instanceId": "@nobody@a"}])

    assert "The function 'nobody' doesn't exist" in lab.run("caller")["output"]


def test_a_child_id_of_an_entitys_form_fails_the_parent(lab_of):
    child = {"actionType": 2, "functionName": "parent", "instanceId": "@x", "input": "1"}
    lab = lab_of(parent=lambda _: [child])

    assert "The instance id '@x' is an entity's" in lab.run("parent")["output"]


def later_signal(payload: dict[str, Any]) -> list[dict[str, Any]]:
    fire_at = "2026-01-01T02:00:00.5Z"
    return [{"actionType": 10, "instanceId": COUNTER, "operation": "add", "fireAt": fire_at, "input": "1"}]


def test_a_signal_for_a_later_moment_comes_to_the_entity_then(lab_of, counter):
    lab = lab_of(caller=later_signal)
    lab.clock.hold()
    made = lab.create("caller")
    lab.end(made)
    sent = next(each for each in lab.events(made) if each["EventType"] == "EventSent")
    lab.until(lambda: lab.is_idle)
    before = list(counter.payloads)
    lab.clock.release()

    assert lab.until(lambda: lab.do(lab.engine.entity(COUNTER)) == "1")
    assert before == []
    assert lab.clock.now() >= datetime(2026, 1, 1, 2, tzinfo=UTC)
    assert sent["Name"] == "op@2026-01-01T02:00:00.5000000Z"
    assert json.loads(sent["Input"])["due"] == "2026-01-01T02:00:00.5Z"


def test_a_signal_for_a_later_moment_outlives_the_host(lab_of, counter):
    lab = lab_of(caller=later_signal)
    lab.clock.hold()
    lab.end(lab.create("caller"))
    lab.until(lambda: lab.is_idle)
    lab = lab_of(caller=later_signal)

    assert lab.until(lambda: lab.do(lab.engine.entity(COUNTER)) == "1")
    assert len(counter.payloads) == 1


def test_a_signal_for_a_moment_that_is_past_comes_at_once(lab_of):
    lab = lab_of(caller=lambda _: [{"actionType": 10, "instanceId": COUNTER, "operation": "add", "input": "1"}])
    lab.clock.hold()
    lab.end(lab.create("caller"))

    assert lab.until(lambda: lab.do(lab.engine.entity(COUNTER)) == "1")
