#!/usr/bin/env bash
# azure-data-tables 12.7.0: a query does not take the 64-bit number that its own client stored and gave back.
#
# Guess: a number beyond 32 bits is stored as EntityProperty(number, INT64) and comes back as one, so a query takes one as a parameter.
# Seen: the parameter raises AttributeError ("no attribute 'replace'"); the bare int, which storing refuses, is what a query wants: it is
#       sent with its L. And a parameter before a bracket raises KeyError, as parameters are found by cutting the filter at blanks.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-data-tables==12.7.0
"$folder/venv/bin/python" - <<'PYTHON'
import base64
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from azure.core.credentials import AzureNamedKeyCredential
from azure.data.tables import EdmType, EntityProperty, TableClient

filters = []


class Table(BaseHTTPRequestHandler):
    def do_GET(self):
        filters.append(parse_qs(urlsplit(self.path).query)["$filter"][0])
        body = b'{"value": []}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Table)
Thread(target=server.serve_forever, daemon=True).start()
credential = AzureNamedKeyCredential("account", base64.b64encode(b"no key of anybody").decode())
table = TableClient(f"http://127.0.0.1:{server.server_port}/account", "rows", credential=credential)


def filter_for(low, text="percent gt @low"):
    list(table.query_entities(text, parameters={"low": low}))
    return filters[-1]


number = 2**40
print(f"{number}: {filter_for(number)}")
assert filter_for(number) == f"percent gt {number}L", "this has changed"
for name, attempt, expected in (
    ("a query with its EntityProperty", lambda: filter_for(EntityProperty(number, EdmType.INT64)), AttributeError),
    ("storing the bare number", lambda: table.upsert_entity({"PartitionKey": "p", "RowKey": "r", "n": number}), TypeError),
    ("a parameter before a bracket", lambda: filter_for(2, "(percent gt @low) and kept"), KeyError),
):
    try:
        attempt()
    except expected as error:
        print(f"{name}: {error!r}")
    else:
        raise AssertionError(f"this has changed: {name} raises no {expected.__name__}")
PYTHON
