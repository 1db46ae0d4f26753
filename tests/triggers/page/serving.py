"""The app's own functions behind a server on loopback, for a page in a browser; what it sends is counted."""

from contextlib import contextmanager
from dataclasses import dataclass, field

import azure.functions as func
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from tests import loopback
from tests.triggers.conftest import FUNCTIONS, NotingClient, match, run


@dataclass
class Served:
    """The app on loopback, and how many bytes it sent for which path."""

    url: str
    sent: list = field(default_factory=list)
    signed_out: bool = False  # the platform leads to the sign-in, as it does where a session is over


@contextmanager
def serving():
    """Serve the app within a block."""
    client = NotingClient()
    served = Served("")

    async def serve(request):
        body = await request.body()
        if served.signed_out and request.url.path.startswith("/api/"):
            return RedirectResponse("https://login.example/authorize", 302)
        answer = await run_in_threadpool(_called, request, body, client)
        served.sent.append((request.method, request.url.path, answer.status_code, len(answer.get_body() or b"")))
        headers = dict(answer.headers) | {"content-type": f"{answer.mimetype}; charset=utf-8"}
        return Response(answer.get_body(), answer.status_code, headers)

    app = Starlette(routes=[Route("/{path:path}", serve, methods=["GET", "POST", "PATCH"])])
    with loopback.serving(app, log_level="critical", lifespan="off") as served.url:
        yield served


def _called(request, body, client):
    if request.url.path == "/api/health/details":  # it asks a queue, and there is none in memory
        return func.HttpResponse("{}", mimetype="application/json")
    for trigger, function in FUNCTIONS.values():
        if trigger.type != "httpTrigger" or request.method not in [each.value for each in trigger.methods or ()]:
            continue
        found = match(trigger.route, request.url.path)
        if found is not None:
            http_request = func.HttpRequest(
                request.method,
                str(request.url),
                headers=dict(request.headers),
                params=dict(request.query_params),
                route_params=found,
                body=body,
            )
            return run(function, http_request, client)
    return func.HttpResponse("nothing here", status_code=404)
