"""Turns a web request into what a function takes, and what it gave into a web response."""

from typing import Any

import azure.functions as func
from azure.functions import meta
from azure.functions.http import HttpRequest, HttpResponseConverter
from starlette.requests import Request
from starlette.responses import Response

WITHOUT_BODY = (204, 205, 304)
# The server frames the message itself, as Azure's front end does.
FRAMING = ("content-length", "transfer-encoding", "connection")


def to_function(request: Request, route: dict[str, str], body: bytes) -> func.HttpRequest:
    """Return the request as the Python worker gives it.

    Values of one header or parameter are joined by commas; a parameter without a value is left out.
    """
    return HttpRequest(
        method=request.method,
        url=str(request.url),
        headers=_joined(request.headers.items()),
        params=_joined([pair for pair in request.query_params.multi_items() if pair[1]]),
        route_params=route,
        body_type="bytes",
        body=body,
    )


def to_response(returned: Any) -> Response:
    """Give the response for a str or HttpResponse; raises TypeError for anything else, as the worker does.

    Of a header that was added twice the last stays (the worker sends a map); cookies all stay.
    """
    try:
        datum = HttpResponseConverter.encode(returned, expected_type=None)
    except NotImplementedError as error:
        raise TypeError(
            f'unable to encode outgoing TypedData: unsupported type "http" for Python type "{type(returned).__name__}"'
        ) from error
    if datum.type == "string":
        return Response(datum.value, media_type="text/plain")
    return _of_parts(datum.value)


def _of_parts(parts: dict[str, Any]) -> Response:
    body: meta.Datum = parts["body"]
    status = int(parts["status_code"].value)
    response = Response(b"" if status in WITHOUT_BODY else body.value, status_code=status)
    for name, value in parts["headers"].items():
        if name.lower() not in FRAMING:
            response.headers[name] = value.value
    for cookies in parts["cookies"] or ():
        for cookie in cookies.values():
            response.headers.append("set-cookie", cookie.OutputString())
    return response


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = f"{found[name]},{value}" if name in found else value
    return found
