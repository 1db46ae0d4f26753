"""Calls of the SDK's client, whose one session is closed for all by one call that fails."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from azure.durable_functions import DurableOrchestrationClient
from azure.durable_functions.models.utils import http_utils

from shared.durable.durable_client import announce
from shared.durable.hub_calls import undisturbed
from shared.models import Announcement

MANY = 200


class Hub:
    """Takes events; the first connections are closed without an answer once the SDK's session has no free one."""

    def __init__(self, closes):
        self.heard, self._left = [], closes

    async def take(self, request):
        await asyncio.sleep(0.01)
        if self._left:
            self._left -= 1
            request.transport.close()
        self.heard.append(request.match_info["instance"])
        return web.Response(status=202)


@asynccontextmanager
async def client_of(hub):
    app = web.Application()
    app.router.add_post("/instances/{instance}/raiseEvent/{event}", hub.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    shared = vars(http_utils)  # of the process: what there is belongs to the loop of another test
    shared["_client_session"], shared["_session_lock"] = None, asyncio.Lock()
    try:
        yield DurableOrchestrationClient(
            json.dumps({"taskHubName": "hub", "managementUrls": {}, "creationUrls": {}, "rpcBaseUrl": f"{url}/"})
        )
    finally:
        await shared["_close_session"]()
        await runner.cleanup()


@pytest.mark.parametrize("closes", [0, 1])
def test_a_lost_connection_loses_none_of_many_announcements(closes):
    async def play():
        hub = Hub(closes)
        async with client_of(hub) as client:
            await announce(client, [Announcement(instance=f"i{number}", event="look") for number in range(MANY)])
        return hub.heard

    assert sorted(set(asyncio.run(play()))) == sorted(f"i{number}" for number in range(MANY))


def test_who_is_cancelled_by_what_he_waits_for_is_told_of_a_lost_connection():
    async def play():
        waits_for = asyncio.get_running_loop().create_future()
        waiting = asyncio.ensure_future(undisturbed(waits_for))
        await asyncio.sleep(0)
        waits_for.cancel()
        await waiting

    with pytest.raises(ConnectionResetError):
        asyncio.run(play())


def test_who_is_cancelled_himself_stays_cancelled():
    async def play():
        waiting = asyncio.ensure_future(undisturbed(asyncio.get_running_loop().create_future()))
        await asyncio.sleep(0)
        waiting.cancel()
        await waiting

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(play())
