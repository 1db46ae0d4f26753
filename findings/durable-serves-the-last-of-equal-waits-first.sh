#!/usr/bin/env bash
# azure-functions-durable 1.7.0 and durabletask 1.12.0: of several open waits for one event, the first serves the youngest, the second the oldest.
#
# Guess: both hand an event to the wait that is open longest, so that events and waits meet in order whichever SDK runs the code.
# Seen: the first event completes the wait that was made last; task_all over three waits for [1, 2, 3] gives [3, 2, 1]. With
#       durabletask, its successor, the same lines give [1, 2, 3]: who moves a running orchestration changes who gets what.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-functions-durable==1.7.0 azure-functions==1.26.0 durabletask==1.12.0
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$folder/venv/bin/python" -W ignore - "$port" <<'PYTHON'
import json
import sys

from azure.durable_functions import Orchestrator
from durabletask.client import TaskHubGrpcClient
from durabletask.task import when_all
from durabletask.testing import create_test_backend
from durabletask.worker import TaskHubGrpcWorker

STARTED, BEGUN, RAISED = 12, 0, 15
answers = [1, 2, 3]


def event(kind, second, **fields):
    return {"EventType": kind, "EventId": -1, "IsPlayed": False, "Timestamp": f"2026-11-30T10:00:{second:02}Z", **fields}


def classic(context):
    return (yield context.task_all([context.wait_for_external_event("answer") for _ in answers]))


def successor(context, _):
    return (yield when_all([context.wait_for_external_event("answer") for _ in answers]))


history = [event(STARTED, 0), event(BEGUN, 0, Name="classic", Input="null", Version=None)]
for answer in answers:
    history += [event(STARTED, answer), event(RAISED, answer, Name="answer", Input=json.dumps(answer))]
turn = {"history": history, "instanceId": "wave-1", "isReplaying": False, "parentInstanceId": None, "input": "null"}
classic_output = json.loads(Orchestrator.create(classic)(json.dumps(turn)))["output"]

address = f"localhost:{sys.argv[1]}"
backend = create_test_backend(port=int(sys.argv[1]))
with TaskHubGrpcWorker(host_address=address) as worker:
    worker.add_orchestrator(successor)
    worker.start()
    client = TaskHubGrpcClient(host_address=address)
    instance = client.schedule_new_orchestration(successor)
    client.wait_for_orchestration_start(instance, timeout=30)
    for answer in answers:
        client.raise_orchestration_event(instance, "answer", data=answer)
    state = client.wait_for_orchestration_completion(instance, timeout=30)
backend.stop()
successor_output = json.loads(state.serialized_output)
print(f"azure-functions-durable: {classic_output}; durabletask: {successor_output}")
assert classic_output == [3, 2, 1], "this has changed"
assert successor_output == [1, 2, 3], "this has changed"
PYTHON
