#!/usr/bin/env bash
# azure-functions-durable 1.7.0: all clients of a process share one HTTP session that belongs to the first event loop.
#
# Guess: a new DurableOrchestrationClient in a new event loop works, and closing its loop leaves nothing open.
# Seen: the aiohttp session is kept in the module for ever and is never closed; in a second event loop of the same process (a
#       script that calls asyncio.run twice, a test with a loop of its own) the first call raises RuntimeError.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-functions-durable==1.7.0 aiohttp==3.14.5
"$folder/venv/bin/python" -W ignore - 2>"$folder/said" <<'PYTHON'
import asyncio
import json

from aiohttp import web
from azure.durable_functions import DurableOrchestrationClient

STATUS = {"name": "sail", "instanceId": "ship", "runtimeStatus": "Running"}


async def ask():
    async def answer(_):
        return web.json_response(STATUS)

    app = web.Application()
    app.router.add_get("/instances/ship", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    links = {"id": "INSTANCEID", "statusQueryGetUri": f"{url}/instances/INSTANCEID"}
    client = DurableOrchestrationClient(json.dumps({"taskHubName": "hub", "managementUrls": links, "creationUrls": {}, "rpcBaseUrl": f"{url}/"}))
    try:
        return str((await client.get_status("ship")).runtime_status)
    except RuntimeError as error:
        return f"RuntimeError: {error}"
    finally:
        await runner.cleanup()


first, second = asyncio.run(ask()), asyncio.run(ask())
print("first loop:", first, "| second loop:", second)
assert first == "OrchestrationRuntimeStatus.Running"
assert second.startswith("RuntimeError"), "this has changed"
PYTHON
grep -m1 "Unclosed client session" "$folder/said" || { cat "$folder/said"; echo "this has changed: the session is closed"; exit 1; }
