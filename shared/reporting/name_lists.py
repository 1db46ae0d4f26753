"""Names in a sentence: the first few, and how many more there are."""

from collections.abc import Sequence


def some_of(names: Sequence[str], most: int) -> str:
    """Give the first `most` of some names, and say how many it leaves out."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
