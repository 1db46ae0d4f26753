"""JSON pointers (RFC 6901): where in a document something stands."""

from collections.abc import Iterable
from typing import Any


def pointer(path: Iterable[str | int]) -> str:
    """Give the pointer of a path, escaped: `~` as `~0`, `/` as `~1`."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def steps_of(place: str) -> tuple[str, ...]:
    """Give the steps of a pointer as they are called in the document."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in place.split("/")[1:])


def reached(document: Any, steps: tuple[str, ...]) -> tuple[int, Any]:
    """Go down as far as there is something; give how many steps that are, and what stands there."""
    for number, step in enumerate(steps):
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            return number, document
    return len(steps), document


def value_at(document: Any, place: str) -> Any:
    """Give what stands at a pointer; None where nothing does."""
    steps = steps_of(place)
    number, found = reached(document, steps)
    return found if number == len(steps) else None
