#!/usr/bin/env bash
# azure-mgmt-compute 39.0.0: creating an availability set takes 200 and calls a 201 an error; its neighbours take both.
#
# Guess: a PUT that makes a resource may be answered 201 Created, as ARM's rules say, for every resource of the package.
# Seen: availability_sets.create_or_update raises HttpResponseError for 201; proximity placement groups and capacity
# reservation groups take it. A stand-in or proxy that answers as ARM's rules ask breaks one of the three.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-mgmt-compute==39.0.0
"$folder/venv/bin/python" -W ignore - 2>"$folder/said" <<'PYTHON' || { cat "$folder/said"; exit 1; }
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.mgmt.compute import ComputeManagementClient


class Answer(BaseHTTPRequestHandler):
    def do_PUT(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"id": self.path.split("?")[0], "name": "n", "location": "westeurope"}).encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *told):
        pass


class Token:
    def get_token(self, *scopes, **more):
        return AccessToken("t", 4_000_000_000)


server = HTTPServer(("127.0.0.1", 0), Answer)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = ComputeManagementClient(
    Token(), "00000000-0000-0000-0000-000000000000", base_url=f"http://127.0.0.1:{server.server_port}",
    credential_scopes=["x/.default"], enforce_https=False, retry_total=0,
)
taken = {}
for name in ("availability_sets", "proximity_placement_groups", "capacity_reservation_groups"):
    try:
        getattr(client, name).create_or_update("group", "n", {"location": "westeurope"}, enforce_https=False)
        taken[name] = "taken"
    except HttpResponseError as error:
        taken[name] = f"HttpResponseError {error.status_code}"
print(taken)
assert taken == {"availability_sets": "HttpResponseError 201", "proximity_placement_groups": "taken", "capacity_reservation_groups": "taken"}, "this has changed"
PYTHON
