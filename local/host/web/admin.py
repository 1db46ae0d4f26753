"""The few calls of the host's admin API that people use on one machine: its state, and running a function by hand."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .keys import Keys

Fire = Callable[[], Awaitable[None]]


class AdminEndpoint:
    """Answers `/admin/...` for who has the master key."""

    def __init__(self, keys: Keys, timers: Mapping[str, Fire], *, is_open: bool) -> None:
        self._keys = keys
        self._timers = {name.lower(): fire for name, fire in timers.items()}
        self._open = is_open

    async def answer(self, request: Request, path: str, key: str | None) -> Response:
        """Answer one call; what this host does not have is a 404."""
        if not self._open and not self._keys.opens_admin(key):
            return Response(status_code=401)
        match (request.method, *path.lower().strip("/").split("/")):
            case ("GET", "admin", "host", "status"):
                return JSONResponse({"state": "Running", "version": "4.0"})
            case ("GET" | "POST", "admin", "host", "ping"):
                return Response(status_code=200)
            case ("POST", "admin", "functions", name) if name in self._timers:
                await self._timers[name]()
                return Response(status_code=202)
        return Response(status_code=404)
