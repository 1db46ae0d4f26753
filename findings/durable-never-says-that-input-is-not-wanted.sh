#!/usr/bin/env bash
# azure-functions-durable 1.7.0: get_status(show_input=False) does not ask to leave the input out.
#
# Guess: a flag that is False is sent as false: the extension shows the input unless showInput=false is asked for.
# Seen: only flags that are True are sent. show_input=False (the default) and show_history_output=False send nothing, so the host's own
#       defaults rule, and large inputs come with every status.
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
    await client.get_status("ship", show_history=True, show_history_output=False, show_input=False)
    await client.get_status("ship", show_input=True)
    print(*asked, sep="\n")
    assert asked == ["/instances/ship?showHistory=True", "/instances/ship?showInput=True"], "this has changed"
    await runner.cleanup()


asyncio.run(main())
PYTHON
