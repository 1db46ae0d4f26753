#!/usr/bin/env bash
# azure-data-tables 12.7.0: a text enum is stored as `State.WAITING`, and a query with the same member asks for its value.
#
# Guess: a member of `class State(str, Enum)` is stored as its text, as json.dumps writes it; a query with the member finds the row.
# Seen: "State.WAITING" is stored (and "3" as text for an IntEnum), but the parameter of a query is written as its value: the row is never found
#       by the member it was stored with. A StrEnum is stored as its value: who modernises `(str, Enum)` changes what is stored.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-data-tables==12.7.0
"$folder/venv/bin/python" - <<'PYTHON'
import base64
import json
from enum import Enum, IntEnum, StrEnum
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from azure.core.credentials import AzureNamedKeyCredential
from azure.data.tables import TableClient


class OldState(str, Enum):
    WAITING = "waiting"


class NewState(StrEnum):
    WAITING = "waiting"


class Round(IntEnum):
    THIRD = 3


seen = []


class Table(BaseHTTPRequestHandler):
    def do_GET(self):
        seen.append(parse_qs(urlsplit(self.path).query)["$filter"][0])
        self.answer(200, b'{"value": []}')

    def do_PATCH(self):
        seen.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["v"])
        self.answer(204)

    do_MERGE = do_PUT = do_PATCH

    def answer(self, status, body=b""):
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), "ETag": 'W/"1"'}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Table)
Thread(target=server.serve_forever, daemon=True).start()
credential = AzureNamedKeyCredential("account", base64.b64encode(b"no key of anybody").decode())
table = TableClient(f"http://127.0.0.1:{server.server_port}/account", "rows", credential=credential)


def stored_and_sought(member):
    table.upsert_entity({"PartitionKey": "p", "RowKey": "r", "v": member})
    list(table.query_entities("v eq @v", parameters={"v": member}))
    return tuple(seen[-2:])


for member, expected in (
    (OldState.WAITING, ("OldState.WAITING", "v eq 'waiting'")),
    (NewState.WAITING, ("waiting", "v eq 'waiting'")),
    (Round.THIRD, ("3", "v eq 3")),
):
    pair = stored_and_sought(member)
    print(f"{member!r}: stored as {pair[0]!r}, sought by {pair[1]}")
    assert pair == expected, f"this has changed: {pair}"
PYTHON
