"""A request as it would have gone over the wire, and its answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic_core import from_json, to_json

JSON = "application/json;odata=minimalmetadata"


@dataclass(frozen=True)
class Request:
    """What was sent; header names are in lower case, the path is decoded."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What the service says."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):  # noqa: N818 - it is an answer
    """The service does not do it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        """Take what the service says."""
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def request_of(method: str, target: str, headers: Mapping[str, Any], body: Any) -> Request:
    """Read a request; `target` is its path and query, or its whole URL."""
    place = urlsplit(target)
    query = {name: values[0] for name, values in parse_qs(place.query, keep_blank_values=True).items()}
    plain = {
        name.lower(): value.decode() if isinstance(value, bytes) else str(value) for name, value in headers.items()
    }
    content = body.read() if hasattr(body, "read") else body or b""
    return Request(
        method, unquote(place.path), query, plain, content.encode() if isinstance(content, str) else bytes(content)
    )


def read(body: bytes) -> Any:
    """Read JSON, also the half of a character, which the quick reader refuses. Raises `ValueError` for what is none."""
    try:
        return from_json(body)
    except ValueError:
        return json.loads(body)


def written(content: Any) -> str:
    """Write JSON."""
    try:
        return to_json(content).decode()
    except ValueError:
        return json.dumps(content)


def in_json(status: int, content: Any, **headers: str) -> Answer:
    """Answer with JSON."""
    return Answer(status, written(content).encode(), {"content-type": JSON, **headers})
