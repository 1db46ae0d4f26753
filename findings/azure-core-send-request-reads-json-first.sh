#!/usr/bin/env bash
# azure-core 1.41.0, azure-mgmt-resource 26.0.0: send_request of a client reads an answer's JSON, throws it away, and refuses text that is none.
#
# Guess: send_request gives the raw answer, and JSON is read when somebody asks for response.json().
# Seen: a client's pipeline reads the whole body with json.loads first and keeps it where nobody sees it, so that json() reads it again: for
#       listings of hundreds of resources half of the time goes there. A body that is no JSON raises DecodeError, though only its text
#       was wanted. Both are left out with stream=True and response.read().
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-core==1.41.0 azure-mgmt-core==1.6.0 azure-mgmt-resource==26.0.0 requests==2.32.5
"$folder/venv/bin/python" - <<'PYTHON'
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from azure.core.credentials import AccessToken
from azure.core.exceptions import DecodeError
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.core.rest import HttpRequest
from azure.mgmt.resource.resources import ResourceManagementClient

BODIES = {"/json": b'{"value": [1, 2, 3]}', "/page": b"<html>hello</html>"}


class Server(BaseHTTPRequestHandler):
    def do_GET(self):
        body = BODIES[self.path]
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Credential:
    def get_token(self, *_, **__):
        return AccessToken("any", int(time.time()) + 3600)


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
client = ResourceManagementClient(Credential(), "sub", base_url=url, authentication_policy=SansIOHTTPPolicy())

read, loads = [], json.loads
json.loads = lambda text, **more: read.append(text) or loads(text, **more)


def times_read(**options):
    read.clear()
    response = client.send_request(HttpRequest("GET", f"{url}/json"), **options)
    response.read()
    before = len(read)
    assert response.json() == {"value": [1, 2, 3]}
    return before, len(read)


plain, streamed = times_read(), times_read(stream=True)
print("JSON read (before json(), after it):", plain, "as a stream:", streamed)
assert (plain, streamed) == ((1, 2), (0, 1)), "this has changed"

try:
    client.send_request(HttpRequest("GET", f"{url}/page"))
    raise SystemExit("this has changed: no DecodeError")
except DecodeError as error:
    print("a page:", type(error).__name__, str(error)[:60])
response = client.send_request(HttpRequest("GET", f"{url}/page"), stream=True)
print("a page, as a stream:", response.read())
PYTHON
