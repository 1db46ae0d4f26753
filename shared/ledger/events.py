"""The ledger of events: what happened, when and by whom, in plain words, oldest first."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import Field

from shared.ledger.ordering import order
from shared.models import NEVER, Model, Scope
from shared.storage.rows import Rows


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


DECISION: Final = "decision"  # in an event's data: the id of the decision that it tells of


def write(scope: Scope, what: str, text: str, by: str = "", data: Mapping[str, Any] | None = None) -> Event:
    """Write an event; the same place, moment and `what` is one event, however often it is written."""
    same = {name: getattr(scope, name) for name in ("migration", "wave", "machine", "phase", "round")}
    event = Event(at=scope.now, what=what, text=text, by=by, data=dict(data or {}), **same)
    TABLE.put(scope.migration, id_of(event), event)
    return event


def decided(event: Event) -> None:
    """Write the event of a decision; its id tells it from others of the same moment."""
    TABLE.put(event.migration, id_of(event), event)


def add_to_decision(event: Event) -> None:
    """Make good the event of a decision that may have been lost, or told of some of its machines only."""

    def mutate(existing: Event | None) -> Event | None:
        if existing is None:
            return event
        named = {name: _both(existing.data.get(name), event.data.get(name)) for name in ("machines", "waves")}
        return (
            existing
            if all(existing.data.get(name) == value for name, value in named.items())
            else _wider(existing, named)
        )

    TABLE.change(event.migration, id_of(event), mutate)


def _both(each: Any, other: Any) -> list[str]:
    return list(dict.fromkeys([*(each or ()), *(other or ())]))


def _wider(event: Event, named: Mapping[str, list[str]]) -> Event:
    return event.replace(machine="", wave=event.wave if len(named["waves"]) < 2 else "", data={**event.data, **named})


def page(migration: str, token: str = "", size: int = 100, machine: str | None = None) -> tuple[tuple[Event, ...], str]:
    """Give `size` events, oldest first, those of one machine where asked, and the token of the next page ("" = no more)."""
    where, values = ("machine eq @machine", {"machine": machine}) if machine is not None else ("", {})
    return TABLE.page(migration, token, size, where, values)


def id_of(event: Event) -> str:
    """Give the id of an event: it is the token of the page that begins behind it."""
    decision = str(event.data.get(DECISION) or "")
    same = {name: getattr(event, name) for name in ("migration", "wave", "machine", "phase", "round")}
    if decision:  # whom it concerns may be known in parts only; it is one event all the same
        same |= {"wave": "", "machine": ""}
    return _row_key(Scope(now=event.at, **same), event.what, decision)


def _row_key(scope: Scope, what: str, decision: str) -> str:
    """Sort by time, events of one moment by what came first; tell the rest apart."""
    told = f"{scope.key}\n{what}" + (f"\n{decision}" if decision else "")
    said = hashlib.sha256(told.encode()).hexdigest()[:16]
    return f"{scope.now.astimezone(UTC):%Y%m%dT%H%M%S.%f}.{order(scope, what)}.{said}"
