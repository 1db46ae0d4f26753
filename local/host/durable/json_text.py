"""JSON texts as Azure passes them on: read once, and written again without blanks."""

import json

write_json = json.JSONEncoder(separators=(",", ":")).encode
_write_as_read = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def rewritten(text: str) -> str:
    """Return a JSON text as Azure writes what it has read; raises ValueError or TypeError when it is none."""
    value = json.loads(text)
    if text.isascii() and "\\u" not in text:
        return write_json(value)
    plain = _write_as_read(value)
    try:
        plain.encode()
    except UnicodeEncodeError:
        return write_json(value)  # half of a character can be written as an escape only
    return plain
