"""Azure Storage without Azurite: rows, whole blobs, nothing on disk; its account, and where requests are taken before a socket.

For forecasts and tests that are not about storage: a request costs a fraction of Azurite's.
`tests/local/storage/test_as_azurite.py` holds its answers against Azurite's.
"""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import RLock
from typing import Any

import urllib3
from urllib3.connectionpool import HTTPConnectionPool

from ..azurite import ACCOUNT, KEY
from . import batches
from .blobs import Blobs
from .tables import Tables
from .wire import Answer, Refused, Request, request_of

TABLES, BLOBS, QUEUES = (f"{each}.in-process.invalid" for each in ("tables", "blobs", "queues"))
CONNECTION = ";".join(
    (
        "DefaultEndpointsProtocol=http",
        f"AccountName={ACCOUNT}",
        f"AccountKey={KEY}",
        *(
            f"{kind}Endpoint=http://{host}/{ACCOUNT}"
            for kind, host in (("Table", TABLES), ("Blob", BLOBS), ("Queue", QUEUES))
        ),
    )
)


Places = Mapping[tuple[str, int], str]  # which service answers at a host and port
WITHOUT_SOCKETS: Places = {(host, 80): host for host in (TABLES, BLOBS)}
Standing = tuple[dict[str, Any], dict[str, dict[str, bytes]]]  # rows by table, blobs by container


class Storage:
    """One account, empty at first. Threads may share it."""

    def __init__(self) -> None:
        """Have nothing."""
        self.tables, self.blobs = Tables(), Blobs()
        self._turn = RLock()

    def empty(self) -> None:
        """Have nothing again."""
        with self._turn:
            self.tables.rows.clear()
            self.blobs.containers.clear()

    def standing(self) -> Standing:
        """Give all that it holds; nothing changes that any more."""
        with self._turn:
            rows = {name: table.copy() for name, table in self.tables.rows.items()}
            return rows, {name: dict(blobs) for name, blobs in self.blobs.containers.items()}

    def stand(self, then: Standing, renamed: Callable[[str], str]) -> None:
        """Hold what it held then and nothing else, in tables and containers of other names."""
        rows, blobs = then
        with self._turn:
            self.tables.rows = {renamed(name): table.copy() for name, table in rows.items()}
            self.blobs.containers = {renamed(name): dict(contents) for name, contents in blobs.items()}

    def answer(self, host: str, request: Request) -> Answer:
        """Do what a request asks, or say why not."""
        with self._turn:
            try:
                if host == BLOBS:
                    return self.blobs.answer(request)
                if request.path.endswith("/$batch"):
                    return batches.answer(self.tables, request)
                return self.tables.answer(request)
            except Refused as refused:
                return _refusal(host, refused)


@contextmanager
def serving(places: Places = WITHOUT_SOCKETS, known: Storage | None = None) -> Iterator[Storage]:
    """Answer this process's requests for these places until the block ends; all others go their way."""
    storage, real = known or Storage(), HTTPConnectionPool.urlopen

    def urlopen(
        self: HTTPConnectionPool, method: str, url: str, body: Any = None, headers: Any = None, **more: Any
    ) -> Any:
        service = places.get((self.host, self.port or 80))
        if service is None:
            return real(self, method, url, body, headers, **more)
        answer = storage.answer(service, request_of(method, url, headers or {}, body))
        return urllib3.HTTPResponse(
            body=io.BytesIO(b"" if method == "HEAD" else answer.body),
            headers={**answer.headers, "content-length": str(len(answer.body))},
            status=answer.status,
            reason="",
            preload_content=more.get("preload_content", True),
            request_method=method,
        )

    HTTPConnectionPool.urlopen = urlopen  # type: ignore[assignment,method-assign]
    try:
        yield storage
    finally:
        HTTPConnectionPool.urlopen = real  # type: ignore[method-assign]


def _refusal(host: str, refused: Refused) -> Answer:
    marks = {"x-ms-error-code": refused.code}
    if host == BLOBS:
        body = f"<?xml version='1.0'?><Error><Code>{refused.code}</Code><Message>{refused.message}</Message></Error>"
        return Answer(refused.status, body.encode(), {**marks, "content-type": "application/xml"})
    content = {"odata.error": {"code": refused.code, "message": {"lang": "en-US", "value": refused.message}}}
    return Answer(refused.status, json.dumps(content).encode(), {**marks, "content-type": "application/json"})
