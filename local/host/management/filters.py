"""Reads the query parameters of listings and purges as the extension reads them: what it cannot read it leaves out."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from ..durable.app import Query

# With their numbers on the wire, which may be asked for, too.
STATUSES = ("Running", "Completed", "ContinuedAsNew", "Failed", "Canceled", "Terminated", "Pending", "Suspended")
PURGED = frozenset({"Completed", "Failed", "Terminated", "Canceled"})
ALSO_A_TIME = ("%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S")
PAGE = 100


class NegativeTopError(ValueError):
    """A page of fewer than no instances was asked for: answered with 500."""


def joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Give parameters by lower-case name; values of one name are joined by commas."""
    found: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        found[key] = f"{found[key]},{value}" if key in found else value
    return found


def flag(parameters: Mapping[str, str], name: str, default: bool) -> bool:
    """Give a true/false parameter; anything else is the default, as in the extension."""
    return {"true": True, "false": False}.get(parameters.get(name.lower(), "").strip().lower(), default)


def moment(parameters: Mapping[str, str], name: str) -> datetime | None:
    """Give a time parameter, UTC when it names no zone; None when it cannot be read."""
    text = parameters.get(name.lower(), "").strip()
    found = _iso(text) or next((time for form in ALSO_A_TIME if (time := _of_form(text, form))), None)
    if found is None:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def seconds(parameters: Mapping[str, str], name: str) -> float | None:
    """Give a number of seconds; None when it cannot be read."""
    try:
        return float(parameters.get(name.lower(), ""))
    except ValueError:
        return None


def listing(parameters: Mapping[str, str], after: str | None) -> Query:
    """Give the query of a listing; raises NegativeTopError."""
    return Query(
        statuses=statuses(parameters),
        created_from=moment(parameters, "createdTimeFrom"),
        created_to=moment(parameters, "createdTimeTo"),
        prefix=parameters.get("instanceidprefix", ""),
        top=top(parameters),
        continuation=after,
        show_input=flag(parameters, "showInput", default=True),
    )


def entity_listing(parameters: Mapping[str, str], after: str | None) -> Query:
    """Give the query of a listing of entities, whose times are those of their last operations; raises NegativeTopError."""
    return Query(
        created_from=moment(parameters, "lastOperationTimeFrom"),
        created_to=moment(parameters, "lastOperationTimeTo"),
        top=top(parameters),
        continuation=after,
    )


def purging(parameters: Mapping[str, str]) -> Query:
    """Give the query of a purge.

    As in Azure: neither prefix nor top is heeded, and unless a status is named at which instances end, everything in
    the range is meant, running ones, too.
    """
    created = moment(parameters, "createdTimeFrom"), moment(parameters, "createdTimeTo")
    return Query(statuses(parameters) & PURGED, *created)


def statuses(parameters: Mapping[str, str]) -> frozenset[str]:
    """Give the runtime statuses that are asked for; letter case counts, unknown ones are dropped."""
    names = (name.strip() for name in parameters.get("runtimestatus", "").split(","))
    found = (STATUSES[int(name)] if name.isdigit() and int(name) < len(STATUSES) else name for name in names)
    return frozenset(name for name in found if name in STATUSES)


def top(parameters: Mapping[str, str]) -> int:
    """Give the size of a page; raises NegativeTopError."""
    try:
        number = int(parameters.get("top", ""))
    except ValueError:
        return PAGE
    if number < 0:
        raise NegativeTopError(f"top must not be negative: {number}")
    return min(number, 2**31 - 1)


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _of_form(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return None
