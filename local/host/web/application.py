"""The web server's front: sends each request to the functions, the durable API or the admin API."""

from dataclasses import dataclass
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ..management.api import ManagementApi
from ..management.urls import RPC, WEBHOOK
from .admin import AdminEndpoint
from .functions import Doors, FunctionsEndpoint, given_key


@dataclass(frozen=True)
class Application:
    """The ASGI application on both ports; the SDK's clients have a port of their own, as in Azure."""

    functions: FunctionsEndpoint
    management: ManagementApi
    admin: AdminEndpoint
    doors: Doors
    rpc_port: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        response = await self._answer(request, _raw_path(scope))
        await response(scope, receive, send)

    async def _answer(self, request: Request, path: str) -> Response:
        server = request.scope.get("server")
        if server and server[1] == self.rpc_port:
            return await self._rpc(request, path)
        lowered = path.lower()
        if _is_under(lowered, WEBHOOK):
            return await self._webhook(request, path)
        if _is_under(lowered, "/admin"):
            return await self.admin.answer(request, path, given_key(request))
        if _is_under(lowered, "/runtime"):
            return Response(status_code=404)
        return await self.functions.answer(request, path)

    async def _rpc(self, request: Request, path: str) -> Response:
        if not _is_under(path.lower(), RPC):
            return Response(status_code=404)
        return await self.management.answer(request, _parts(path, RPC))

    async def _webhook(self, request: Request, path: str) -> Response:
        if not self.doors.open and not self.doors.keys.opens_durable(given_key(request)):
            return Response(status_code=401)
        return await self.management.answer(request, _parts(path, WEBHOOK))


def _raw_path(scope: Scope) -> str:
    """Give the path as it was sent: an encoded slash is no slash."""
    raw = scope.get("raw_path")
    return str(raw.decode("latin-1").partition("?")[0] if raw else scope["path"])


def _is_under(path: str, root: str) -> bool:
    return path == root or path.startswith(f"{root}/")


def _parts(path: str, root: str) -> tuple[str, ...]:
    """Give the parts of a path below the API's root; an encoded slash is a slash there, and a last one is nothing."""
    parts = [part for part in unquote(path[len(root) :]).lstrip("/").split("/") if part != "."]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return tuple(parts)
