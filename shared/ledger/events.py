"""The ledger of events: what happened, when and by whom, in plain words, oldest first."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import Field

from shared.ledger.ordering import order
from shared.models import NEVER, Model, Place
from shared.rows import Rows


class Event(Model):
    """One thing that happened."""

    at: datetime = NEVER
    migration: str = ""
    wave: str = ""
    machine: str = ""
    phase: str = ""
    round: int = 1
    what: str = Field(description="short kebab id, e.g. failover-started")
    text: str = Field(default="", description="plain words")
    by: str = ""
    data: dict[str, Any] = Field(default={})


TABLE: Final = Rows("events", Event)


def write(place: Place, what: str, text: str, by: str = "", data: Mapping[str, Any] | None = None) -> Event:
    """Write an event; the same place, moment and `what` is one event, however often it is written."""
    same = {name: getattr(place, name) for name in ("migration", "wave", "machine", "phase", "round")}
    event = Event(at=place.now, what=what, text=text, by=by, data=dict(data or {}), **same)
    TABLE.put(place.migration, _row_key(place, what), event)
    return event


def page(migration: str, token: str = "", size: int = 100, machine: str | None = None) -> tuple[tuple[Event, ...], str]:
    """Give `size` events, oldest first, those of one machine where asked, and the token of the next page ("" = no more)."""
    where, values = ("machine eq @machine", {"machine": machine}) if machine is not None else ("", {})
    return TABLE.page(migration, token, size, where, values)


def id_of(event: Event) -> str:
    """Give the id of an event: it is the token of the page that begins behind it."""
    same = {name: getattr(event, name) for name in ("migration", "wave", "machine", "phase", "round")}
    return _row_key(Place(now=event.at, **same), event.what)


def _row_key(place: Place, what: str) -> str:
    """Sort by time, events of one moment by what came first; tell the rest apart."""
    said = hashlib.sha256(f"{place.key}\n{what}".encode()).hexdigest()[:16]
    return f"{place.now.astimezone(UTC):%Y%m%dT%H%M%S.%f}.{order(place, what)}.{said}"
