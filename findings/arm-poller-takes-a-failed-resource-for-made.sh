#!/usr/bin/env bash
# azure-mgmt-compute 39.0.0 (azure-mgmt-core 1.6.0): a PUT that is answered with a failed resource ends well, and a wait that ran out gives a resource.
#
# Guess: result() of a poller raises whenever the resource's provisioningState is Failed, and TimeoutError when its timeout has passed.
# Seen: where the very first answer (200) says Failed, result() gives the resource and raises nothing; the same state one look later
#       raises. result(timeout=...) raises nothing either: it gives a VirtualMachine that is made of the last answer about the
#       operation, here {"status": "InProgress"}, with no id and no name.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-mgmt-compute==39.0.0 azure-mgmt-core==1.6.0
timeout 60 "$folder/venv/bin/python" -W ignore - 2>"$folder/errors" <<'PYTHON' || { cat "$folder/errors"; exit 1; }
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.compute import ComputeManagementClient


class Arm(BaseHTTPRequestHandler):
    script = iter(())

    def answer(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        code, headers, content = next(Arm.script)
        body = json.dumps(content).encode()
        self.send_response(code)
        for name, value in {"content-type": "application/json", "content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = answer

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Arm)
Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
client = ComputeManagementClient(object(), "subscription", base_url=url, authentication_policy=SansIOHTTPPolicy())


def vm(state):
    return {"id": "/vm", "name": "web-1", "location": "westeurope", "properties": {"provisioningState": state}}


def put(*script, interval=0):
    Arm.script = iter(script)
    return client.virtual_machines.begin_create_or_update("group", "web-1", {"location": "westeurope"}, polling_interval=interval)


made = put((200, {}, vm("Failed"))).result(timeout=30)
print("200 and Failed at once: no error,", made.provisioning_state)
assert made.provisioning_state == "Failed", "this has changed"

try:
    put((201, {}, vm("Creating")), (200, {}, vm("Failed"))).result(timeout=30)
except HttpResponseError as error:
    print("201 and Creating, then Failed:", type(error).__name__)
else:
    raise AssertionError("this has changed: nothing was raised")

operation = {"Azure-AsyncOperation": f"{url}/operation"}
poller = put((201, operation, vm("Creating")), (200, {}, {"status": "InProgress"}), interval=600)
late = poller.result(timeout=5)
print(f"still running after the timeout: done {poller.done()}, {type(late).__name__}, {late.as_dict()}")
assert (poller.done(), type(late).__name__, late.id, late.name) == (False, "VirtualMachine", None, None), "this has changed"
sys.stdout.flush()
os._exit(0)  # the poller's thread would sleep ten minutes
PYTHON
