"""Requests of tables as they go over the wire: signed, sent on kept connections, tried again, refused as the SDK refuses.

The SDK sends the same requests through its pipeline, at three times the processor time (docs/decisions/0032).
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from threading import Lock
from typing import Any, Final
from urllib.parse import urlsplit

import urllib3
from azure.core.credentials import AccessToken, TokenCredential
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError
from urllib3.util import Timeout

from shared.azure import json_reading
from shared.storage.patience import BUSY, Patience

SCOPE: Final = "https://storage.azure.com/.default"
EARLY: Final = 300  # seconds before its end at which a token is renewed
MOST_CONNECTIONS: Final = 64  # that are kept; the app's threads are fewer
LONGEST_REST: Final = 2.0  # seconds before another try; who is told to rest for longer has its `Busy` at once
HEADERS: Final = {"x-ms-version": "2019-02-02", "DataServiceVersion": "3.0", "Accept-Encoding": "identity"}
REFUSALS: Final[Mapping[int, type[HttpResponseError]]] = {
    401: ClientAuthenticationError,
    403: ClientAuthenticationError,
    404: ResourceNotFoundError,
    409: ResourceExistsError,
    412: ResourceModifiedError,
}
Sign = Callable[[str], Mapping[str, str]]  # by the path, as it is sent


@dataclass(frozen=True)
class TableRequest:
    """One request; its path is encoded, and so is its query."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: str = ""
    body: bytes | None = None

    @property
    def target(self) -> str:
        """Give path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path


@dataclass(frozen=True)
class Answer:
    """What came back; an error of the SDK's reads it as its response."""

    status_code: int
    reason: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Give its body."""
        return json_reading.read(self.body)

    def text(self, encoding: str = "utf-8") -> str:
        """Give its body as text."""
        return self.body.decode(encoding, "replace")


def shared_key(account: str, secret: str) -> Sign:
    """Sign with an account's key (Shared Key Lite)."""
    key = base64.b64decode(secret)

    def sign(path: str) -> Mapping[str, str]:
        date = formatdate(usegmt=True)
        digest = hmac.new(key, f"{date}\n/{account}{path}".encode(), hashlib.sha256).digest()
        return {"x-ms-date": date, "Authorization": f"SharedKeyLite {account}:{base64.b64encode(digest).decode()}"}

    return sign


def bearer(credential: TokenCredential) -> Sign:
    """Put an identity's token on, which is kept until shortly before its end."""
    kept, renewing = [AccessToken("", 0)], Lock()

    def sign(_path: str) -> Mapping[str, str]:
        if kept[0].expires_on - EARLY < time.time():
            with renewing:
                if kept[0].expires_on - EARLY < time.time():
                    kept[0] = credential.get_token(SCOPE)
        return {"x-ms-date": formatdate(usegmt=True), "Authorization": f"Bearer {kept[0].token}"}

    return sign


class Wire:
    """The connections to the tables of one account, with one patience."""

    def __init__(self, endpoint: str, sign: Sign, patience: Patience) -> None:
        """Connect to nothing yet."""
        place = urlsplit(endpoint)
        self.origin, self.root = f"{place.scheme}://{place.netloc}", place.path.rstrip("/")
        self._sign, self._tries = sign, patience.tries
        self._pool = urllib3.connection_from_url(endpoint, maxsize=MOST_CONNECTIONS, block=False)
        self._timeout = Timeout(connect=patience.connecting, read=patience.reading)

    def ask(self, request: TableRequest) -> Answer:
        """Send a request, again where the service is busy or lost; a lost answer may be of a request that was done.

        Raises what the SDK raises: by the answer's status, or because there was none.
        """
        for attempt in range(self._tries):
            answer = self._heard(request)
            delay = _rest(attempt, answer)
            if answer is not None and (answer.status_code not in BUSY or delay > LONGEST_REST):
                return judged(answer)
            time.sleep(delay)
        return judged(self.send(request))

    def _heard(self, request: TableRequest) -> Answer | None:
        """Send it; None where there is no answer."""
        try:
            return self.send(request)
        except (ServiceRequestError, ServiceResponseError):
            return None

    def send(self, request: TableRequest) -> Answer:
        """Send it once; once more where the connection was lost, as a kept one may have been closed since."""
        try:
            return self._send(request)
        except ServiceResponseTimeoutError:
            raise
        except ServiceResponseError:
            return self._send(request)

    def _send(self, request: TableRequest) -> Answer:
        headers = {**request.headers, **self._sign(request.path)}
        try:
            came = self._pool.urlopen(
                request.method,
                request.target,
                body=request.body,
                headers=headers,
                retries=False,
                redirect=False,
                timeout=self._timeout,
                decode_content=False,
            )
        except HTTPError as lost:
            raise _lost(lost) from lost
        return Answer(came.status, came.reason or "", came.headers, came.data)


def _rest(attempt: int, answer: Answer | None) -> float:
    """Give the seconds before the next try: none before the second, unless the service says otherwise."""
    wanted = answer.headers.get("Retry-After", "") if answer else ""
    return float(wanted) if wanted.isdigit() else 0.8 * 2**attempt * min(attempt, 1)


def _lost(lost: HTTPError) -> ServiceRequestError | ServiceResponseError:
    """Say whether the request can have been heard."""
    if isinstance(lost, ReadTimeoutError):
        return ServiceResponseTimeoutError(str(lost), error=lost)
    kind = ServiceResponseError if isinstance(lost, ProtocolError) else ServiceRequestError
    return kind(str(lost), error=lost)


def judged(answer: Answer) -> Answer:
    """Give an answer that is no refusal. Raise for a refusal, with what the service says."""
    if answer.status_code < 300:
        return answer
    kind = REFUSALS.get(answer.status_code, HttpResponseError)
    raise kind(f"{answer.status_code} {answer.reason}: {answer.text()[:2_000]}", response=answer)  # type: ignore[arg-type]  # it reads status, reason and headers
