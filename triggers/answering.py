"""How every HTTP function answers: JSON, or an RFC 9457 problem document; never the insides of a fault."""

import gzip
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, Final, cast
from urllib.parse import urlsplit

import azure.functions as func

from shared.durable.seam import logged
from shared.models import Model
from shared.problems import Busy, Problem, UnreadableRequest
from shared.reporting.problem_documents import to_document
from shared.storage.patience import FOR_PEOPLE, with_patience

LARGEST_PAGE: Final = 1_000
WORTH_PACKING: Final = 1_400  # bytes: less goes in one packet as it is
PROBLEM: Final = "application/problem+json"
NO_HEADERS: Final[Mapping[str, str]] = {}
REPORT_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
NOW = "X-Azferry-Now"  # the app's moment stands in a header, so that the same is told in the same bytes
OFFLINE = "default-src 'none'; style-src 'unsafe-inline'"  # the page needs nothing from outside, and may not
Serve = Callable[..., Any]


def answers_problems(serve: Serve) -> Serve:
    """Turn problems into problem documents, and anything else that is raised into a 500 that tells no insides."""
    if iscoroutinefunction(serve):

        @wraps(serve)
        async def answer_async(req: func.HttpRequest, **more: Any) -> func.HttpResponse:
            try:
                with with_patience(FOR_PEOPLE):
                    return await cast(Callable[..., Awaitable[func.HttpResponse]], serve)(req, **more)
            except Exception as raised:  # noqa: BLE001 - the last stop before the host
                return _told(req, raised)

        return answer_async

    @wraps(serve)
    def answer(req: func.HttpRequest, **more: Any) -> func.HttpResponse:
        try:
            with with_patience(FOR_PEOPLE):
                return cast(func.HttpResponse, serve(req, **more))
        except Exception as raised:  # noqa: BLE001 - the last stop before the host
            return _told(req, raised)

    return answer


def answer_json(
    content: Model | Mapping[str, Any], status: int = 200, headers: Mapping[str, str] = NO_HEADERS
) -> func.HttpResponse:
    """Answer with JSON; what is None is left out."""
    data = content.model_dump(mode="json", by_alias=True, exclude_none=True) if isinstance(content, Model) else content
    never_kept = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    body = json.dumps(data, ensure_ascii=False)
    return func.HttpResponse(body, status_code=status, mimetype="application/json", headers={**never_kept, **headers})


def answer_unless_known(
    req: func.HttpRequest, content: Model, headers: Mapping[str, str] = NO_HEADERS
) -> func.HttpResponse:
    """Answer with JSON and its ETag, or 304 without a body where the caller has it already; defaults are left out."""
    return _unless_known(req, content.model_dump_json(by_alias=True, exclude_none=True, exclude_defaults=True), headers)


def answer_if_news(req: func.HttpRequest, content: Model, headers: Mapping[str, str] = NO_HEADERS) -> func.HttpResponse:
    """Answer with JSON and its ETag, or 304 without a body where the caller has it already; only what is None is left out."""
    return _unless_known(req, content.model_dump_json(by_alias=True, exclude_none=True), headers)


def _unless_known(req: func.HttpRequest, text: str, headers: Mapping[str, str]) -> func.HttpResponse:
    body = text.encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    sent = {"ETag": tag, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff", **headers}
    known = tag in {each.strip().removeprefix("W/") for each in req.headers.get("if-none-match", "").split(",")}
    if known:
        return func.HttpResponse(status_code=304, headers=sent)
    if len(body) > WORTH_PACKING and "gzip" in req.headers.get("accept-encoding", "").lower():
        body = gzip.compress(body, compresslevel=4, mtime=0)
        sent |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return func.HttpResponse(body, status_code=200, mimetype="application/json", headers=sent)


def answer_file(content: str | bytes, kind: str, name: str) -> func.HttpResponse:
    """Answer with a report as html, json, csv or xlsx; html is shown, the others are saved."""
    disposition = f'{"inline" if kind == "html" else "attachment"}; filename="{name}.{kind}"'
    headers = {"Content-Security-Policy": OFFLINE, "Content-Disposition": disposition, "Cache-Control": "no-store"}
    media, _, charset = REPORT_TYPES[kind].partition("; charset=")
    return func.HttpResponse(content, mimetype=media, charset=charset or "utf-8", headers=headers)


def answer_download(content: str | bytes, mimetype: str, file: str) -> func.HttpResponse:
    """Answer with a file that is saved, and kept nowhere on the way."""
    headers = {
        "Content-Disposition": f'attachment; filename="{file}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return func.HttpResponse(content, mimetype=mimetype, headers=headers)


def top_of(req: func.HttpRequest, usual: int = 100) -> int:
    """Give the size of page that was asked for. Raises `UnreadableRequest`."""
    value = req.params.get("top", str(usual))
    if not (value.isascii() and value.isdecimal() and len(value) <= 4 and 1 <= int(value) <= LARGEST_PAGE):
        raise UnreadableRequest(f"top must be a whole number from 1 to {LARGEST_PAGE}")
    return int(value)


def _told(req: func.HttpRequest, raised: Exception) -> func.HttpResponse:
    """Answer with the problem document of what was raised."""
    if not isinstance(raised, Problem):
        error = logged("a request", raised)
        raised = Problem(
            f"The app failed while it handled the request (reference {error.reference})",
            advice="Retry; if it comes back, look for the reference in the app's log.",
        )
    after = {"Retry-After": str(max(1, int(raised.after.total_seconds())))} if isinstance(raised, Busy) else {}
    body = json.dumps(to_document(raised, urlsplit(req.url).path), ensure_ascii=False)
    return func.HttpResponse(body, status_code=raised.status, mimetype=PROBLEM, headers=after)
