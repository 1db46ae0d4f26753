"""The durable management API, for users (with a key) and for the SDK's client (its own loopback port)."""

import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from ..durable.engine import Engine
from ..durable.problems import DurableProblem
from ..web.body import CutOffError, TooLargeError, limit, read_body
from . import answers, elsewhere
from .call import CONTINUATION, Call, token_of
from .entities import EntitiesApi
from .filters import NegativeTopError, flag, listing, purging
from .starts import Starts
from .urls import Urls

NO_FROM = "Please provide value for 'createdTimeFrom' parameter."
NO_NEW_ID = "A new orchestration instance ID must be provided."
NOT_JSON = "Only application/json request content is supported"
ENDED = frozenset({"Completed", "Failed", "Terminated", "Canceled"})


class ManagementApi:
    """Answers the calls of the durable HTTP API."""

    def __init__(self, engine: Engine, urls: Urls) -> None:
        self._engine, self._urls = engine, urls
        self._starts = Starts(engine, urls)
        entities = EntitiesApi(engine)
        self._calls: dict[tuple[str, ...], Callable[[Call], Awaitable[Response]]] = {
            ("POST", "makeprimary"): self._make_primary,
            ("POST", "orchestrators", "*"): self._starts.start,
            ("POST", "orchestrators", "*", "*"): self._starts.start,
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
            ("POST", "instances", "*", "restartwithoptions"): self._restart_with_options,
            ("GET", "entities"): entities.list,
            ("GET", "entities", "*"): entities.list,
            ("GET", "entities", "*", "*"): entities.read,
            ("POST", "entities", "*", "*"): entities.signal,
            ("DELETE", "entities", "*", "*"): entities.delete,
        }

    async def answer(self, request: Request, parts: tuple[str, ...]) -> Response:
        """Answer one call."""
        try:
            body = (await read_body(request, limit())).decode()
        except TooLargeError:
            return answers.message(413, "The body is too large.")
        except CutOffError:
            return answers.message(400, "The body was cut off.")
        except UnicodeDecodeError:
            return answers.message(400, "The body is not UTF-8 text.")
        call = Call(parts, request, body)
        with self._engine.busy():
            answered = await self._answer(call)
        # Waiting for an end must not keep a skipping clock from moving.
        return await self._starts.wait(call, answered)

    async def _answer(self, call: Call) -> Response:
        handle = self._calls.get(call.shape)
        if handle is None:
            return answers.not_found()
        foreign = elsewhere.answer(call, self._urls.hub)
        if foreign is not None:
            return foreign
        try:
            return await handle(call)
        except DurableProblem as problem:
            return answers.refused(problem)
        except NegativeTopError as problem:
            return answers.error(500, str(problem), "System.ArgumentOutOfRangeException")

    async def _list(self, call: Call) -> Response:
        is_token, after = call.after()
        if not is_token:
            return answers.Json([], headers={CONTINUATION: ""})
        page = await self._engine.query(listing(call.parameters, after))
        return answers.Json(page.items, headers={CONTINUATION: token_of(page.continuation)})

    async def _status(self, call: Call) -> Response:
        found = await self._engine.status(
            call.parts[1],
            show_input=flag(call.parameters, "showInput", default=True),
            show_history=flag(call.parameters, "showHistory", default=False),
            show_history_output=flag(call.parameters, "showHistoryOutput", default=False),
        )
        if found is None:
            return answers.not_found()
        loud = flag(call.parameters, "returnInternalServerErrorOnFailure", default=False)
        return answers.status(found, str(call.request.url), failure_is_500=loud)

    async def _purge(self, call: Call) -> Response:
        return _purged(await self._engine.purge(call.parts[1]))

    async def _purge_by(self, call: Call) -> Response:
        query = purging(call.parameters)
        if query.created_from is None:
            return answers.bare(400, NO_FROM)
        return _purged(await self._engine.purge_by(query))

    async def _raise_event(self, call: Call) -> Response:
        kind = call.request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            return await self._refuse_content(call)
        await self._engine.raise_event(call.parts[1], call.parts[3], call.body)
        return answers.accepted()

    async def _refuse_content(self, call: Call) -> Response:
        """Answer an event that is no JSON, after what is wrong with its instance."""
        found = await self._engine.status(call.parts[1])
        if found is None:
            return answers.not_found()
        return Response(status_code=410) if found["runtimeStatus"] in ENDED else answers.message(400, NOT_JSON)

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
        return answers.started(self._urls.started(made, call.origin))

    async def _restart_with_options(self, call: Call) -> Response:
        new_id = _new_id(call.body)
        if not new_id:
            return answers.message(400, NO_NEW_ID)
        made = await self._engine.restart(call.parts[1], new_instance_id=True, as_id=new_id)
        return answers.started(self._urls.started(made, call.origin))

    async def _make_primary(self, _: Call) -> Response:
        return Response(status_code=200)


def _new_id(body: str) -> str | None:
    try:
        options = json.loads(body or "null")
    except ValueError:
        return None
    names = {key.lower(): value for key, value in options.items()} if isinstance(options, dict) else {}
    found = names.get("newinstanceid") or names.get("instanceid")
    return None if found is None else str(found)


def _purged(count: int) -> Response:
    return answers.Json({"instancesDeleted": count}) if count else answers.not_found()
