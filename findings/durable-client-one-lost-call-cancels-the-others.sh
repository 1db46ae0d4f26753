#!/usr/bin/env bash
# azure-functions-durable 1.7.0: one call of the client whose connection is lost cancels the calls that wait for a connection.
#
# Guess: of many calls of raise_event at once, those fail whose own connection is lost; the others get through.
# Seen: after any ClientError the SDK closes the one session that all clients of the process share. Calls that wait for one of
#       its thirty connections end in asyncio.CancelledError though nobody cancelled them, which is no Exception: it passes
#       every `except Exception`, also the one with which Microsoft's worker answers for a function that failed. Calls under
#       way fail with a ClientError.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-functions-durable==1.7.0 aiohttp==3.14.5
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import asyncio
import json
from collections import Counter

from aiohttp import web
from azure.durable_functions import DurableOrchestrationClient

CALLS, LOST = 100, 1


async def main():
    taken = Counter()

    async def take(request):
        taken["all"] += 1
        await asyncio.sleep(0.05)
        if taken["lost"] < LOST:
            taken["lost"] += 1
            request.transport.close()
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/instances/{instance}/raiseEvent/{event}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    client = DurableOrchestrationClient(json.dumps({"taskHubName": "hub", "managementUrls": {}, "creationUrls": {}, "rpcBaseUrl": url}))
    calls = [asyncio.ensure_future(client.raise_event(f"ship{number}", "sail", {})) for number in range(CALLS)]
    await asyncio.wait(calls)
    ended = Counter("cancelled" if each.cancelled() else "failed" if each.exception() else "done" for each in calls)
    print(f"connections lost: {LOST}; calls:", dict(ended))
    assert ended["cancelled"] > 30, "this has changed"
    await runner.cleanup()


asyncio.run(main())
PYTHON
