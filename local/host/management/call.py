"""One call of the durable management API, and how a path tells what is meant."""

import base64
import binascii
from dataclasses import dataclass
from functools import cached_property

from starlette.requests import Request

from .filters import joined

CONTINUATION = "x-ms-continuation-token"
PREFIX = "id:"


@dataclass(frozen=True)
class Call:
    """One call: the path below the API's root, in decoded parts, and the request."""

    parts: tuple[str, ...]
    request: Request
    body: str

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The query parameters by lower-case name."""
        return joined(self.request.query_params.multi_items())

    @property
    def reason(self) -> str | None:
        """Why, as the caller says it."""
        return self.parameters.get("reason")

    @property
    def origin(self) -> str:
        """Where the caller found the API: links point there."""
        return str(self.request.base_url).rstrip("/")

    @property
    def shape(self) -> tuple[str, ...]:
        """The method, and the path with names and ids as `*`."""
        fixed = (0, 2) if self.parts[0].lower() == "instances" else (0,)
        path = (part.lower() if at in fixed else "*" for at, part in enumerate(self.parts))
        return (self.request.method, *path)

    def after(self) -> tuple[bool, str | None]:
        """Say whether the token that the caller sent back is one, and after which id the page begins."""
        token = self.request.headers.get(CONTINUATION)
        if not token:
            return True, None
        try:
            text = base64.b64decode(token, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return False, None
        return text.startswith(PREFIX), text.removeprefix(PREFIX)


def token_of(after: str | None) -> str:
    """Give the token for the page after an id, an empty one when there is none."""
    return "" if after is None else base64.b64encode(f"{PREFIX}{after}".encode()).decode()
