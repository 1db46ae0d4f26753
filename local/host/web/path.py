"""Decodes a request's path as Kestrel does, before any route sees it."""

import re

_ENCODED = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")
_SLASH = b"%2f"


class BadPathError(Exception):
    """The path cannot be: answered with 400."""


def decode_path(raw: str) -> str:
    """Return a raw path decoded, its dot segments resolved. Raise BadPathError for what Kestrel answers with 400.

    An encoded slash stays as it was written, and so do bytes that are no UTF-8.
    """
    if not raw.isascii() or re.search("%00", raw):
        raise BadPathError(raw)
    decoded = _ENCODED.sub(lambda found: _decoded(found.group()), raw.encode("ascii"))
    return _without_dots(decoded.decode("utf-8"))


def _decoded(run: bytes) -> bytes:
    """Decode a run of `%XX`, each that is part of a valid UTF-8 letter."""
    items = re.findall(rb"%..", run)
    decoded = b"".join(item if item.lower() == _SLASH else bytes([int(item[1:], 16)]) for item in items)
    try:
        decoded.decode("utf-8")
    except UnicodeDecodeError:
        return _by_letters(items)
    return decoded


def _by_letters(items: list[bytes]) -> bytes:
    done, at = b"", 0
    while at < len(items):
        size = next((size for size in (1, 2, 3, 4) if _is_letter(items[at : at + size], size)), 0)
        done += bytes(int(item[1:], 16) for item in items[at : at + size]) if size else items[at]
        at += size or 1
    return done


def _is_letter(items: list[bytes], size: int) -> bool:
    if len(items) < size or items[0].lower() == _SLASH:
        return False
    try:
        return len(bytes(int(item[1:], 16) for item in items).decode("utf-8")) == 1
    except UnicodeDecodeError:
        return False


def _without_dots(path: str) -> str:
    if "/." not in path:
        return path
    kept: list[str] = []
    pieces = path.split("/")[1:]
    for piece in pieces:
        if piece == "..":
            kept = kept[:-1]
        elif piece != ".":
            kept.append(piece)
    ends_in_dots = pieces[-1] in (".", "..")
    return "/" + "/".join(kept) + ("/" if ends_in_dots and kept else "")
