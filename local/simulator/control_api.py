"""Serves control calls over HTTP: JSON in, JSON out, plain errors."""

import json
from collections.abc import Awaitable, Callable

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .provider import ControlCall, ControlRoute
from .world import World

Endpoint = Callable[[Request], Awaitable[Response]]


def serve(route: ControlRoute, world: Callable[[], World]) -> Route:
    """Return a starlette route for a control route."""

    async def endpoint(request: Request) -> Response:
        text = await request.body()
        current = world()
        current.settle()
        try:
            body = json.loads(text) if text else None
            params, query = dict(request.path_params), dict(request.query_params)
            answer = route.handler(ControlCall(current, params, query, body))
        except ValidationError as problem:
            return JSONResponse({"error": json.loads(problem.json(include_url=False))}, 400)
        except KeyError as problem:
            return JSONResponse({"error": f"not found: {problem}"}, 404)
        except (ValueError, TypeError) as problem:
            return JSONResponse({"error": str(problem)}, 400)
        return JSONResponse(answer)

    return Route(route.path, endpoint, methods=[route.method])
