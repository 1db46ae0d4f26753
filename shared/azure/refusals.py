"""The one translation of what Azure answers into `Later` (busy) or `CloudRefused` (final, as the cloud tells it)."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    IncompleteReadError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseError,
)

from shared.problems import CloudRefused, Later

T = TypeVar("T")

# Codes that say "not now". A 409 with another code is final: quota, name taken, provider not registered.
IN_PROGRESS = frozenset(
    {
        "anotheroperationinprogress",
        "conflictingconcurrentwritenotallowed",
        "conflictingoperation",
        "operationinprogress",
        "requestconflict",
        "resourcegroupbeingdeleted",
        "resourceisbeingdeleted",
        "retryableerror",
    }
)
IN_PROGRESS_WORDS = ("in progress", "another operation", "is being ", "currently being", "try again later")
BUSY = frozenset({408, 429, 500, 502, 503, 504})
QUERY = re.compile(r"\?\S+")
NAP = timedelta(seconds=30)
ADVICE = {
    401: "Check that the app's identity exists and can sign in.",
    403: "Give the app's identity the role that holds this action on this scope, then retry.",
}


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Translate every error inside. `what` ends the sentence "Azure … while …", e.g. "reading vault rsv-ferry"."""
    try:
        yield
    except ClientAuthenticationError as error:
        raise _refusal(what, error) from error
    except HttpResponseError as error:
        raise translated(what, error) from error
    except (ServiceRequestError, ServiceResponseError, IncompleteReadError) as error:
        raise Later(f"Azure was out of reach while {what}: {_unsigned(str(error))}") from None


def _unsigned(text: str) -> str:
    """Leave out the queries of addresses: those of operations are signed and as good as a key."""
    return QUERY.sub("?…", text)


def found(what: str, ask: Callable[[], T]) -> T | None:
    """Give what a getter gives, or None when there is no such thing (404)."""
    with asking(what):
        try:
            return ask()
        except ResourceNotFoundError:
            return None


def translated(what: str, error: HttpResponseError) -> Later | CloudRefused:
    """Decide: busy or final."""
    status = error.status_code or 0
    if status in BUSY or (status == 409 and _in_progress(error)):
        said = f"Azure was busy while {what}: {status} {_said(error)[:500]}"
        return Later(said, retry_after(error.response), untouched=status == 429)
    return _refusal(what, error)


def retry_after(response: Any) -> timedelta:
    """Read how long to wait from a response: seconds or an HTTP date; 30 s when it does not say."""
    said = response.headers.get("Retry-After", "") if response is not None else ""
    if said.isdigit():
        return timedelta(seconds=int(said))
    try:
        return max(parsedate_to_datetime(said) - datetime.now(UTC), timedelta(seconds=1))
    except (TypeError, ValueError):
        return NAP


def refused(what: str, told: Mapping[str, Any], status: int = 0) -> CloudRefused:
    """Make the refusal from ARM's error object; the innermost detail is the one that tells causes and advice."""
    inner = _innermost(told)
    code = str(inner.get("code") or told.get("code") or status or "")
    message = str(inner.get("message") or told.get("message") or "no message")
    return CloudRefused(
        f"Azure refused while {what}: {message}",
        code=code,
        causes=str(inner.get("possibleCauses") or ""),
        advice=str(inner.get("recommendedAction") or ADVICE.get(status, "")),
        extra={name: str(inner[name]) for name in ("activityId", "clientRequestId") if inner.get(name)},
    )


def _refusal(what: str, error: HttpResponseError) -> CloudRefused:
    return refused(what, error_object(error), error.status_code or 401)


def error_object(error: HttpResponseError) -> Mapping[str, Any]:
    """Give the error object of the body; the SDK's own model drops causes and advice."""
    try:
        body = json.loads(error.response.text()) if error.response is not None else {}
    except (ValueError, AttributeError):
        body = {}
    told = body.get("error", body) if isinstance(body, dict) else {}
    return told if isinstance(told, dict) and told else {"message": str(error.message)}


def _innermost(told: Mapping[str, Any]) -> Mapping[str, Any]:
    details = told.get("details") or []
    first = details[0] if isinstance(details, list) and details else None
    return first if isinstance(first, dict) and (first.get("message") or first.get("code")) else told


def _in_progress(error: HttpResponseError) -> bool:
    told = error_object(error)
    codes = {str(each.get("code", "")).lower() for each in (told, _innermost(told))}
    said = _said(error).lower()
    return bool(codes & IN_PROGRESS) or any(words in said for words in IN_PROGRESS_WORDS)


def _said(error: HttpResponseError) -> str:
    return str(error_object(error).get("message") or error.message)
