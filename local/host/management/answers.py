"""The answers of the durable management API: always JSON or empty."""

from typing import Any

from starlette.responses import JSONResponse, Response

from ..durable.problems import (
    BadInstanceId,
    BadPayload,
    DurableProblem,
    Gone,
    NotFound,
    UnknownFunction,
)

RUNNING = ("Running", "Pending", "Suspended", "ContinuedAsNew")
STATUS_OF = {UnknownFunction: 400, BadInstanceId: 400, BadPayload: 400, NotFound: 404, Gone: 410}


def refused(problem: DurableProblem) -> Response:
    """Give the answer to a call that the engine refused; what has no status of its own is a 500 (read in sources)."""
    status = STATUS_OF.get(type(problem), 500)
    if status in (404, 410):
        return Response(status_code=status)
    return error(status, str(problem), type(problem).__name__)


def error(status: int, text: str, kind: str = "ArgumentException") -> Response:
    """Give an error with the members that the SDK looks for."""
    body = {"Message": "Something went wrong while processing your request", "ExceptionMessage": text}
    return JSONResponse(body | {"ExceptionType": kind}, status_code=status)


def not_found() -> Response:
    """Give the answer for whatever is not there, wrong verbs too."""
    return Response(status_code=404)


def accepted() -> Response:
    """Give the answer to a message that was kept."""
    return Response(status_code=202)


def started(urls: dict[str, str]) -> Response:
    """Give the answer to a start or a restart."""
    return JSONResponse(urls, status_code=202, headers={"Location": urls["statusQueryGetUri"], "Retry-After": "10"})


def status(found: dict[str, Any], location: str, *, failure_is_500: bool) -> Response:
    """Give an instance's status: 202 while it runs, 200 when it has ended."""
    if found["runtimeStatus"] in RUNNING:
        return JSONResponse(found, status_code=202, headers={"Location": location, "Retry-After": "5"})
    failed = found["runtimeStatus"] == "Failed"
    return JSONResponse(found, status_code=500 if failed and failure_is_500 else 200)
