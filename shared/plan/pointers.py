"""JSON pointers (RFC 6901): where in a document something stands."""

from collections.abc import Iterable
from typing import Any


def pointer(path: Iterable[str | int]) -> str:
    """Give the pointer of a path, escaped: `~` as `~0`, `/` as `~1`."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def value_at(document: Any, place: str) -> Any:
    """Give what stands at a pointer; None where nothing does."""
    for step in place.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(document, dict):
            document = document.get(name)
        elif isinstance(document, list) and name.isdecimal() and int(name) < len(document):
            document = document[int(name)]
        else:
            return None
    return document
