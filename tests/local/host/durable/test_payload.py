"""What an orchestrator is handed in each turn, and what becomes of what it answers, as seen on Azure's own extension."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.host.durable.app import Activity, DurableApp, DurableSettings
from local.host.durable.engine import Engine
from tests.local.host.durable.lone_clock import LoneClock

SHARED = ["EventType", "EventId", "IsPlayed", "Timestamp"]
ECHO = {"actionType": 0, "functionName": "Echo", "input": "1"}


class Scripted:
    """An orchestrator whose answers are written down; it keeps what it was handed."""

    def __init__(self, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self.answer = answer
        self.payloads: list[dict[str, Any]] = []

    def __call__(self, text: str) -> str:
        payload = json.loads(text)
        self.payloads.append(payload)
        return json.dumps(self.answer(payload))


def done(*actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Everything in the first answer: the walk goes on by itself."""
    return {"isDone": True, "schemaVersion": 3, "actions": [list(actions)], "output": "end", **more}


@pytest.fixture
def play(make_lab, tmp_path, loop):
    """Play one scripted orchestrator to its end."""
    lab = make_lab()

    def echo(text: str | None) -> str:
        if text == '"fail"':
            raise ValueError("boom")
        return text or "null"

    def run(script: Scripted, child: Scripted | None = None, given: str | None = None, **more: Any) -> dict[str, Any]:
        orchestrators = {"Orch": script, "Child": child or script}
        app = DurableApp(orchestrators, {"Echo": Activity("Echo", echo)})
        clock = LoneClock(datetime(2026, 1, 1, microsecond=220000, tzinfo=UTC))
        engine = Engine(tmp_path / "own", app, DurableSettings(), clock, loop)
        engine.start()
        lab.engine, old = engine, lab.engine
        try:
            made = lab.do(engine.create("Orch", given, "one", **more))
            return lab.end(made)
        finally:
            engine.stop()
            lab.engine = old

    return run


def test_the_payloads_members_stand_in_azures_order(play):
    script = Scripted(lambda _: done(ECHO))
    play(script, given='{"a": 1.10}')
    first, second = script.payloads[0], script.payloads[-1]

    assert list(first) == [
        *(
            "history",
            "input",
            "instanceId",
            "isReplaying",
            "parentInstanceId",
            "sourceInstanceId",
            "upperSchemaVersion",
        ),
        *("upperSchemaVersionNew", "longRunningTimerIntervalDuration", "maximumShortTimerDuration"),
        "defaultHttpAsyncRequestSleepTimeMillseconds",
    ]
    assert (first["isReplaying"], first["upperSchemaVersionNew"], first["sourceInstanceId"]) == (False, 3, None)
    assert first["input"] == {"a": 1.1}
    # asked again although its code had ended: it takes turns as long as a task of it is open
    assert [event["EventType"] for event in second["history"]] == [12, 0, 4, 13, 12, 5]
    assert second["isReplaying"] is True


def test_a_generations_first_events_have_every_member(play):
    script = Scripted(lambda _: done())
    play(script, given="1")
    turn, began = script.payloads[0]["history"]

    assert turn == {"EventType": 12, "EventId": -1, "IsPlayed": False, "Timestamp": "2026-01-01T00:00:00.22Z"}
    assert list(began) == [
        *("OrchestrationInstance", "EventType", "ParentInstance", "Name", "Version", "Input", "Tags", "Correlation"),
        *("ParentTraceContext", "ScheduledStartTime", "Generation", "GenerateNewTrace", *SHARED[1:]),
    ]
    assert began["OrchestrationInstance"]["InstanceId"] == "one"
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", began["OrchestrationInstance"]["ExecutionId"])
    assert (began["Generation"], began["Input"], began["Tags"]) == (0, "1", None)


def waits(payload: dict[str, Any]) -> dict[str, Any]:
    """Ask for an activity, a failing one, a timer and a child, one after the other, and end after them."""
    fire_at = "2026-01-01T00:00:10.220000Z"
    actions = [
        ECHO,
        {"actionType": 0, "functionName": "Echo", "input": '"fail"'},
        {"actionType": 5, "fireAt": fire_at, "isCanceled": False},
        {"actionType": 2, "functionName": "Child", "input": "{}", "instanceId": None},
    ]
    ended = any(event["EventType"] == 8 for event in payload["history"])
    return {"isDone": ended, "schemaVersion": 3, "actions": [actions], "output": "end"}


def test_every_event_has_its_members_and_messages_of_earlier_turns_are_played(play):
    script = Scripted(waits)
    play(script, child=Scripted(lambda _: done()))
    history = script.payloads[-1]["history"]
    by_type = {event["EventType"]: event for event in history}

    assert list(by_type[4]) == ["EventType", "Name", "Version", "Input", "ParentTraceContext", "Tags", *SHARED[1:]]
    assert list(by_type[5]) == ["EventType", "TaskScheduledId", "Result", *SHARED[1:]]
    assert list(by_type[6]) == ["EventType", "TaskScheduledId", "Reason", "Details", "FailureDetails", *SHARED[1:]]
    created = ["EventType", "Name", "Version", "InstanceId", "Input", "ClientSpanId", "Tags", *SHARED[1:]]
    assert list(by_type[7]) == created
    assert list(by_type[10]) == ["EventType", "FireAt", *SHARED[1:]]
    assert list(by_type[11]) == ["EventType", "TimerId", "FireAt", *SHARED[1:]]
    assert by_type[6]["Reason"] == "Activity function 'Echo' failed: ValueError: boom"
    # a timer's firing bears the time at which the timer was made
    assert by_type[11]["Timestamp"] == by_type[10]["Timestamp"] == "2026-01-01T00:00:00.22Z"
    assert by_type[11]["FireAt"] == "2026-01-01T00:00:10.22Z"
    assert [event["EventId"] for event in history if event["EventId"] >= 0] == [0, 1, 2, 3]
    assert {kind: event["IsPlayed"] for kind, event in by_type.items()} == {
        12: False,
        0: True,
        4: False,
        13: False,
        5: True,
        6: True,
        10: False,
        11: True,
        7: False,
        8: False,  # of this turn
    }


def test_a_childs_id_and_input_are_made_as_azure_makes_them(play):
    child = Scripted(lambda _: done())
    script = Scripted(waits)
    play(script, child=child)
    parent = script.payloads[0]["history"][1]["OrchestrationInstance"]
    payload = child.payloads[0]
    began = payload["history"][1]

    assert payload["instanceId"] == f"{parent['ExecutionId']}:3"
    assert payload["input"] == "{}"
    assert began["Input"] == '"{}"'
    assert re.fullmatch(r"[0-9a-f]{32}", began["OrchestrationInstance"]["ExecutionId"])
    assert began["ParentInstance"] == {
        "Name": "Orch",
        "OrchestrationInstance": parent,
        "TaskScheduleId": 3,
        "Version": None,
    }


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            {"schemaVersion": 9, "actions": [[]]},
            'The OOProc schema of of version "9" is unsupported by this durable-extension version.',
        ),
        (
            {"schemaVersion": 3, "actions": [[], []]},
            "With OOProc schema V3, expected actions array to be of length 1 in outer layer but got size: 2",
        ),
        (
            {"schemaVersion": 3, "actions": [[{"actionType": 77}]]},
            "Received an unexpected action type from the out-of-proc function: '$77'.",
        ),
        (
            {"schemaVersion": 3, "actions": [[{"actionType": 11, "compoundActions": []}]]},
            "The tasks argument contains no tasks. (Parameter 'tasks')",
        ),
        (
            {"schemaVersion": 1, "actions": [[{"actionType": 5, "fireAt": "2026-01-08T00:00:00Z"}]]},
            "The Azure Storage provider supports a maximum of 6 days for time-based delays (Parameter 'fireAt')",
        ),
    ],
)
def test_an_answer_that_azure_does_not_take_fails_the_instance_in_its_words(play, answer, words):
    status = play(Scripted(lambda _: {"isDone": False, **answer}))

    assert (status["runtimeStatus"], status["output"]) == ("Failed", f"Orchestrator function 'Orch' failed: {words}")


@pytest.mark.parametrize("lists", [[[ECHO], [ECHO]], [[ECHO, ECHO]]])
def test_the_old_schema_is_walked_turn_by_turn(play, lists):
    assert play(Scripted(lambda _: {"isDone": True, "actions": lists, "output": 1}))["output"] == 1


def test_an_actions_type_may_be_its_name(play):
    assert play(Scripted(lambda _: done({**ECHO, "actionType": "CallActivity"})))["output"] == "end"


@pytest.mark.parametrize("output", [False, 0, "", [], None])
def test_falsy_outputs_come_back_as_they_are(play, output):
    found = play(Scripted(lambda _: done(output=output)))["output"]

    assert (found, type(found)) == (output, type(output))


@pytest.mark.parametrize(
    "text",
    [
        "no marker",
        'x\n\n$OutOfProcData$:{"isDone": true, "error": "e", "actions": [[]]}',
        'x\n\n$OutOfProcData$:{"isDone": false, "error": "", "actions": [[]]}',
        'x\n\n$OutOfProcData$:{"isDone": false, "error": "e"}',
        "x\n\n$OutOfProcData$:no json",
    ],
)
def test_an_exception_without_a_whole_answer_is_told_as_the_hosts(play, text):
    class Broken(Scripted):
        def __call__(self, payload: str) -> str:
            raise ValueError(text)

    output = play(Broken(lambda _: {}))["output"]

    assert output.startswith(
        "Orchestrator function 'Orch' failed: One or more errors occurred. (Result: Failure\nException: ValueError: "
        f"{text}\nStack:   File "
    )


def test_a_failures_actions_are_walked_first_and_its_custom_status_is_kept(play):
    class Failing(Scripted):
        def __call__(self, payload: str) -> str:
            super().__call__(payload)
            state = {
                "isDone": False,
                "error": "at the end",
                "actions": [[ECHO]],
                "customStatus": "on",
                "schemaVersion": 3,
            }
            raise ValueError(f"x\n\n$OutOfProcData$:{json.dumps(state)}")

    status = play(Failing(lambda _: {}))

    assert status["output"] == "Orchestrator function 'Orch' failed: at the end"
    assert status["customStatus"] == "on"


def test_failure_details_reach_the_parent(play):
    details = {"ErrorType": "E", "ErrorMessage": "child bad"}

    class Failing(Scripted):
        def __call__(self, payload: str) -> str:
            state = {
                "isDone": False,
                "error": "child bad",
                "actions": [[]],
                "schemaVersion": 3,
                "failureDetails": details,
            }
            raise ValueError(f"x\n\n$OutOfProcData$:{json.dumps(state)}")

    def ask(payload: dict[str, Any]) -> dict[str, Any]:
        ended = payload["history"][-1]["EventType"] == 9
        child = {"actionType": 2, "functionName": "Child", "input": "{}"}
        return {"isDone": ended, "schemaVersion": 3, "actions": [[child]], "output": "end"}

    script = Scripted(ask)
    play(script, child=Failing(lambda _: {}))
    failed = script.payloads[-1]["history"][-1]

    assert failed["Reason"] == "Orchestrator function 'Child' failed: child bad"
    assert failed["Details"].startswith("Message: child bad, StackTrace:   at ")
    assert failed["FailureDetails"] == details


def test_continue_as_new_needs_that_the_code_is_done(play):
    renewed = {"actionType": 4, "input": "2"}

    def ask(payload: dict[str, Any]) -> dict[str, Any]:
        if payload["input"] == "2":
            return done()
        return {"isDone": "done" in str(payload["input"]), "schemaVersion": 3, "actions": [[renewed]]}

    script = Scripted(ask)
    play(script, given='"done"')
    again = script.payloads[-1]["history"][1]

    assert (again["Generation"], again["Input"]) == (None, '"2"')
    assert re.fullmatch(r"[0-9a-f]{32}", again["OrchestrationInstance"]["ExecutionId"])


def test_a_continue_as_new_of_code_that_is_not_done_hangs_as_in_azure(make_lab, tmp_path, loop):
    lab = make_lab()
    script = Scripted(lambda _: {"isDone": False, "schemaVersion": 3, "actions": [[{"actionType": 4, "input": "2"}]]})
    engine = Engine(
        tmp_path / "own", DurableApp({"Orch": script}), DurableSettings(), LoneClock(datetime.now(UTC)), loop
    )
    engine.start()
    lab.engine, old = engine, lab.engine
    lab.until_waiting(lab.do(engine.create("Orch", None, "one")))
    status = lab.status("one")
    engine.stop()
    lab.engine = old

    assert (status["runtimeStatus"], len(script.payloads)) == ("Running", 1)


def test_a_restart_tells_which_instance_it_copies(make_lab, tmp_path, loop):
    lab = make_lab()
    script = Scripted(lambda _: done())
    engine = Engine(
        tmp_path / "own", DurableApp({"Orch": script}), DurableSettings(), LoneClock(datetime.now(UTC)), loop
    )
    engine.start()
    lab.engine, old = engine, lab.engine
    lab.end(lab.do(engine.create("Orch", None, "one")))
    lab.end(lab.do(engine.restart("one", new_instance_id=True)))
    engine.stop()
    lab.engine = old

    assert [payload["sourceInstanceId"] for payload in script.payloads] == [None, "one"]


def test_events_bear_the_moment_at_which_they_were_sent(make_lab):
    def flow(context):
        yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
        return (yield context.wait_for_external_event("go"))

    lab = make_lab(flow)
    lab.clock.hold()
    made = lab.create("flow")
    lab.until_waiting(made)
    lab.send(made, "go", 1)
    lab.until_waiting(made)
    lab.clock.release()
    lab.end(made)
    raised = next(event for event in lab.events(made) if event["EventType"] == "EventRaised")

    assert (raised["Name"], raised["Input"], raised["Timestamp"]) == ("go", "1", "2026-01-01T00:00:00Z")
