"""The durable management API, for users (with a key) and for the SDK's client (its own loopback port)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..durable.engine import Engine
from ..durable.problems import DurableProblem
from ..web.body import CutOffError, TooLargeError, limit, read_body
from . import answers
from .filters import BadFilterError, flag, query_of
from .urls import Urls

CONTINUATION = "x-ms-continuation-token"


@dataclass(frozen=True)
class Call:
    """One call: the path below the API's root, in decoded parts, and the request."""

    parts: tuple[str, ...]
    request: Request
    origin: str | None
    body: str

    @property
    def parameters(self) -> QueryParams:
        """The query parameters."""
        return self.request.query_params

    @property
    def reason(self) -> str:
        """Why, as the caller says it."""
        return self.parameters.get("reason", "")


class ManagementApi:
    """Answers the calls of the durable HTTP API."""

    def __init__(self, engine: Engine, urls: Urls) -> None:
        self._engine = engine
        self._urls = urls
        self._calls: dict[tuple[str, ...], Callable[[Call], Awaitable[Response]]] = {
            ("POST", "orchestrators", "*"): self._start,
            ("POST", "orchestrators", "*", "*"): self._start,
            ("GET", "instances"): self._list,
            ("DELETE", "instances"): self._purge_by,
            ("GET", "instances", "*"): self._status,
            ("DELETE", "instances", "*"): self._purge,
            ("POST", "instances", "*", "raiseevent", "*"): self._raise_event,
            ("POST", "instances", "*", "terminate"): self._terminate,
            ("POST", "instances", "*", "suspend"): self._suspend,
            ("POST", "instances", "*", "resume"): self._resume,
            ("POST", "instances", "*", "rewind"): self._rewind,
            ("POST", "instances", "*", "restart"): self._restart,
        }

    async def answer(self, request: Request, parts: tuple[str, ...], origin: str | None) -> Response:
        """Answer one call; `origin` is where the caller's URLs shall point, None for this host's own."""
        try:
            body = (await read_body(request, limit())).decode()
        except TooLargeError:
            return answers.error(413, "The body is too large.")
        except CutOffError:
            return answers.error(400, "The body was cut off.")
        except UnicodeDecodeError:
            return answers.error(400, "The body is not UTF-8 text.")
        try:
            with self._engine.busy():
                return await self._answer(Call(parts, request, origin, body))
        except DurableProblem as problem:
            return answers.refused(problem)
        except BadFilterError as bad:
            return answers.error(400, str(bad))

    async def _answer(self, call: Call) -> Response:
        hub = call.parameters.get("taskHub", self._urls.hub)
        if hub.lower() != self._urls.hub.lower():
            return answers.error(400, f"This host has the task hub {self._urls.hub} only, not {hub}.")
        if call.parts[0].lower() == "entities":
            return answers.error(501, "Durable entities are not supported by this host.", "NotImplementedException")
        handle = self._calls.get((call.request.method, *_shape(call.parts)))
        return await handle(call) if handle else answers.not_found()

    async def _start(self, call: Call) -> Response:
        instance_id = call.parts[2] if len(call.parts) > 2 and call.parts[2] else None
        version = call.parameters.get("version")
        made = await self._engine.create(call.parts[1], call.body or None, instance_id, version)
        return answers.started(self._urls.management(made, call.origin))

    async def _list(self, call: Call) -> Response:
        query = query_of(call.parameters, call.request.headers.get(CONTINUATION))
        page = await self._engine.query(query)
        headers = {CONTINUATION: page.continuation} if page.continuation else None
        return JSONResponse(page.items, headers=headers)

    async def _status(self, call: Call) -> Response:
        found = await self._engine.status(
            call.parts[1],
            show_input=flag(call.parameters, "showInput", default=True),
            show_history=flag(call.parameters, "showHistory", default=False),
            show_history_output=flag(call.parameters, "showHistoryOutput", default=False),
        )
        if found is None:
            return answers.not_found()
        location = self._urls.management(call.parts[1], call.origin)["statusQueryGetUri"]
        loud = flag(call.parameters, "returnInternalServerErrorOnFailure", default=False)
        return answers.status(found, location, failure_is_500=loud)

    async def _purge(self, call: Call) -> Response:
        return _purged(await self._engine.purge(call.parts[1]))

    async def _purge_by(self, call: Call) -> Response:
        query = query_of(call.parameters, None)
        if query.created_from is None:
            return answers.error(400, "Please provide value for 'createdTimeFrom' parameter.")
        return _purged(await self._engine.purge_by(query))

    async def _raise_event(self, call: Call) -> Response:
        kind = call.request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            return answers.error(400, "Only application/json request content is supported")
        await self._engine.raise_event(call.parts[1], call.parts[3], call.body or "null")
        return answers.accepted()

    async def _terminate(self, call: Call) -> Response:
        await self._engine.terminate(call.parts[1], call.reason)
        return answers.accepted()

    async def _suspend(self, call: Call) -> Response:
        await self._engine.suspend(call.parts[1], call.reason)
        return answers.accepted()

    async def _resume(self, call: Call) -> Response:
        await self._engine.resume(call.parts[1], call.reason)
        return answers.accepted()

    async def _rewind(self, call: Call) -> Response:
        await self._engine.rewind(call.parts[1], call.reason)
        return answers.accepted()

    async def _restart(self, call: Call) -> Response:
        fresh = flag(call.parameters, "restartWithNewInstanceId", default=True)
        made = await self._engine.restart(call.parts[1], new_instance_id=fresh)
        return answers.started(self._urls.management(made, call.origin))


def _shape(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Give a path's form: names and ids become `*`, `instances/` is `instances`."""
    parts = parts[:-1] if parts[-1] == "" else parts
    is_start = parts[:1] and parts[0].lower() == "orchestrators"
    fixed = (0,) if is_start else (0, 2)
    return tuple(part.lower() if at in fixed else "*" for at, part in enumerate(parts))


def _purged(count: int) -> Response:
    return JSONResponse({"instancesDeleted": count}) if count else answers.not_found()
