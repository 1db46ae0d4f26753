"""Reads a request's body, up to the limit that Azure sets."""

import os

from starlette.requests import Request

LIMIT_SETTING = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"
DEFAULT_LIMIT = 100 * 1024 * 1024


class TooLargeError(Exception):
    """The body is over the limit: answered with 413."""


def limit() -> int:
    """Give the largest body in bytes (documented: 100 MB, an app setting changes it)."""
    return int(os.environ.get(LIMIT_SETTING) or DEFAULT_LIMIT)


async def read_body(request: Request, most: int) -> bytes:
    """Give the whole body; raises TooLargeError as soon as it is known to be over the limit."""
    announced = request.headers.get("content-length")
    if announced and announced.isdigit() and int(announced) > most:
        raise TooLargeError
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise TooLargeError
    return bytes(body)
