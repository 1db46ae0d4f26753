#!/usr/bin/env bash
# azure-functions-durable 1.7.0: restart gives everything that the extension answers, not the id that its docstring promises.
#
# Guess: restart gives the id of the instance that began ("str: The instance ID of the restarted orchestration").
# Seen: it gives the decoded body, a dict with the id and the links; only an empty body gives the id. Who hands it on to
# get_status asks for an instance that is called like a dict.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-functions-durable==1.7.0 aiohttp==3.14.5
"$folder/venv/bin/python" -W ignore - 2>"$folder/said" <<'PYTHON' || { cat "$folder/said"; exit 1; }
import asyncio
import json

from aiohttp import web
from azure.durable_functions import DurableOrchestrationClient

ANSWER = {"id": "ship-2", "statusQueryGetUri": "http://127.0.0.1/instances/ship-2", "terminatePostUri": "http://127.0.0.1/t"}


async def answer(request):
    return web.json_response(ANSWER, status=202)


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
    given = await client.restart("ship")
    print("restart gave", type(given).__name__, given)
    assert given == ANSWER, "this has changed"
    await runner.cleanup()


asyncio.run(main())
PYTHON
