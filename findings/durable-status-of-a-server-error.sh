#!/usr/bin/env bash
# azure-functions-durable 1.7.0: get_status answers a bad request, an unknown id and a server error with one and the same status.
#
# Guess: only a 404 gives the empty status ("there is no such instance"); other errors raise.
# Seen: 400, 404 and 500 all give an equal, falsy status, while 401 and 503 raise. And that empty status cannot be shown:
#       its to_json() raises AttributeError, as it has no times.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-functions-durable==1.7.0 aiohttp==3.14.5
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import json

from aiohttp import web
from azure.durable_functions import DurableOrchestrationClient


async def answered(code):
    async def answer(_):
        return web.json_response({"Message": "said by the server"}, status=code)

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
        return await client.get_status("ship")
    except Exception as error:
        return error
    finally:
        await runner.cleanup()


async def main():
    for code in (400, 404, 500):
        status = await answered(code)
        print(code, "->", type(status).__name__, "truthy" if status else "falsy")
        assert not status, "this has changed"
        try:
            status.to_json()
        except AttributeError as error:
            print("       to_json:", error)
        else:
            raise AssertionError("this has changed: to_json works")
    for code in (401, 503):
        error = await answered(code)
        print(code, "->", type(error).__name__, error)
        assert isinstance(error, Exception), "this has changed"


asyncio.run(main())
PYTHON
