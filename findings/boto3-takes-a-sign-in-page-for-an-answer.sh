#!/usr/bin/env bash
# boto3 1.44.8 (ec2, mgn, ssm): a proxy's page with status 200 is an answer without fields, and an order that never arrived has succeeded.
#
# Guess: what is neither the XML nor the JSON of the service raises ResponseParserError, as an empty body does for EC2.
# Seen: for MGN and SSM any text that is no JSON gives {}; for EC2 each page that is well-formed XML does. stop_instances and start_cutover
#       return without an error, Application Discovery's paginator gives an empty inventory, and only code that takes a field
#       by its name notices (KeyError). A page with one <br> that is not closed raises for EC2.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check boto3==1.44.8 botocore==1.44.8
AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none AWS_DEFAULT_REGION=eu-west-1 "$folder/venv/bin/python" -W ignore - <<'PYTHON'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import boto3
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

WELL_FORMED = b"<html><body>Please sign in to the network</body></html>"
USUAL = b"<html><body>Please sign in<br>to the network</body></html>"


class Proxy(BaseHTTPRequestHandler):
    page = WELL_FORMED

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(Proxy.page)))
        self.end_headers()
        self.wfile.write(Proxy.page)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
ec2, mgn, ssm, discovery = (boto3.client(name, endpoint_url=url) for name in ("ec2", "mgn", "ssm", "discovery"))
calls = {
    "ec2 stop_instances": lambda: ec2.stop_instances(InstanceIds=["i-0123456789abcdef0"]),
    "ec2 describe_instances": lambda: ec2.describe_instances(),
    "mgn start_cutover": lambda: mgn.start_cutover(sourceServerIDs=["s-1234567890abcdef0"]),
    "ssm get_command_invocation": lambda: ssm.get_command_invocation(CommandId="1" * 36, InstanceId="i-0123456789abcdef0"),
    "discovery list_configurations": lambda: discovery.get_paginator("list_configurations").paginate(configurationType="SERVER").build_full_result(),
}


def outcomes(page):
    Proxy.page = page
    found = {}
    for name, call in calls.items():
        try:
            found[name] = {field: value for field, value in call().items() if field != "ResponseMetadata"}
        except (ClientError, ResponseParserError) as error:
            found[name] = type(error).__name__
    return found


well_formed, usual = outcomes(WELL_FORMED), outcomes(USUAL)
print("well-formed page:", well_formed, "usual page:", usual, sep="\n")
assert set(map(str, well_formed.values())) == {"{}"}, "this has changed"
assert usual == {name: "ResponseParserError" if name.startswith("ec2") else {} for name in calls}, "this has changed"
PYTHON
