#!/usr/bin/env bash
# azure-functions-durable 1.7.0: a time with a UTC offset is sent as if it were UTC.
#
# Guess: get_status_by and purge_instance_history_by send the moment that an aware datetime names, or refuse one that is not UTC.
# Seen: 10:00+02:00 (08:00 UTC) goes out as 10:00Z. Who purges "until two hours ago" in local time purges up to now.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-functions-durable==1.7.0 aiohttp==3.14.5
"$folder/venv/bin/python" -W ignore - 2>"$folder/said" <<'PYTHON' || { cat "$folder/said"; exit 1; }
import asyncio
import json
from datetime import datetime, timedelta, timezone

from aiohttp import web
from azure.durable_functions import DurableOrchestrationClient, OrchestrationRuntimeStatus

asked = []


async def answer(request):
    asked.append(request.raw_path)
    body = {"GET": {"runtimeStatus": "Running"}, "POST": {"id": "ship"}, "DELETE": {"instancesDeleted": 0}}[request.method]
    listed = request.method == "GET" and request.path.endswith("/")
    return web.json_response([] if listed else body, status=202 if request.method == "POST" else 200)


async def main():
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    links = {"id": "INSTANCEID", "statusQueryGetUri": f"{url}/instances/INSTANCEID"}
    client = DurableOrchestrationClient(json.dumps({"taskHubName": "hub", "managementUrls": links, "creationUrls": {}, "rpcBaseUrl": f"{url}/"}))
    amsterdam = datetime(2026, 11, 29, 10, tzinfo=timezone(timedelta(hours=2)))
    await client.get_status_by(created_time_from=amsterdam)
    await client.purge_instance_history_by(created_time_from=amsterdam, created_time_to=amsterdam, runtime_status=[OrchestrationRuntimeStatus.Completed])
    print(f"{amsterdam.isoformat()} is sent as", *asked, sep="\n  ")
    assert "createdTimeFrom=2026-11-29T10:00:00.000000Z" in asked[0], "this has changed"
    assert "createdTimeTo=2026-11-29T10:00:00.000000Z" in asked[1], "this has changed"
    await runner.cleanup()


asyncio.run(main())
PYTHON
