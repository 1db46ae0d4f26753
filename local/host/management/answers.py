"""The answers of the durable management API: JSON, a bare JSON string, or nothing."""

from typing import Any

from starlette.responses import JSONResponse, Response

from ..durable.problems import (
    BadPayload,
    DurableProblem,
    Gone,
    InstanceExists,
    NotEnded,
    NotFailed,
    NotFound,
    NothingToRestart,
    NothingToRewind,
    StillRuns,
    UnknownEntity,
    WrongState,
)

RUNNING = ("Running", "Pending", "Suspended", "ContinuedAsNew")
SOMETHING = "Something went wrong while processing your request"
STACK = (
    "   at Microsoft.Azure.WebJobs.Extensions.DurableTask.HttpApiHandler.HandleRequestAsync(HttpRequestMessage request)"
)
ARGUMENT, OPERATION = "System.ArgumentException", "System.InvalidOperationException"
# What has a body of nothing but its text, as a JSON string.
BARE = {NotEnded: 412, NotFailed: 412, NothingToRewind: 404}
# What has its text as the only member.
MESSAGES = {InstanceExists: 409, UnknownEntity: 400}
EMPTY = {NotFound: 404, Gone: 410}
# What tells of an exception: its kind, and the message before it (None: the exception's own).
TOLD = {
    BadPayload: (400, "Newtonsoft.Json.JsonReaderException", "Invalid JSON content"),
    NothingToRestart: (400, ARGUMENT, "InstanceId does not match a valid orchestration instance."),
    StillRuns: (409, OPERATION, None),
    WrongState: (500, OPERATION, SOMETHING),
}


class Json(JSONResponse):
    """JSON with the content type that .NET gives it."""

    media_type = "application/json; charset=utf-8"


def refused(problem: DurableProblem) -> Response:
    """Give the answer to a call that the engine refused."""
    kind, text = type(problem), str(problem)
    if kind in BARE:
        return bare(BARE[kind], text)
    if kind in EMPTY:
        return Response(status_code=EMPTY[kind])
    if kind in MESSAGES:
        return message(MESSAGES[kind], text)
    status, exception, before = TOLD.get(kind, (500, kind.__name__, SOMETHING))
    return error(status, text, exception, before or text)


def bare(status: int, text: str) -> Response:
    """Give an answer whose body is a JSON string."""
    return Json(text, status_code=status)


def message(status: int, text: str) -> Response:
    """Give an error that came of no exception."""
    return Json({"Message": text}, status_code=status)


def error(status: int, text: str, kind: str, message: str = SOMETHING) -> Response:
    """Give an error with the members of an exception, for which the SDK looks."""
    body = {"Message": message, "ExceptionMessage": text, "ExceptionType": kind, "StackTrace": STACK}
    return Json(body, status_code=status)


def not_found() -> Response:
    """Give the answer for whatever is not there, wrong verbs too."""
    return Response(status_code=404)


def accepted() -> Response:
    """Give the answer to a message that was kept."""
    return Response(status_code=202)


def started(urls: dict[str, str]) -> Response:
    """Give the answer to a start or a restart."""
    return Json(urls, status_code=202, headers={"Location": urls["statusQueryGetUri"], "Retry-After": "10"})


def status(found: dict[str, Any], location: str, *, failure_is_500: bool) -> Response:
    """Give an instance's status: 202 while it runs, 200 when it has ended."""
    if found["runtimeStatus"] in RUNNING:
        return Json(found, status_code=202, headers={"Location": location, "Retry-After": "5"})
    failed = found["runtimeStatus"] == "Failed"
    return Json(found, status_code=500 if failed and failure_is_500 else 200)
