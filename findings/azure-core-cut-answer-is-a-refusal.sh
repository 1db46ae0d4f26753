#!/usr/bin/env bash
# azure-core 1.41.0: a connection that is lost while the answer comes is raised as a refusal, not as a lost connection.
#
# Guess: it is a ServiceResponseError, as a connection that is lost before the answer's first line is.
# Seen: with Content-Length and with chunks it is an IncompleteReadError, which is an HttpResponseError (what 4xx and 5xx raise) with no
#       response and no status code. Who handles HttpResponseError first takes a GET, or a PUT that may have been done, for refused for good;
#       a clause for IncompleteReadError behind it is never reached. The SDK's own tries end in the same error.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-core==1.41.0 requests==2.32.5
"$folder/venv/bin/python" - <<'PYTHON' 2>/dev/null
import socket
from threading import Thread

from azure.core import PipelineClient
from azure.core.exceptions import HttpResponseError, ServiceResponseError
from azure.core.pipeline.policies import RetryPolicy
from azure.core.rest import HttpRequest

BEGUN = {
    "nothing": "",
    "with a length": 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"value": [',
    "in chunks": 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{"value": [',
}


def outcome(method, text):
    """Send a request whose answer ends in its middle; give what is raised, and how often it was sent."""
    listener, sent = socket.create_server(("127.0.0.1", 0)), []

    def hang_up():
        while True:
            connection, _ = listener.accept()
            sent.append(connection.recv(65_536))
            connection.sendall(text.encode())
            connection.close()

    Thread(target=hang_up, daemon=True).start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    try:
        PipelineClient(url, policies=[RetryPolicy(retry_backoff_factor=0, retry_total=2)]).send_request(HttpRequest(method, url))
    except Exception as error:
        kind = next(each.__name__ for each in (ServiceResponseError, HttpResponseError) if isinstance(error, each))
        return type(error).__name__, kind, getattr(error, "status_code", None), getattr(error, "response", None), len(sent)


found = {f"{method}, {name}": outcome(method, text) for method in ("GET", "PUT") for name, text in BEGUN.items()}
for what, seen in found.items():
    print(what, "->", *seen)
cut = ("IncompleteReadError", "HttpResponseError", None, None, 3)
lost = ("ServiceResponseError", "ServiceResponseError", None, None, 3)
assert found == {f"{method}, {name}": lost if name == "nothing" else cut for method in ("GET", "PUT") for name in BEGUN}, "this has changed"
PYTHON
