"""Small pieces of wire shape that all of Site Recovery's routes share."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from ..arm import Call, Handler, Reply, Route
from ..operations import operations_of, result_reply, status_reply
from . import ids
from .lookup import vault_of
from .state import Json


def route(method: str, path: str, handler: Handler) -> Route:
    """Return a route of Site Recovery's api-version; its answers name the request as the service does.

    Recorded: without a job, x-ms-request-id is the client's own id and the time of day, American style.
    """

    def named(call: Call) -> Reply:
        reply = handler(call)
        if "x-ms-request-id" in reply.headers:
            return reply
        request = f"{call.client_request_id} {_american(call.now)}"
        return Reply(reply.status, reply.body, {**reply.headers, "x-ms-request-id": request}, reply.effect)

    return Route(method, path, named, ids.VERSIONS)


def _american(moment: datetime) -> str:
    hour = moment.hour % 12 or 12
    half = "AM" if moment.hour < 12 else "PM"
    return f"{moment.month}/{moment.day}/{moment.year} {hour}:{moment:%M:%S} {half}"


def listing(call: Call, rows: list[Json], more: Mapping[str, str] | None = None) -> Reply:
    """Return a page (recorded: `nextLink` is null on the last one); `more` are the query values of the next page."""
    link = None
    if more:
        kept = {name: value for name, value in call.query.items() if name not in {key.lower() for key in more}}
        query = "&".join(f"{quote(name, safe='$')}={quote(value)}" for name, value in {**kept, **more}.items())
        link = f"{call.origin}{call.path}?{query}"
    return Reply(200, {"value": rows, "nextLink": link})


def results_route(resource: str) -> Route:
    """Return the route of a resource's operation results."""
    return route("GET", f"{resource}/operationresults/{{operation}}", _results)


def _results(call: Call) -> Reply:
    vault_of(call)
    return result_reply(call, operations_of(call.world).get(call.params["operation"]))


def _status(call: Call) -> Reply:
    vault_of(call)
    return status_reply(call, operations_of(call.world).get(call.params["operation"]))


ROUTES: tuple[Route, ...] = (
    route("GET", f"{ids.VAULT}/replicationOperationStatus/{{operation}}", _status),
    results_route(ids.VAULT),
)
