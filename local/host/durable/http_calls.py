"""Durable HTTP calls: the activity that the extension has built in, and how it asks again while it hears 202."""

import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from .actions import Action

AGENT = "Microsoft.Azure.WebJobs.Extensions.DurableTask/3.19.0"
ASK_AGAIN_AFTER = 30  # seconds, where the answer does not say it
PATIENCE = 100.0  # seconds, as .NET's client has by default
# .NET keeps these apart from the other headers, and the extension leaves them out.
OF_CONTENT = ("content-", "allow", "expires", "last-modified")


class HttpCallFailed(Exception):  # noqa: N818 - its text is the reason of the task
    """The call came to no answer."""


def run_http_call(text: str | None) -> str:
    """Send a durable HTTP request (JSON text) and return what came back as JSON text; raises HttpCallFailed."""
    request = json.loads(text or "{}")
    if request.get("tokenSource"):
        request["headers"] = {**(request.get("headers") or {}), "Authorization": _authorization(request["tokenSource"])}
    status, headers, content = _send(request)
    if request.get("retryOptions") and status >= 400:
        raise HttpCallFailed(f"Response status code does not indicate success: {status}.")
    return json.dumps({"statusCode": status, "headers": headers, "content": content}, separators=(",", ":"))


def pause_before(text: str | None, action: Action) -> timedelta | None:
    """Return how long to wait before asking again how a request went; None when its answer is the last."""
    answer = json.loads(text or "{}")
    asks_again = (action.get("httpRequest") or {}).get("asynchronousPatternEnabled")
    if not asks_again or answer.get("statusCode") != 202 or _header(answer, "Location") is None:
        return None
    after = _header(answer, "Retry-After") or ""
    return timedelta(seconds=int(after) if after.isdigit() else ASK_AGAIN_AFTER)


def next_request(text: str | None, request: str | None, action: Action) -> str:
    """Return the request (JSON text) that asks how another one went."""
    before = json.loads(request) if request else action.get("httpRequest") or {}
    headers = {key: value for key, value in (before.get("headers") or {}).items() if key.lower() != "x-functions-key"}
    uri = urljoin(before.get("uri") or "", _header(json.loads(text or "{}"), "Location") or "")
    return json.dumps({**before, "method": "GET", "uri": uri, "content": None, "headers": headers})


def _authorization(source: Mapping[str, Any]) -> str:
    from .tokens import NoTokenError, bearer  # noqa: PLC0415 - reading the credentials' library takes long; few apps need it

    try:
        return bearer(source)
    except NoTokenError as problem:
        raise HttpCallFailed(f"No token for {source.get('resource')}: {problem}") from None


def _send(request: Mapping[str, Any]) -> tuple[int, dict[str, Any], str]:
    uri = urlsplit(request["uri"])
    port = uri.port or (443 if uri.scheme == "https" else 80)
    connection = _connection(uri.scheme, uri.hostname or "", port)
    path = (uri.path or "/") + (f"?{uri.query}" if uri.query else "")
    headers = {"User-Agent": AGENT} | (request.get("headers") or {})
    try:
        body = None if request.get("content") is None else str(request["content"]).encode()
        connection.request(request["method"].upper(), path, body, headers)
        answer = connection.getresponse()
        return answer.status, _headers(answer.getheaders()), answer.read().decode(errors="replace")
    except ConnectionRefusedError:
        raise HttpCallFailed(f"Connection refused ({uri.hostname}:{port})") from None
    except socket.gaierror:
        raise HttpCallFailed(f"Name or service not known ({uri.hostname}:{port})") from None
    finally:
        connection.close()


def _connection(scheme: str, host: str, port: int) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=PATIENCE, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=PATIENCE)


def _headers(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Return headers as .NET's client has them: one value as text, more as a list."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        if not name.lower().startswith(OF_CONTENT):
            found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _header(answer: Mapping[str, Any], name: str) -> str | None:
    for key, value in (answer.get("headers") or {}).items():
        if key.lower() == name.lower():
            return str(value[0] if isinstance(value, list) else value)
    return None
