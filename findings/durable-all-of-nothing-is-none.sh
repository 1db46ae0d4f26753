#!/usr/bin/env bash
# azure-functions-durable 1.7.0: task_all of an empty list gives None, by itself and within another task_all.
#
# Guess: task_all([]) gives [], so that `for result in (yield context.task_all(tasks))` needs no special case for a wave without machines; and
#        task_any([]), of which nothing can ever come first, is refused.
# Seen: task_all([]) goes on with None and the loop raises TypeError; in a task_all around it the empty one counts as None among the
#       results. task_any([]) goes on with None at once, so that `winner is timer` is False as if an event had come.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-functions-durable==1.7.0 azure-functions==1.26.0
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import json

from azure.durable_functions import Orchestrator


def event(kind, second, **fields):
    return {"EventType": kind, "EventId": -1, "IsPlayed": False, "Timestamp": f"2026-11-30T10:00:{second:02}Z", **fields}


begun = [event(12, 0), event(0, 0, Name="wave", Input="null", Version=None)]
replicated = [
    event(4, 0, Name="replicate", Version=None) | {"EventId": 0},
    event(13, 0),
    event(12, 1),
    event(5, 1, TaskScheduledId=0, Result='"db-1"'),
]


def output(wave, history):
    turn = {"history": history, "instanceId": "wave-1", "isReplaying": False, "parentInstanceId": None, "input": "null"}
    turn |= {"upperSchemaVersion": 2, "upperSchemaVersionNew": 2}
    state = json.loads(Orchestrator.create(wave)(json.dumps(turn)))
    assert state["isDone"], state
    return state["output"]


def empty(context):
    return ["task_all", (yield context.task_all([])), "task_any", (yield context.task_any([]))]


def nested(context):
    return (yield context.task_all([context.task_all([]), context.call_activity("replicate", "db-1")]))


alone, within = output(empty, begun), output(nested, begun + replicated)
print(alone, within)
assert alone == ["task_all", None, "task_any", None], "this has changed"
assert within == [None, "db-1"], "this has changed"
PYTHON
