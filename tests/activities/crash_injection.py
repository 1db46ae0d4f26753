"""A process that ends around its n-th write to a cloud or to storage: just before it, or when it is made and not known."""

from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs

import pytest
from azure.core.pipeline.transport import RequestsTransport
from botocore.httpsession import URLLib3Session

from shared.storage.table_wire import TableRequest, Wire

READS = ("Describe", "Get", "List", "Assume")


class Died(BaseException):
    """The process ended here: nothing behind this line ran."""


@dataclass
class Dying:
    """A block that dies; `came` says whether it did, `writes` what it wrote or was about to write."""

    monkeypatch: pytest.MonkeyPatch
    write: int
    after: bool = field(kw_only=True)
    came: bool = False
    writes: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        azure, aws, rows = RequestsTransport.send, URLLib3Session.send, Wire.send
        dying = self

        def send_azure(transport: Any, request: Any, **more: Any) -> Any:
            name = "" if request.method in ("GET", "HEAD") else f"{request.method} {request.url.partition('?')[0]}"
            return dying._send(name, lambda: azure(transport, request, **more))

        def send_rows(wire: Wire, request: TableRequest) -> Any:
            name = "" if request.method == "GET" else f"{request.method} {wire.origin}{request.path}"
            return dying._send(name, lambda: rows(wire, request))

        def send_aws(transport: Any, request: Any) -> Any:
            name = operation(request)
            return dying._send("" if name.startswith(READS) else name, lambda: aws(transport, request))

        self._patch = pytest.MonkeyPatch()
        self._patch.setattr(RequestsTransport, "send", send_azure)
        self._patch.setattr(URLLib3Session, "send", send_aws)
        self._patch.setattr(Wire, "send", send_rows)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> bool:
        self._patch.undo()
        self.came = kind is Died
        return self.came

    def _send(self, name: str, send: Any) -> Any:
        if not name:
            return send()
        self.writes.append(name)
        if len(self.writes) > self.write:
            raise Died  # a dead process does not write; something caught its death
        if len(self.writes) < self.write:
            return send()
        if self.after:
            send()
        raise Died


def operation(request: Any) -> str:
    """The name of an AWS call: of Systems Manager in its header, of EC2 in its body."""
    target = request.headers.get("X-Amz-Target", b"")
    if target:
        return (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
    body = request.body.decode() if isinstance(request.body, bytes) else str(request.body or "")
    return parse_qs(body).get("Action", [""])[0]
