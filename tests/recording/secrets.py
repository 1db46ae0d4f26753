"""What must not stand in any log: keys, tokens, signatures, connection strings."""

import re
from collections.abc import Iterable

# Written so that what an SDK has redacted (`sig=REDACTED`, `Bearer ***`) passes.
PATTERNS = {
    "storage key": re.compile(r"AccountKey=[^;\s*]|SharedKey(?:Lite)? \w+:\S"),
    "signature of a URL": re.compile(r"[?&](?:sig|s)=(?!REDACTED|\*)[\w%+/-]{16,}"),
    "bearer token": re.compile(r"\b[Bb]earer (?!\*|REDACTED|token|authorization)[\w.~+/-]{8,}"),
    "functions key": re.compile(
        r"x-functions-key['\"]?\s*[:=]\s*['\"]?(?!REDACTED|\*)[\w=-]{8,}|[?&]code=(?!REDACTED|\*)[\w%=-]{16,}"
    ),
    "AWS key": re.compile(
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|aws_secret_access_key['\"]?\s*[:=]\s*['\"]?\w|X-Amz-Signature=\w{8}"
    ),
    "JSON web token": re.compile(r"\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*"),
    "private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
}


def leaks(text: str, known: Iterable[str] = ()) -> list[str]:
    """Give what in a text looks like a secret, and every known secret that it holds, each by the kind it is."""
    found = [f"{kind}: {match.group()[:24]}…" for kind, pattern in PATTERNS.items() for match in pattern.finditer(text)]
    return found + [f"known secret: {secret[:4]}…" for secret in known if secret and secret in text]
