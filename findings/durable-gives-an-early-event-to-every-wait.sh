#!/usr/bin/env bash
# azure-functions-durable 1.7.0: of events that come before they are waited for the last alone is kept, and every later wait gets it.
#
# Guess: events that came early are handed out like those that come in time: each to one wait, in the order in which they came.
# Seen: two early events of one name and two waits give the second event twice; the first is lost. One early event ends two waits.
#       A warning about a "potential duplicate" is all that is said. A name of its own for each wait avoids it.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-functions-durable==1.7.0 azure-functions==1.26.0
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import json

from azure.durable_functions import Orchestrator

STARTED, BEGUN, RAISED = 12, 0, 15


def event(kind, second, **fields):
    return {"EventType": kind, "EventId": -1, "IsPlayed": False, "Timestamp": f"2026-11-30T10:00:{second:02}Z", **fields}


def raised(second, name, value):
    return [event(STARTED, second), event(RAISED, second, Name=name, Input=json.dumps(value))]


def output(*raises):
    history = [event(STARTED, 0), event(BEGUN, 0, Name="two_decisions", Input="null", Version=None)]
    history += [each for raise_ in raises for each in raise_]
    turn = {"history": history, "instanceId": "wave-1", "isReplaying": False, "parentInstanceId": None, "input": "null"}
    state = json.loads(Orchestrator.create(two_decisions)(json.dumps(turn)))
    assert state["isDone"], state
    return state["output"]


def two_decisions(context):
    yield context.wait_for_external_event("ready")
    first = yield context.wait_for_external_event("decision")
    second = yield context.wait_for_external_event("decision")
    return [first, second]


ready, approve, decline = (1, "ready", 0), (2, "decision", "approve"), (3, "decision", "decline")
in_time = output(raised(*ready), raised(*approve), raised(*decline))
early = output(raised(1, *approve[1:]), raised(2, *decline[1:]), raised(3, *ready[1:]))
single = output(raised(1, *approve[1:]), raised(3, *ready[1:]))
print(f"in time: {in_time}; both early: {early}; one early, and no other: {single}")
assert in_time == ["approve", "decline"], in_time
assert early == ["decline", "decline"], "this has changed"
assert single == ["approve", "approve"], "this has changed"
PYTHON
