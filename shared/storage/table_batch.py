"""A transaction as the table service takes it: requests within a request, all of them done or none."""

import re
from collections.abc import Iterator, Sequence
from typing import Final
from uuid import uuid4

from urllib3 import HTTPHeaderDict

from shared.storage.table_wire import HEADERS, Answer, TableRequest, Wire

NOT_WITHIN: Final = "Accept-Encoding"  # is said of the whole
_OUTCOME: Final = re.compile(rb"HTTP/1\.1 (\d{3}) ?([^\r\n]*)\r\n(.*?)\r\n\r\n(.*?)(?=\r\n--|\Z)", re.DOTALL)


def transact(wire: Wire, requests: Sequence[TableRequest]) -> list[Answer]:
    """Do all of at most 100 requests for rows of one partition, or none; give what became of each, in their order.

    Where one is refused, its answer alone is given.
    """
    batch, changes = f"batch_{uuid4()}", f"changeset_{uuid4()}"
    parts = [_part(wire.origin, each, changes) for each in requests]
    head = f"--{batch}\r\nContent-Type: multipart/mixed; boundary={changes}\r\n\r\n"
    body = head.encode() + b"".join(parts) + f"--{changes}--\r\n\r\n--{batch}--\r\n".encode()
    headers = {**HEADERS, "Accept": "application/json", "Content-Type": f"multipart/mixed; boundary={batch}"}
    return list(_outcomes(wire.ask(TableRequest("POST", f"{wire.root}/$batch", headers, body=body)).body))


def _part(origin: str, request: TableRequest, changes: str) -> bytes:
    lines = [
        f"--{changes}",
        "Content-Type: application/http",
        "Content-Transfer-Encoding: binary",
        "",
        f"{request.method} {origin}{request.path} HTTP/1.1",
        *(f"{name}: {value}" for name, value in request.headers.items() if name != NOT_WITHIN),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + (request.body or b"") + b"\r\n"


def _outcomes(body: bytes) -> Iterator[Answer]:
    for status, reason, head, content in _OUTCOME.findall(body):
        pairs = (line.partition(":") for line in head.decode().split("\r\n"))
        headers = HTTPHeaderDict((name.strip(), value.strip()) for name, _, value in pairs)
        yield Answer(int(status), reason.decode(), headers, content)
