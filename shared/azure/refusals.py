"""The one translation of what Azure answers into `Busy` (busy) or `CloudRefused` (final, as the cloud tells it)."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from azure.core.exceptions import (
    ClientAuthenticationError,
    DecodeError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from shared.azure.refusal_codes import advice_for, codes_in, is_gone, passes_after, policies_in
from shared.problems import Busy, CloudRefused

T = TypeVar("T")

IN_PROGRESS_WORDS = ("in progress", "another operation", "is being ", "currently being", "try again later")
BUSY = frozenset({408, 429, 500, 502, 503, 504})
QUERY = re.compile(r"\?\S+")
NAP = timedelta(seconds=30)


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Translate every error inside. `what` ends the sentence "Azure … while …", e.g. "reading vault rsv-ferry"."""
    try:
        yield
    except ClientAuthenticationError as error:
        raise _refusal(what, error) from error
    except (DecodeError, json.JSONDecodeError) as error:  # the first is among the SDK's refusals: nothing was refused
        raise unreadable(what) from error
    except HttpResponseError as error:
        raise translated(what, error) from error
    except (ServiceRequestError, ServiceResponseError) as error:
        raise Busy(f"Azure was out of reach while {what}: {_unsigned(str(error))}") from None


def unreadable(what: str) -> Busy:
    """Say that what came was cut short, or is the page of something in between: what was asked may have been done."""
    return Busy(f"Azure was out of reach while {what}: what came is no whole answer of Azure's")


def _unsigned(text: str) -> str:
    """Leave out the queries of addresses: those of operations are signed and as good as a key."""
    return QUERY.sub("?…", text)


def found(what: str, ask: Callable[[], T]) -> T | None:
    """Give what a getter gives, or None where the answer's code says that there is no such thing.

    A 404 alone says nothing: a subscription that cannot be seen is a refusal, a page of something in between is `Busy`.
    """
    with asking(what):
        try:
            return ask()
        except HttpResponseError as error:
            if is_gone(error_object(error)):
                return None
            raise


def translated(what: str, error: HttpResponseError) -> Busy | CloudRefused:
    """Decide: busy or final."""
    status, document = error.status_code or 0, error_object(error)
    passes = passes_after(document)
    if status in BUSY or passes or (status == 409 and _in_progress(error)) or _is_no_answer(error, document):
        message = f"Azure was busy while {what}: {status} {_said(error)[:500]}"
        return Busy(message, max(retry_after(error.response), passes or timedelta()), untouched=status == 429)
    return _refusal(what, error)


def _is_no_answer(error: HttpResponseError, body: Mapping[str, Any]) -> bool:
    """Tell whether it is a 404 of something in between (recorded: a page of a web server's), which is no word of Azure's."""
    return error.status_code == 404 and next(codes_in(body), None) is None


def retry_after(response: Any) -> timedelta:
    """Read how long to wait from a response: seconds or an HTTP date; 30 s when it does not say."""
    header = response.headers.get("Retry-After", "") if response is not None else ""
    if header.isdigit():
        return timedelta(seconds=int(header))
    try:
        return max(parsedate_to_datetime(header) - datetime.now(UTC), timedelta(seconds=1))
    except (TypeError, ValueError):
        return NAP


def refused(what: str, body: Mapping[str, Any], status: int = 0) -> CloudRefused:
    """Make the refusal from ARM's error object; the innermost detail is the one that tells causes and advice."""
    inner = _innermost(body)
    code = str(inner.get("code") or body.get("code") or status or "")
    message = str(inner.get("message") or body.get("message") or "no message")
    policies = "; ".join(dict.fromkeys((*policies_in(body), *policies_in(inner))))
    return CloudRefused(
        f"Azure refused while {what}: {message}" + (f" Policy: {policies}" if policies else ""),
        code=code,
        causes=str(inner.get("possibleCauses") or ""),
        advice=str(inner.get("recommendedAction") or advice_for(body, status)),
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
    document = body.get("error", body) if isinstance(body, dict) else {}
    return document if isinstance(document, dict) and document else {"message": str(error.message)}


def _innermost(body: Mapping[str, Any]) -> Mapping[str, Any]:
    details = body.get("details") or []
    first = details[0] if isinstance(details, list) and details else None
    return first if isinstance(first, dict) and (first.get("message") or first.get("code")) else body


def _in_progress(error: HttpResponseError) -> bool:
    text = _said(error).lower()
    return any(words in text for words in IN_PROGRESS_WORDS)


def _said(error: HttpResponseError) -> str:
    return str(error_object(error).get("message") or error.message)
