"""Answers requests by running the app's HTTP functions."""

import asyncio
import logging
import os
from contextlib import nullcontext
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ..function import Function
from ..holding import Busy, Hold
from ..host_json import HttpSettings
from ..invocation import Invoker
from ..outputs import Outputs
from .body import CutOffError, TooLargeError, limit, read_body
from .exchange import to_function, to_response
from .keys import Keys
from .path import BadPathError, decode_path
from .routes import Found, Route, find

logger = logging.getLogger("host")

# Whoever holds a skipping clock by itself while it asks says so: a look that changes nothing needs no second hold.
CLOCK_IS_HELD = "x-local-clock-is-held"
HOME_OFF = "AzureWebJobsDisableHomepage"
HOME = "<!doctype html><title>Functions host</title><h1>Your function app is up and running</h1>"


@dataclass(frozen=True)
class Doors:
    """Who may come in: the keys, or nobody is asked for one; whether a wrong method is told apart from a wrong path."""

    keys: Keys
    open: bool = False
    wrong_method_404: bool = False

    def admit(self, request: Request, route: Route) -> bool:
        """Say whether the request carries what the route's level asks for."""
        given = given_key(request)
        if self.open or route.level == "anonymous":
            return True
        if route.level == "admin":
            return self.keys.opens_admin(given)
        return self.keys.opens_function(given, route.function.name)


def given_key(request: Request) -> str | None:
    """Give the access key of a request: the header goes before the query."""
    return request.headers.get("x-functions-key") or request.query_params.get("code")


class FunctionsEndpoint:
    """The part of the web server that belongs to the app."""

    def __init__(
        self,
        routes: tuple[Route, ...],
        settings: HttpSettings,
        doors: Doors,
        invoker: Invoker,
        outputs: Outputs,
        busy: Busy,
    ) -> None:
        self._routes = routes
        self._doors = doors
        self._invoker = invoker
        self._outputs = outputs
        self._busy = busy
        self._most = limit()
        self._outstanding = 0
        self._settings = settings
        self._running = asyncio.Semaphore(settings.max_concurrent) if settings.max_concurrent > 0 else None

    async def answer(self, request: Request, path: str) -> Response:
        """Answer one request; a failed function is a 500 without a body, as in Azure."""
        try:
            decoded = decode_path(path)
        except BadPathError:
            return Response(status_code=400)
        found = find(self._routes, request.method, decoded)
        if not isinstance(found, Found):
            return self._missing(decoded, found)
        if not self._doors.admit(request, found.route):
            return Response(status_code=401)
        if 0 <= self._settings.max_outstanding <= self._outstanding:
            return Response(status_code=429)
        return await self._counted(request, found)

    def _missing(self, path: str, allowed: frozenset[str]) -> Response:
        if path == "/":
            # Where no function answers the root: documented and by source, for any method.
            return Response(status_code=204) if _home_is_off() else HTMLResponse(HOME)
        if allowed and not self._doors.wrong_method_404:
            return Response(status_code=405, headers={"Allow": ", ".join(sorted(allowed))})
        return Response(status_code=404)

    async def _counted(self, request: Request, found: Found) -> Response:
        self._outstanding += 1
        try:
            with Hold(nullcontext if _is_held(request) else self._busy) as hold:
                return await self._queued(request, found, hold)
        finally:
            self._outstanding -= 1

    async def _queued(self, request: Request, found: Found, hold: Hold) -> Response:
        try:
            body = await read_body(request, self._most)
        except TooLargeError:
            return Response(status_code=413)
        except CutOffError:
            return Response(status_code=400)
        if self._running is None:
            return await self._run(request, found, body, hold)
        async with self._running:
            return await self._run(request, found, body, hold)

    async def _run(self, request: Request, found: Found, body: bytes, hold: Hold) -> Response:
        function: Function = found.route.function
        argument = to_function(request, found.values, body)
        reason = "This function was programmatically called via the host APIs."
        try:
            result = await self._invoker.invoke(function, argument, reason, hold)
        except Exception:  # noqa: BLE001 - the invoker has logged it
            return Response(status_code=500)
        hold.take()
        try:
            await self._outputs.write(function, result)
            return to_response(result.returned)
        except Exception:
            logger.exception("What the function %s gave cannot be sent", function.name)
            return Response(status_code=500)


def _is_held(request: Request) -> bool:
    return request.method == "GET" and CLOCK_IS_HELD in request.headers


def _home_is_off() -> bool:
    return os.environ.get(HOME_OFF, "").strip().lower() == "true"
