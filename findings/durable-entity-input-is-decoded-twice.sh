#!/usr/bin/env bash
# azure-functions-durable 1.7.0: get_input of an entity decodes what was decoded already.
#
# Guess: what is signalled arrives as it was sent, whoever sent it; a number is a number.
# Seen: the input of an operation has to be JSON within JSON, as the SDK's own client sends it. A number that another
# language's client or the HTTP API signals (JSON once, as Durable's HTTP API documents) fails in get_input.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-functions-durable==1.7.0 azure-functions==1.26.0
"$folder/venv/bin/python" -W ignore - 2>"$folder/said" <<'PYTHON' || { cat "$folder/said"; exit 1; }
import json

import azure.durable_functions as df

seen = []


def counter(context):
    seen.append(context.get_input())
    context.set_state(0)
    context.set_result(None)


def signalled(value):
    """What the host hands to an entity whose operation `add` was signalled with this text as its input."""
    batch = [{"name": "add", "input": value, "id": "1", "isSignal": True}]
    return json.dumps({"self": {"name": "counter", "key": "a"}, "exists": False, "state": None, "batch": batch})


class Envelope:
    def __init__(self, body):
        self.body = body


results = {}
for name, value in {"JSON within JSON": json.dumps(json.dumps(3)), "JSON": "3"}.items():
    answer = json.loads(df.Entity.create(counter)(Envelope(signalled(value))))
    results[name] = answer["results"][0]
    print(f"signalled as {name}: error={results[name]['isError']}, {results[name].get('result')}, entity saw {seen[-1:]}")
assert not results["JSON within JSON"]["isError"], "this has changed"
assert results["JSON"]["isError"], "this has changed"
PYTHON
