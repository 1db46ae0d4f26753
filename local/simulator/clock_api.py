"""The clock over HTTP: what hosts, stand-ins and drivers ask under `/control/clock`."""

import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .clock import Clock, iso, parse_iso

_POLL = 1.0
_DURATION = TypeAdapter(timedelta)


Endpoint = Callable[[Request], Awaitable[Response]]


def _guarded(handler: Endpoint) -> Endpoint:
    """Return a handler that answers 400 to what it cannot take."""

    async def endpoint(request: Request) -> Response:
        try:
            return await handler(request)
        except (ValueError, KeyError, TypeError) as problem:
            return JSONResponse({"error": str(problem)}, 400)

    return endpoint


class ClockApi:
    """The routes of one clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def routes(self, prefix: str) -> list[Route]:
        """Return the routes under a prefix."""
        made = (
            (prefix, self.read, "GET"),
            (prefix, self.move, "POST"),
            (f"{prefix}/idle", self.idle, "POST"),
            (f"{prefix}/busy", self.busy, "POST"),
            (f"{prefix}/holds/{{name}}", self.hold, "PUT"),
            (f"{prefix}/holds/{{name}}", self.release, "DELETE"),
            (f"{prefix}/actors/{{name}}", self.register, "PUT"),
            (f"{prefix}/actors/{{name}}", self.unregister, "DELETE"),
            (f"{prefix}/actors/{{name}}/turn", self.turn, "GET"),
            (f"{prefix}/actors/{{name}}/turn", self.answer, "POST"),
        )
        return [Route(path, _guarded(handler), methods=[method]) for path, handler, method in made]

    def _state(self) -> Response:
        return JSONResponse(self._clock.as_json())

    async def read(self, _: Request) -> Response:
        """Answer the clock."""
        return self._state()

    async def move(self, request: Request) -> Response:
        """Advance, go to a moment, or set the horizon."""
        body: dict[str, Any] = await request.json()
        if "until" in body:
            self._clock.until = parse_iso(body["until"]) if body["until"] else None
        if "advance" in body:
            self._clock.jump(self._clock.now() + _DURATION.validate_python(body["advance"]))
        if "to" in body:
            self._clock.jump(parse_iso(body["to"]))
        self._clock.notify()
        self._clock.try_jump()
        return self._state()

    async def idle(self, request: Request) -> Response:
        """Take an idle report; answer when the epoch changed or the report was dropped, at the latest after a second."""
        body: dict[str, Any] = await request.json()
        name, epoch = str(body["participant"]), int(body["epoch"])
        due = parse_iso(body["due"]) if body.get("due") else None
        self._clock.idle(name, epoch, due)
        end = time.monotonic() + _POLL
        while self._clock.mode == "skipping" and self._clock.epoch == epoch and (left := end - time.monotonic()) > 0:
            # A hold or lease that runs out makes no noise, so look now and then.
            await self._clock.changed(min(left, 0.1))
            if not self._clock.reported(name):
                break
            self._clock.try_jump()
        return self._state()

    async def busy(self, request: Request) -> Response:
        """Take an idle report back."""
        body: dict[str, Any] = await request.json()
        self._clock.busy(str(body["participant"]))
        return self._state()

    async def hold(self, request: Request) -> Response:
        """Hold the clock."""
        self._clock.hold(request.path_params["name"], float(request.query_params.get("lease", "5")))
        return self._state()

    async def release(self, request: Request) -> Response:
        """End a hold."""
        self._clock.release(request.path_params["name"])
        return self._state()

    async def register(self, request: Request) -> Response:
        """Register an actor or renew its lease."""
        self._clock.register(request.path_params["name"], float(request.query_params.get("lease", "5")))
        return self._state()

    async def unregister(self, request: Request) -> Response:
        """Forget an actor."""
        self._clock.unregister(request.path_params["name"])
        return self._state()

    async def turn(self, request: Request) -> Response:
        """Answer the proposed jump of this epoch, or that all stand still at the horizon; `lease` renews the actor's.

        It waits up to `wait` seconds for either; who has no lease, and so only looks on, also for the end of all that is due.
        """
        if "lease" in request.query_params:
            await self.register(request)
        end = time.monotonic() + min(float(request.query_params.get("wait", "0")), 30.0)
        looks_on = "lease" not in request.query_params
        while not (self._has_turn() or (looks_on and self._clock.is_over())) and (left := end - time.monotonic()) > 0:
            await self._clock.changed(min(left, 0.1))
        proposed, still = self._clock.proposal(), self._clock.stands_still()
        answer = {"proposed": iso(proposed) if proposed else None, "still": still, "epoch": self._clock.epoch}
        return JSONResponse({**answer, "over": self._clock.is_over(), "now": iso(self._clock.now())})

    def _has_turn(self) -> bool:
        return self._clock.proposal() is not None or self._clock.stands_still()

    async def answer(self, request: Request) -> Response:
        """Take an actor's answer to a proposal."""
        body: dict[str, Any] = await request.json()
        self._clock.consent(request.path_params["name"], int(body["epoch"]), bool(body["proceed"]))
        return self._state()
