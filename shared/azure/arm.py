"""How writes reach Azure: sent once, never waited for, known by the id they were sent with."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, urlsplit

from azure.core.exceptions import ResourceNotFoundError
from azure.core.rest import HttpRequest
from pydantic import Field

from shared.azure import clients, json_reading
from shared.azure.refusal_codes import says_gone
from shared.azure.refusals import asking, found, refused, retry_after, unreadable
from shared.models import Model
from shared.problems import Busy, CloudRefused, ProblemData
from shared.settings import settings

HTTPS = 443
ENDED = frozenset({"succeeded", "failed", "canceled"})


class AcceptedWrite(Model):
    """A write that Azure took. No `job` and no `operation` = it is done already.

    The URLs are opaque and signed (about 3 KB each): keep them out of histories where a job id will do.
    """

    job: str = ""
    """Site Recovery's job; empty for other services, which have none."""
    operation: str = ""
    """URL of the operation's status."""
    result: str = ""
    """URL of the operation's result; it also tells the status, by 202."""

    @property
    def done(self) -> bool:
        """Tell whether nothing is left to wait for."""
        return not (self.operation or self.result)


class OperationStatus(Model):
    """How an operation without a job stands."""

    state: str = "InProgress"
    """InProgress, Succeeded, Failed or Canceled."""
    after: int = 30
    """Seconds until another look is worth it."""
    result: dict[str, Any] = Field(default_factory=dict)
    problem: ProblemData | None = None

    @property
    def ended(self) -> bool:
        """Tell whether it has ended, well or not."""
        return self.state.lower() in ENDED

    def raise_failure(self) -> None:
        """Raise the refusal when it did not end well."""
        if self.problem:
            raise CloudRefused.from_facts(self.problem)


def submit(what: str, request: str, send: Callable[..., Any], *arguments: Any) -> AcceptedWrite:
    """Send a write once with `request` as its `x-ms-client-request-id`; nobody waits for it to end.

    `send` is a `begin_…` method of an SDK client. Raises `Busy` and `CloudRefused`; after a `Busy` the effect may
    nevertheless be there: look first, the next time.
    """
    seen: dict[str, str] = {}

    def remember(response: Any) -> None:
        seen.update({name.lower(): value for name, value in response.http_response.headers.items()})
        seen["status"] = str(response.http_response.status_code)

    with asking(what):
        send(
            *arguments,
            polling=False,
            retry_total=0,
            headers={"x-ms-client-request-id": request},
            raw_response_hook=remember,
        )
    if "html" in seen.get("content-type", ""):
        raise unreadable(what)
    return sent(seen)


def submit_delete(what: str, request: str, send: Callable[..., Any], *arguments: Any) -> AcceptedWrite:
    """Send a deletion as `submit` does; what is gone already, also together with its resource group, is fine."""
    try:
        return submit(what, request, send, *arguments)
    except CloudRefused as refusal:
        if not says_gone(refusal.facts.code):
            raise
        return AcceptedWrite()


def sent(headers: dict[str, str]) -> AcceptedWrite:
    """Read from lower-case response headers (and `status`) what was started."""
    location, operation = headers.get("location", ""), headers.get("azure-asyncoperation", "")
    if headers.get("status") != "202" and not operation:
        return AcceptedWrite()
    url = location or operation
    # recorded: job, operation and result share one id; other services have no job
    job = _last_segment(url) if "/replication" in urlsplit(url).path.lower() else ""
    return AcceptedWrite(job=job, operation=operation or location, result=location or operation)


def _last_segment(url: str) -> str:
    return urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1]


def operation_status(what: str, subscription: str, url: str) -> OperationStatus:
    """Look once at an operation by its opaque URL. Raises `Busy`, and `CloudRefused` for a URL that is not Azure's."""
    _check_host(url)
    with asking(what):
        response = clients.resources(subscription).send_request(HttpRequest("GET", url))
        if response.status_code == 202:
            return OperationStatus(after=int(retry_after(response).total_seconds()))
        if response.status_code == 429 or response.status_code >= 500:
            raise Busy(f"Azure was busy while {what}: {response.status_code}", retry_after(response))
        body = _object(what, response.content, refused=response.status_code >= HTTPStatus.BAD_REQUEST)
        if response.status_code == HTTPStatus.NOT_FOUND and not body:
            raise Busy(f"Azure was busy while {what}: something in between answered 404")
    state = str(body.get("status") or ("Succeeded" if response.status_code < 400 else "Failed"))
    problem = None
    if state.lower() in ENDED and state.lower() != "succeeded":
        problem = refused(what, body.get("error") or body, response.status_code).facts
    return OperationStatus(state=state, after=int(retry_after(response).total_seconds()), result=body, problem=problem)


def read_json(what: str, subscription: str, path: str) -> dict[str, Any]:
    """Read something for which the SDK has no method, or none that is quick enough, by path and query, or by the URL of its next page."""
    with asking(what):
        return _read(what, subscription, path)


def list_json(what: str, subscription: str, path: str) -> Iterator[dict[str, Any]]:
    """Read a listing page by page, as `read_json` does: the SDK's models cost eight times as much, for hundreds of things."""
    while path:
        page = read_json(what, subscription, path)
        yield from page.get("value") or ()
        path = str(page.get("nextLink") or "")


def find_json(what: str, subscription: str, path: str) -> dict[str, Any] | None:
    """Read as `read_json` does; None where Azure says that there is no such thing."""
    return found(what, lambda: _read(what, subscription, path))


def _read(what: str, subscription: str, path: str) -> dict[str, Any]:
    if not path.startswith("/"):
        _check_host(path)
    # As a stream, because the SDK reads the JSON of any other answer too, slowly, and throws it away.
    response = clients.resources(subscription).send_request(HttpRequest("GET", path), stream=True)
    content = response.read()
    if response.status_code == HTTPStatus.NOT_FOUND:
        raise ResourceNotFoundError(response=response)
    response.raise_for_status()
    return _object(what, content)


def _object(what: str, content: bytes, *, refused: bool = False) -> dict[str, Any]:
    """Read an answer; {} where it says nothing. Raises `Busy` for what is no JSON, unless its status refuses already."""
    try:
        body = json_reading.read(content) if content else {}
    except ValueError as error:
        if not refused:
            raise unreadable(what) from error
        body = {}
    return body if isinstance(body, dict) else {}


def _check_host(url: str) -> None:
    """Refuse to send our token anywhere but to Azure or to the stand-in."""
    host, ours = urlsplit(url), urlsplit(settings().arm_endpoint or "https://management.azure.com")
    try:
        regional = host.scheme == "https" and (host.hostname or "").endswith(".management.azure.com")
        trusted = _origin(host) == _origin(ours) or (regional and _origin(host)[2] == HTTPS)
    except ValueError:  # a port that is no number
        trusted = False
    if not trusted or host.username is not None:
        raise CloudRefused(f"the operation's URL is on {host.hostname}, which is not Azure", code="UntrustedHost")


def _origin(url: SplitResult) -> tuple[str, str, int]:
    """Return scheme, host in small letters, and port: the scheme's own where none is named."""
    return url.scheme, url.hostname or "", url.port or (HTTPS if url.scheme == "https" else 80)
