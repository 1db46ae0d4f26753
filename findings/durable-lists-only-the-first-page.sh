#!/usr/bin/env bash
# azure-functions-durable 1.7.0: get_status_by and get_status_all give the first page of a list and call it the whole.
#
# Guess: the pages that the host parts a long list into are followed by the token that each answer carries.
# Seen: the header x-ms-continuation-token of the answer is not looked at, one request is made, and whoever counts what runs in a
#       hub of more than a page counts too few, without a word.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-functions-durable==1.7.0 aiohttp==3.14.5
"$folder/venv/bin/python" -W ignore - 2>"$folder/said" <<'PYTHON' || { cat "$folder/said"; exit 1; }
import asyncio
import json

from aiohttp import web
from azure.durable_functions import DurableOrchestrationClient, OrchestrationRuntimeStatus

asked = []


async def answer(request):
    asked.append(request.raw_path)
    page = [{"instanceId": f"ship-{number}", "runtimeStatus": "Running"} for number in range(100)]
    return web.json_response(page, headers={"x-ms-continuation-token": "there-is-more"})


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
    listed = len(await client.get_status_all())
    running = len(await client.get_status_by(runtime_status=[OrchestrationRuntimeStatus.Running]))
    print("listed:", listed, "running:", running, "after the requests", *asked)
    assert (listed, running) == (100, 100), "this has changed"
    assert asked == ["/instances/", "/instances/?runtimeStatus=Running"], "this has changed"
    await runner.cleanup()


asyncio.run(main())
PYTHON
