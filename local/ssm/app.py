"""The web application of the stand-in: AWS JSON 1.1 on `/`, its own control API under `/control`."""

import json
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .errors import SsmError
from .kept import Keeper
from .machines import Fault, Instance, Outcome
from .operations import OPERATIONS, Call
from .reach import Reach
from .service import Service
from .shapes import command_shape
from .world import World

_SCOPE = re.compile(r"AWS4-HMAC-SHA256 Credential=[^/]+/\d{8}/(?P<region>[^/]+)/ssm/aws4_request")
_INSTANCES = TypeAdapter(list[Instance])
_OUTCOMES = TypeAdapter(list[Outcome])
_PLACES = TypeAdapter(list[str])


def create_app(world: World, reach: Reach | None = None, kept: Path | None = None) -> Starlette:
    """Make the stand-in; `world` is its clock and its way to the simulator, `reach` its look at security groups.

    `app.state.service` holds its state.

    `kept` = the file in which it keeps its state; without one the state ends with the process.
    """
    service = Service(world.register, reach)
    keeping = [Middleware(BaseHTTPMiddleware, dispatch=Keeper(service, kept))] if kept else []

    async def rpc(request: Request) -> Response:
        try:
            return _reply(await _answer(service, world, request))
        except httpx.HTTPError as error:
            return _fail(SsmError("InternalServerError", str(error), 500))
        except SsmError as error:
            return _fail(error)

    async def commands(_: Request) -> Response:
        now = await world.now()
        return JSONResponse([command_shape(each, now) for each in service.commands.values()])

    async def calls(_: Request) -> Response:
        return JSONResponse(service.calls)

    shown = [Route("/control/commands", commands), Route("/control/calls", calls)]
    routes = [Route("/", rpc, methods=["POST"]), *shown, *_control(service), *_files(service)]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await world.close()
        service.reach.close()

    handlers: Any = {ValidationError: _bad_control}
    app = Starlette(routes=routes, middleware=keeping, exception_handlers=handlers, lifespan=lifespan)
    app.state.service = service
    return app


def _control(service: Service) -> list[Route]:
    async def put_instances(request: Request) -> Response:
        for instance in _INSTANCES.validate_json(await request.body()):
            service.put(instance)
        return Response(status_code=204)

    async def list_instances(_: Request) -> Response:
        return JSONResponse(_INSTANCES.dump_python(list(service.instances.values()), mode="json", by_alias=True))

    async def put_outcomes(request: Request) -> Response:
        instance = service.instances.get(request.path_params["id"])
        if instance is None:
            return JSONResponse({"error": "no such instance"}, 404)
        outcomes = tuple(_OUTCOMES.validate_json(await request.body()))
        service.put(instance.model_copy(update={"outcomes": outcomes}))
        return Response(status_code=204)

    async def power(request: Request) -> Response:
        instance = service.instances.get(request.path_params["id"])
        if instance is None:
            return JSONResponse({"error": "no such instance"}, 404)
        on = bool((await _body(request))["on"])
        service.instances[instance.instance_id] = instance.model_copy(update={"powered_on": on})
        return Response(status_code=204)

    async def add_fault(request: Request) -> Response:
        service.faults.append(Fault.model_validate_json(await request.body()))
        return Response(status_code=204)

    async def reset(_: Request) -> Response:
        service.reset()
        return Response(status_code=204)

    return [
        Route("/control/instances", list_instances, methods=["GET"]),
        Route("/control/instances", put_instances, methods=["PUT"]),
        Route("/control/instances/{id}/outcomes", put_outcomes, methods=["PUT"]),
        Route("/control/instances/{id}/power", power, methods=["PUT"]),
        Route("/control/faults", add_fault, methods=["POST"]),
        Route("/control/reset", reset, methods=["POST"]),
    ]


def _files(service: Service) -> list[Route]:
    """What people do with the files that agents register with."""

    async def hand_file(request: Request) -> Response:
        """Put the file that an agent registers with onto these instances, onto all without a list."""
        body = await _body(request)
        service.handed.update(body.get("instances") or service.instances)
        return Response(status_code=204)

    async def put_missing(request: Request) -> Response:
        """Say at which places no file is."""
        service.missing = set(_PLACES.validate_json(await request.body()))
        return Response(status_code=204)

    return [
        Route("/control/agent-files", hand_file, methods=["POST"]),
        Route("/control/missing-files", put_missing, methods=["PUT"]),
    ]


async def _answer(service: Service, world: World, request: Request) -> dict[str, Any]:
    operation = request.headers.get("x-amz-target", "").removeprefix("AmazonSSM.")
    if operation not in OPERATIONS:
        raise SsmError("UnknownOperationException", f"the stand-in does not serve {operation or 'this'}")
    call = Call(service, await _body(request), _region(request), await world.now())
    service.calls[operation] += 1
    _raise(service.fault(operation, after=False))
    reply = await OPERATIONS[operation](call)
    _raise(service.fault(operation, after=True))
    return reply


def _raise(fault: Fault | None) -> None:
    if fault:
        raise SsmError(fault.code, "a fault was asked for", fault.status)


def _region(request: Request) -> str:
    """Read the region out of the signature, which is not verified: any keys will do."""
    scope = _SCOPE.match(request.headers.get("authorization", ""))
    if scope is None:
        raise SsmError("MissingAuthenticationTokenException", "Missing Authentication Token")
    return scope["region"]


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise SsmError("SerializationException", "") from error
    if not isinstance(body, dict):
        raise SsmError("SerializationException", "")
    return body


def _reply(body: dict[str, Any], status: int = 200) -> Response:
    headers = {"x-amzn-RequestId": str(uuid.uuid4())}
    if status >= 400:
        headers["x-amzn-ErrorType"] = body["__type"]
    return Response(json.dumps(body), status, headers, media_type="application/x-amz-json-1.1")


def _fail(error: SsmError) -> Response:
    return _reply({"__type": error.code, "message": error.message, "Message": error.message}, error.status)


async def _bad_control(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 422)
