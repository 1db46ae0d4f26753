"""Signatures of webhooks, as Standard Webhooks asks: HMAC-SHA256 over id, time and body, so that nobody can make or replay one.

A key may be replaced without a gap: with two of them every message bears both signatures.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

PREFIX: Final = "whsec_"


def headers(message: str, seconds: int, body: bytes, keys: Sequence[str]) -> dict[str, str]:
    """Give the headers of a message that is sent at a moment (seconds since 1970)."""
    signed = f"{message}.{seconds}.".encode() + body
    signatures = (base64.b64encode(hmac.digest(secret(key), signed, hashlib.sha256)).decode() for key in keys)
    return {
        "webhook-id": message,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{each}" for each in signatures),
    }


def secret(key: str) -> bytes:
    """Give the bytes of a key: base64 behind `whsec_`; any other text is taken as it is."""
    if key.startswith(PREFIX):
        try:
            return base64.b64decode(key.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            return key.encode()
    return key.encode()
