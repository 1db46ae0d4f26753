"""The HTTP client: asks the API, gives plain data, and turns every other answer into `Failing`."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from pydantic import ValidationError

from cli.caller import NOBODY, Bearer, Caller
from cli.failing import Failing, Unreachable
from cli.problem import Document

Query = Mapping[str, str | int]
PATIENCE = httpx.Timeout(60.0, connect=5.0)
NOTHING: Query = {}
MOST = 1000  # entries of a page: what the API gives at most
ADVICE = {
    401: "Sign in with `login --url …`; where nobody signs in, AZFERRY_KEY gives the app's function key.",
    403: "You may not do this; ask somebody who has the role for it.",
    404: "Is this the URL of an azferry app? Give it with --url or AZFERRY_URL.",
}


class Api:
    """The API of one azferry app."""

    def __init__(self, url: str, caller: Caller = NOBODY) -> None:
        """Keep where it is and who asks. Nothing is sent yet."""
        headers = {"accept": "application/json, application/problem+json", "user-agent": "azferry-cli"}
        headers |= caller.headers()
        self.url = url.rstrip("/")
        self.by = caller.by
        auth = Bearer(caller.token) if caller.token else None
        self._http = httpx.Client(headers=headers, auth=auth, timeout=PATIENCE)
        self.now = datetime.now(UTC)  # the app's moment, as its last answer told it: on the local stack time jumps

    def close(self) -> None:
        """Let go of its connections."""
        self._http.close()

    def get(self, path: str, query: Query = NOTHING) -> Any:
        """Give the JSON of an answer."""
        return _json(self._ask("GET", path, params=dict(query)))

    def fetch(self, path: str, query: Query = NOTHING) -> bytes:
        """Give the bytes of an answer."""
        return self._ask("GET", path, params=dict(query)).content

    def answer(self, path: str) -> httpx.Response:
        """Give an answer as it is, with its headers."""
        return self._ask("GET", path)

    def pages(self, path: str, query: Query = NOTHING) -> Iterator[dict[str, Any]]:
        """Give every page of a listing, `{value, nextLink}` each."""
        page = self.get(path, query)
        yield page
        while link := page.get("nextLink"):
            page = self.get(below(link))
            yield page

    def values(self, path: str, query: Query = NOTHING) -> list[dict[str, Any]]:
        """Give everything that a listing has."""
        return [each for page in self.pages(path, {"top": MOST, **query}) for each in page["value"]]

    def command(self, migration: str, verb: str, payload: Mapping[str, Any]) -> Any:
        """Send a command to a migration; what is empty is left out, and who asks is added where it is known."""
        body = {name: value for name, value in {"by": self.by, **payload}.items() if value}
        return _json(self._ask("POST", f"{of(migration)}/{verb}", json=body))

    def post(self, path: str, payload: Mapping[str, Any]) -> Any:
        """Send data that is no command to a migration; who asks is added where it is known."""
        return _json(self._ask("POST", path, json={**payload, **({"by": self.by} if self.by else {})}))

    def send(self, path: str, content: bytes, headers: Mapping[str, str], query: Query = NOTHING) -> httpx.Response:
        """Send a document as it is."""
        return self._ask("POST", path, content=content, headers=dict(headers), params=dict(query))

    def patch(self, path: str, content: bytes, headers: Mapping[str, str], query: Query = NOTHING) -> httpx.Response:
        """Send a document in the place of one that is there."""
        return self._ask("PATCH", path, content=content, headers=dict(headers), params=dict(query))

    def put(self, path: str, content: bytes, headers: Mapping[str, str], query: Query = NOTHING) -> Any:
        """Send a document that is to be kept under this path."""
        return _json(self._ask("PUT", path, content=content, headers=dict(headers), params=dict(query)))

    def delete(self, path: str, query: Query = NOTHING) -> Any:
        """Let what is kept under this path be dropped."""
        return _json(self._ask("DELETE", path, params=dict(query)))

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send one request. Raises `Failing` and `Unreachable`; nothing is sent twice."""
        if not more.get("params"):
            more.pop("params", None)  # an empty one would take the query out of a next link
        try:
            answer = self._http.request(method, f"{self.url}/api/{path}", **more)
        except (httpx.TransportError, httpx.InvalidURL, UnicodeError) as error:
            raise unreachable(self.url, method, error) from None
        if answer.is_success:
            self.now = _moment(answer.headers) or self.now
            return answer
        raise Failing(_document(answer), retry_after=_seconds(answer))


def of(migration: str) -> str:
    """Give the path of a migration."""
    return f"migrations/{quote(migration, safe='')}"


def below(link: str) -> str:
    """Give path and query of a next link below /api/: where it leads to is decided by --url, not by an answer."""
    parts = urlsplit(link)
    path = parts.path.rpartition("/api/")[2]
    return f"{path}?{parts.query}" if parts.query else path


def _moment(headers: Mapping[str, str]) -> datetime | None:
    """Give the moment that an answer tells of; None where a gateway left it out."""
    try:
        if own := headers.get("x-azferry-now"):
            return datetime.fromisoformat(own)
        return parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return None


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        detail = f"{answer.url} answered {answer.status_code} with something that is not JSON"
        raise Failing(Document(title="Not an azferry API", detail=detail, advice=ADVICE[404])) from None


def _document(answer: httpx.Response) -> Document:
    """Give the problem document of an answer; one is made where a gateway answered instead of the app."""
    status = answer.status_code
    try:
        return Document.model_validate({"status": status} | answer.json())
    except (ValueError, TypeError, ValidationError):
        return Document(
            title=f"{answer.url.path} answered {status} {answer.reason_phrase}",
            status=status,
            advice=ADVICE.get(status, "Look at the app's own log."),
        )


def unreachable(url: str, method: str, error: Exception) -> Unreachable:
    """Say that nobody answered; after a command it is not known whether it arrived."""
    advice = "Is the app running? Give its URL with --url or AZFERRY_URL, or sign in to one with `login`."
    if method != "GET" and not isinstance(error, httpx.ConnectError):
        advice = "The request may have arrived: look with `list` or `show` before sending it again."
    return Unreachable(Document(title="Cannot reach the API", detail=f"{url}: {error or 'no answer'}", advice=advice))


def _seconds(answer: httpx.Response) -> float | None:
    """Give the seconds of Retry-After, if it tells seconds."""
    delay = answer.headers.get("retry-after", "")
    return float(delay) if delay.isdecimal() else None
