"""Reads the query parameters of listings and purges."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from ..durable.app import Query

STATUSES = ("Running", "Completed", "ContinuedAsNew", "Failed", "Canceled", "Terminated", "Pending", "Suspended")
_CANONICAL = {name.lower(): name for name in STATUSES}


class BadFilterError(ValueError):
    """A query parameter cannot be read: answered with 400."""


def flag(parameters: Mapping[str, str], name: str, default: bool) -> bool:
    """Give a true/false parameter; anything else is the default, as in the extension."""
    return {"true": True, "false": False}.get(parameters.get(name, "").lower(), default)


def moment(parameters: Mapping[str, str], name: str) -> datetime | None:
    """Give a time parameter, UTC when it names no zone."""
    text = parameters.get(name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadFilterError(f"{name} is no time: {text!r}") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def query_of(parameters: Mapping[str, str], continuation: str | None) -> Query:
    """Give the query that the parameters stand for; raises BadFilterError."""
    query = Query(
        statuses=_statuses(parameters.get("runtimeStatus", "")),
        created_from=moment(parameters, "createdTimeFrom"),
        created_to=moment(parameters, "createdTimeTo"),
        prefix=parameters.get("instanceIdPrefix", ""),
        continuation=continuation or None,
        show_input=flag(parameters, "showInput", default=True),
    )
    return replace(query, top=_top(parameters["top"])) if parameters.get("top") else query


def _statuses(text: str) -> frozenset[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name.lower() not in _CANONICAL]
    if unknown:
        raise BadFilterError(f"runtimeStatus has unknown values: {', '.join(unknown)}")
    return frozenset(_CANONICAL[name.lower()] for name in names)


def _top(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise BadFilterError(f"top must be a number above zero, not {text!r}")
    return int(text)
