#!/usr/bin/env bash
# durabletask 1.12.0 (durabletask.testing): the id of an orchestration that has ended cannot be used again.
#
# Guess: as with Durable Functions on Azure Storage, an id is free again once its orchestration has ended; and what is done to an id
#        that nobody has is answered alike, whether it is an event or a termination.
# Seen: starting under an ended id raises ALREADY_EXISTS until it is purged. Raising an event for an unknown id raises
#       NOT_FOUND, terminating it returns as if it had been done.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check durabletask==1.12.0
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
GRPC_VERBOSITY=NONE "$folder/venv/bin/python" -W ignore - "$port" 2>"$folder/said" <<'PYTHON'
import sys

import grpc
from durabletask.client import TaskHubGrpcClient
from durabletask.testing import create_test_backend
from durabletask.worker import TaskHubGrpcWorker


def sail(context, _):
    return "arrived"


def code_of(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except grpc.RpcError as error:
        return error.code().name
    return "accepted"


backend = create_test_backend(port=int(sys.argv[1]))
with TaskHubGrpcWorker(host_address=f"localhost:{sys.argv[1]}") as worker:
    worker.add_orchestrator(sail)
    worker.start()
    client = TaskHubGrpcClient(host_address=f"localhost:{sys.argv[1]}")
    client.schedule_new_orchestration(sail, instance_id="ship")
    client.wait_for_orchestration_completion("ship", timeout=60)
    seen = {
        "start under an ended id": code_of(client.schedule_new_orchestration, sail, instance_id="ship"),
        "event for an unknown id": code_of(client.raise_orchestration_event, "nobody", "hail"),
        "terminate an unknown id": code_of(client.terminate_orchestration, "nobody"),
    }
    client.purge_orchestration("ship")
    seen["start after purging it"] = code_of(client.schedule_new_orchestration, sail, instance_id="ship")
backend.stop()
print(seen)
assert list(seen.values()) == ["ALREADY_EXISTS", "NOT_FOUND", "accepted", "accepted"], "this has changed"
PYTHON
