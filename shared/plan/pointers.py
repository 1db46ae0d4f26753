"""JSON pointers (RFC 6901): where in a document something stands."""

from collections.abc import Iterable


def pointer(path: Iterable[str | int]) -> str:
    """Give the pointer of a path, escaped: `~` as `~0`, `/` as `~1`."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
