"""The text of a queue message on the wire, with host.json's `messageEncoding`."""

import base64
import binascii


class UndecodableError(ValueError):
    """The message is not what `messageEncoding` says it is."""


def decode(text: str, *, base64_encoded: bool) -> bytes:
    """Give the body of a message as it came; raises UndecodableError."""
    if not base64_encoded:
        return text.encode()
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UndecodableError("the message is not base64; host.json's queues.messageEncoding asks for it") from error


def encode(body: str | bytes, *, base64_encoded: bool) -> str:
    """Give the text to send; raises UndecodableError when bytes that are no text are to go unencoded."""
    raw = body.encode() if isinstance(body, str) else body
    if base64_encoded:
        return base64.b64encode(raw).decode()
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise UndecodableError("bytes that are no text need queues.messageEncoding base64") from error
