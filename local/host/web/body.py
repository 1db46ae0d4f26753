"""Reads a request's body, up to the limit that Azure sets."""

import logging
import os

from starlette.requests import ClientDisconnect, Request

logger = logging.getLogger("host")

LIMIT_SETTING = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"
DEFAULT_LIMIT = 100 * 1024 * 1024


class TooLargeError(Exception):
    """The body is over the limit: answered with 413."""


def limit() -> int:
    """Give the largest body in bytes (documented: 100 MB, an app setting changes it)."""
    return int(os.environ.get(LIMIT_SETTING) or DEFAULT_LIMIT)


class CutOffError(Exception):
    """The caller went away before the whole body came: nobody reads an answer."""


async def read_body(request: Request, most: int) -> bytes:
    """Return the whole body; nothing of one that comes without Content-Length: Azure's host does not read that.

    Raise TooLargeError as soon as it is over the limit, CutOffError when it ends early.
    """
    announced = request.headers.get("content-length")
    if not announced and "transfer-encoding" in request.headers:
        logger.warning("The body of %s %s has no Content-Length: it is not read", request.method, request.url.path)
        return b""
    if announced and announced.isdigit() and int(announced) > most:
        raise TooLargeError
    try:
        return await _gathered(request, most)
    except ClientDisconnect as gone:
        raise CutOffError from gone


async def _gathered(request: Request, most: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise TooLargeError
    return bytes(body)
