"""Filters of table queries: comparisons, `and`, `or`, `not`, brackets."""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

Fits = Callable[[Mapping[str, Any]], bool]
COMPARE = {name: getattr(operator, name) for name in ("eq", "ne", "gt", "ge", "lt", "le")}
TOKEN = re.compile(
    r"\s*(?:(?P<bracket>[()])|datetime'(?P<moment>[^']+)'|'(?P<text>(?:[^']|'')*)'"
    r"|(?P<number>-?\d+(?:\.\d+)?)L?\b|(?P<word>\w+))"
)
TYPES = "@odata.type"
KEYS = ("PartitionKey", "RowKey")


@lru_cache(maxsize=2_000)
def compiled(text: str) -> Fits:
    """Make a filter. Raises `ValueError` for what this service does not know."""
    tokens = list(_tokens(text))
    fits = _any_of(tokens)
    if tokens:
        raise ValueError(f"not a filter: {text}")
    return fits


def equal_to(text: str, name: str) -> str | None:
    """Give the text that a column must equal, if the filter begins with saying so: listing one partition needs no other."""
    found = re.match(rf"{name} eq '((?:[^']|'')*)'( and |$)", text)
    return found[1].replace("''", "'") if found else None


def _tokens(text: str) -> Iterator[tuple[str, Any]]:
    at = 0
    while text[at:].strip():
        found = TOKEN.match(text, at)
        if not found:
            raise ValueError(f"not a filter: {text[at:]}")
        at = found.end()
        kind = found.lastgroup or ""
        yield kind, _value(kind, found[kind])


def _value(kind: str, text: str) -> Any:
    match kind:
        case "moment":
            return datetime.fromisoformat(text)
        case "text":
            return text.replace("''", "'")
        case "number":
            return float(text) if "." in text else int(text)
    return text


def _any_of(tokens: list[tuple[str, Any]]) -> Fits:
    either = [_all_of(tokens)]
    while tokens[:1] == [("word", "or")]:
        tokens.pop(0)
        either.append(_all_of(tokens))
    return either[0] if len(either) == 1 else lambda row: any(fits(row) for fits in either)


def _all_of(tokens: list[tuple[str, Any]]) -> Fits:
    each = [_term(tokens)]
    while tokens[:1] == [("word", "and")]:
        tokens.pop(0)
        each.append(_term(tokens))
    return each[0] if len(each) == 1 else lambda row: all(fits(row) for fits in each)


def _term(tokens: list[tuple[str, Any]]) -> Fits:
    kind, value = tokens.pop(0)
    if (kind, value) == ("word", "not"):
        inner = _term(tokens)
        return lambda row: not inner(row)
    if (kind, value) == ("bracket", "("):
        inner = _any_of(tokens)
        if tokens.pop(0) != ("bracket", ")"):
            raise ValueError("a bracket is not closed")
        return inner
    return _comparison(value, COMPARE[tokens.pop(0)[1]], *tokens.pop(0))


def _comparison(name: str, compare: Callable[[Any, Any], bool], kind: str, value: Any) -> Fits:
    wanted = value == "true" if kind == "word" else value
    if name in KEYS and kind == "text":
        return lambda row: bool(compare(row[name], wanted))

    def fits(row: Mapping[str, Any]) -> bool:
        stored = _read(row, name)
        return type(stored) is type(wanted) and compare(stored, wanted)

    return fits


def _read(row: Mapping[str, Any], name: str) -> Any:
    value = row.get(name)
    if isinstance(value, str):
        kind = row.get(name + TYPES)
        if name == "Timestamp" or kind == "Edm.DateTime":
            return datetime.fromisoformat(value)
        return int(value) if kind == "Edm.Int64" else value
    return value
