#!/usr/bin/env bash
# azure-mgmt-recoveryservicessiterecovery 2.0.0: the link of the next page is taken apart and written anew.
#
# Guess: nextLink is asked for as the service wrote it, as ARM's rules say and as azure-mgmt-compute 39.0.0 does.
# Seen: the plus of a token arrives as a blank (%20), parameters without a value are gone, and api-version is the client's own. A token in
#       plain base64 is then another token. Compute asks for the very same link letter by letter.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-mgmt-recoveryservicessiterecovery==2.0.0 azure-mgmt-compute==39.0.0
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.recoveryservicessiterecovery import SiteRecoveryManagementClient

LINK = "/page?$skipToken=a+b%2Bc==&$filter=&api-version=2099-01-01"


class Arm(BaseHTTPRequestHandler):
    path_of_last = ""

    def do_GET(self):
        Arm.path_of_last = self.path
        body = json.dumps({"value": []} if self.path.startswith("/page") else {"value": [], "nextLink": url + LINK}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Arm)
Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"


def client(of):
    return of(object(), "subscription", base_url=url, authentication_policy=SansIOHTTPPolicy())


list(client(ComputeManagementClient).virtual_machines.list("group"))
compute = Arm.path_of_last
list(client(SiteRecoveryManagementClient).replication_fabrics.list("group", "vault"))
recovery = Arm.path_of_last
print(f"the link:      {LINK}\ncompute:       {compute}\nsite recovery: {recovery}")
assert compute == LINK, "this has changed"
version, parts = recovery.rpartition("api-version=")[2], recovery.split("?")[1].split("&")
assert parts == ["$skipToken=a%20b%2Bc%3D%3D", f"api-version={version}"] and version != "2099-01-01", "this has changed"
PYTHON
