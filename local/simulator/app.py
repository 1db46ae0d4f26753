"""The simulator as an ASGI app: ARM at the root, the control API under `/control`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from .clock_api import ClockApi
from .control import CONTROL
from .control_api import serve
from .journal import Journal
from .keeping import Keeping, answered_at, live_again
from .options import Options
from .pipeline import Answer, Front, Request
from .providers import PROVIDERS
from .world import World

# How often a running clock looks for events that change something real (listeners), in real seconds.
_TICK = 0.1


@cache
def _front() -> Front:
    """Give what finds the routes of all providers; it keeps nothing of a world."""
    return Front(tuple(route for provider in PROVIDERS for route in provider.routes))


class Simulator:
    """One simulated Azure: a clock that lives on and a world that a reset replaces."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.clock = options.clock()
        self.journal = Journal(options.kept, self.clock) if options.kept else None
        self.clock.moved = self._moved
        self.front = _front()
        with answered_at(self.journal.began if self.journal else self.clock.now()):
            self.world = self._new_world()

    def _new_world(self) -> World:
        world = World(self.clock)
        world.throttle.enabled = self.options.throttled
        world.settings.legacy_providers = self.options.legacy_providers
        for provider in PROVIDERS:
            provider.setup(world)
        return world

    def _moved(self) -> None:
        if self.journal:
            self.journal.note_clock()
        self._settle()

    def _settle(self) -> None:
        self.world.settle()

    async def reset(self, _: HttpRequest) -> Response:
        """Begin with an empty world; the clock goes on."""
        await self.close()
        self.world = self._new_world()
        return JSONResponse({})

    async def close(self) -> None:
        """Run what the providers want to be run at the end."""
        for closer in reversed(self.world.closers):
            await closer()
        self.world.closers.clear()

    async def tick(self) -> None:
        """Keep the world settled while the clock runs by itself."""
        while self.clock.mode != "skipping":
            self._settle()
            await asyncio.sleep(_TICK)

    async def arm(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request to ARM."""
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = scope["query_string"].decode("latin-1")
        request = Request(scope["method"], scope["path"], query, headers, body)
        await _send(self.front.answer(self.world, request), scope, send)


async def _send(answer: Answer, scope: Scope, send: Send) -> None:
    if answer.dropped:
        scope["state"]["transport"].abort()
        return
    headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def create_app(options: Options) -> Starlette:
    """Return the app; `app.state.simulator` is its simulator.

    Served by `server.py`'s protocol, which lends the transport that a dropped connection needs.
    """
    simulator = Simulator(options)

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        if simulator.journal:
            await live_again(app, simulator.journal, lambda: simulator.world)
        ticking = asyncio.create_task(simulator.tick())
        yield
        ticking.cancel()
        await simulator.close()
        if simulator.journal:
            simulator.journal.close()

    control = [*CONTROL, *(route for provider in PROVIDERS for route in provider.control)]
    routes: list[Route | Mount] = [
        *ClockApi(simulator.clock).routes("/control/clock"),
        Route("/control/reset", simulator.reset, methods=["POST"]),
        *(serve(route, lambda: simulator.world) for route in control),
        Mount("/", app=simulator.arm),
    ]
    kept = [Middleware(Keeping, simulator.journal, lambda: simulator.world)] if simulator.journal else []
    app = Starlette(routes=routes, lifespan=life, middleware=kept)
    app.state.simulator = simulator
    return app
