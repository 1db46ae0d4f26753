"""Transactions of the table service: requests within a request, all of them or none."""

import json
import re
from collections.abc import Iterator

from .tables import Tables
from .wire import Answer, Refused, Request, request_of

BOUNDARY = re.compile(rb"boundary=(changeset_[\w-]+)")
STATUS = {201: "Created", 204: "No Content"}


def answer(tables: Tables, request: Request) -> Answer:
    """Do all operations of a transaction, or none of them."""
    done: list[str] = []
    try:
        with tables.transaction():
            done.extend(_part(tables.answer(each)) for each in _requests(request.body))
    except Refused as refused:
        return _packed([_refusal(len(done), refused)])
    return _packed(done)


def _requests(body: bytes) -> Iterator[Request]:
    found = BOUNDARY.search(body)
    if not found:
        raise Refused(400, "InvalidInput", "A transaction has its operations in a set of changes.")
    for part in body.split(b"--" + found[1])[1:-1]:
        _, head, content = part.split(b"\r\n\r\n", 2)
        first, *lines = head.decode().split("\r\n")
        method, url, _ = first.split(" ", 2)
        yield request_of(method, url, dict(line.split(": ", 1) for line in lines), content.removesuffix(b"\r\n"))


def _part(made: Answer) -> str:
    etag = f"ETag: {made.headers['etag']}\r\n" if "etag" in made.headers else ""
    return f"HTTP/1.1 {made.status} {STATUS[made.status]}\r\nDataServiceVersion: 3.0;\r\n{etag}\r\n\r\n"


def _refusal(number: int, refused: Refused) -> str:
    content = {
        "odata.error": {"code": refused.code, "message": {"lang": "en-US", "value": f"{number}:{refused.message}"}}
    }
    return (
        f"HTTP/1.1 {refused.status} {refused.code}\r\nContent-ID: {number + 1}\r\nDataServiceVersion: 3.0;\r\n"
        f"Content-Type: application/json;odata=minimalmetadata;charset=utf-8\r\n\r\n{json.dumps(content)}\r\n"
    )


def _packed(parts: list[str]) -> Answer:
    head = "--changesetresponse\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    changes = "".join(head + part for part in parts)
    body = (
        "--batchresponse\r\nContent-Type: multipart/mixed; boundary=changesetresponse\r\n\r\n"
        f"{changes}--changesetresponse--\r\n--batchresponse--\r\n"
    )
    return Answer(202, body.encode(), {"content-type": "multipart/mixed; boundary=batchresponse"})
