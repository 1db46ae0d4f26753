"""ARM's front door: authentication, versions, throttling, ids, faults and the log around each provider's handler."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from pydantic_core import to_json

from . import refusals
from .arm import Call, Raw, Reply, Route
from .errors import ArmError
from .faults import Fault
from .grants import check
from .log import Entry
from .operations import stamp
from .router import Router, operation_name
from .world import World


@dataclass(frozen=True)
class Request:
    """An HTTP request as it came in; header names are lower-case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What goes back; `dropped` means the connection ends without an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    dropped: bool = False


class Front:
    """Answers requests to ARM, one after another."""

    def __init__(self, routes: tuple[Route, ...]) -> None:
        self._router = Router(routes)
        self._names = {(route.method, route.path): operation_name(route.method, route.path) for route in routes}

    def answer(self, world: World, request: Request) -> Answer:
        """Settle the world, answer, and log."""
        world.settle()
        ids = _Ids(world.new_request_id(), request.headers.get("x-ms-client-request-id") or world.new_request_id())
        operation = ""
        route: Route | None = None
        params: Mapping[str, str] = {}
        refusal: ArmError | None = None
        try:
            route, params = self._router.find(request.method, request.path)
            operation = self._names[(route.method, route.path)]
        except ArmError as problem:
            refusal = problem
        fault = world.faults.for_request(
            ("drop-before", "throttle", "server-error", "refused"), operation, request.path
        )
        if fault is not None:
            reply = _fault_reply(fault)
        elif refusal is not None or route is None:
            reply = _refused(refusal or ArmError(404, "NotFound", request.path), ids)
        else:
            reply = _handle(world, route, operation, params, request, ids)
            fault = _drop_after(world, operation, request, reply)
        dropped = fault is not None and fault.kind.startswith("drop")
        _log(world, request, operation, reply, ids, fault)
        return _answer(reply, ids, dropped)


@dataclass(frozen=True)
class _Ids:
    request: str
    client: str


def _handle(
    world: World, route: Route, operation: str, params: Mapping[str, str], request: Request, ids: _Ids
) -> Reply:
    try:
        _authenticate(world, request)
        query = {name.lower(): value for name, value in parse_qsl(request.query, keep_blank_values=True)}
        _check_version(route, query)
        check(world, operation, request.path)
        left = world.throttle.take(_subscription(request.path), request.method, world.now)
        call = Call(
            method=request.method,
            path=request.path,
            origin=f"http://{request.headers.get('host', '127.0.0.1')}",
            params=params,
            query=query,
            headers=request.headers,
            body=_body(request),
            now=world.now,
            request_id=ids.request,
            client_request_id=ids.client,
            world=world,
        )
        reply = route.handler(call)
    except ArmError as problem:
        return _refused(problem, ids)
    return Reply(reply.status, reply.body, {**left, **reply.headers}, reply.effect)


def _subscription(path: str) -> str:
    parts = path.strip("/").split("/")
    return parts[1] if len(parts) > 1 and parts[0].lower() == "subscriptions" else ""


def _authenticate(world: World, request: Request) -> None:
    if request.headers.get("authorization", "").lower().startswith("bearer "):
        return
    challenge = f'Bearer authorization_uri="https://login.windows.net/{world.settings.tenant}", error="invalid_token"'
    message = "Authentication failed. The 'Authorization' header is missing."
    raise ArmError(401, "AuthenticationFailed", message, headers={"WWW-Authenticate": challenge})


def _check_version(route: Route, query: Mapping[str, str]) -> None:
    version = query.get("api-version")
    if not version:
        message = "The api-version query parameter (?api-version=) is required for all requests."
        raise ArmError(400, "MissingApiVersionParameter", message)
    if route.versions and version.lower() not in route.versions:
        supported = ",".join(sorted(route.versions))
        message = f"The api-version '{version}' is invalid. The supported versions are '{supported}'."
        raise ArmError(400, "InvalidApiVersionParameter", message)


def _body(request: Request) -> Any:
    if not request.body:
        return None
    try:
        return json.loads(request.body)
    except ValueError as problem:
        message = "The request content was invalid and could not be deserialized."
        raise ArmError(400, "InvalidRequestContent", message) from problem


def _refused(problem: ArmError, ids: _Ids) -> Reply:
    return Reply(problem.status, problem.as_json(ids.client, ids.request), problem.headers, f"refused {problem.code}")


def _fault_reply(fault: Fault) -> Reply:
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    if fault.kind == "throttle":
        headers.setdefault("Retry-After", "10")
        problem = ArmError(429, fault.code or "TooManyRequests", fault.message or "Too many requests.")
        return Reply(429, problem.as_json("", ""), headers)
    if fault.kind == "server-error":
        problem = ArmError(fault.status, fault.code or "InternalServerError", fault.message or "The server failed.")
        return Reply(fault.status, problem.as_json("", ""), headers)
    if fault.kind == "refused":
        reply = refusals.reply(fault)
        return Reply(reply.status, reply.body, {**headers, **reply.headers})
    return Reply(0)


def _drop_after(world: World, operation: str, request: Request, reply: Reply) -> Fault | None:
    if reply.status >= 400:
        return None
    return world.faults.for_request(("drop-after",), operation, request.path)


def _log(world: World, request: Request, operation: str, reply: Reply, ids: _Ids, fault: Fault | None) -> None:
    entry = Entry(
        number=len(world.log) + 1,
        at=stamp(world.now) or "",
        method=request.method,
        path=request.path,
        query=request.query[:200],
        operation=operation,
        status=0 if fault is not None and fault.kind.startswith("drop") else reply.status,
        client_request_id=ids.client,
        request_id=reply.headers.get("x-ms-request-id", ids.request),
        effect=reply.effect,
        fault=fault.kind if fault else "",
    )
    world.log.add(entry)


def _answer(reply: Reply, ids: _Ids, dropped: bool) -> Answer:
    headers = {
        "cache-control": "no-cache",
        "pragma": "no-cache",
        "x-content-type-options": "nosniff",
        "x-ms-request-id": ids.request,
        "x-ms-correlation-request-id": ids.request,
        "x-ms-routing-request-id": f"LOCAL:{ids.request}",
        "x-ms-client-request-id": ids.client,
        # in their own case: clients that look into a plain dict find `Location` as the real service writes it
        **reply.headers,
    }
    body = b""
    if isinstance(reply.body, Raw):
        body = reply.body.text.encode()
        headers["content-type"] = reply.body.content_type
    elif reply.body is not None:
        body = to_json(reply.body)
        headers["content-type"] = "application/json; charset=utf-8"
    if reply.status != 204:
        headers["content-length"] = str(len(body))
    return Answer(reply.status, headers, body, dropped)
