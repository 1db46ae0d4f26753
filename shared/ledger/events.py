"""The ledger of events: what happened, when and by whom, in plain words, oldest first."""

import hashlib
from datetime import UTC, datetime
from typing import Final

from pydantic import Field

from shared.coordination.decision import Decision
from shared.ledger.event_data import EventData
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
    decision: Decision | None = Field(default=None, description="that it tells of")
    data: EventData | None = None


TABLE: Final = Rows("events", Event)


def write(scope: Scope, what: str, text: str, by: str = "", data: EventData | None = None) -> Event:
    """Write an event; the same place, moment and `what` is one event, however often it is written."""
    same = {name: getattr(scope, name) for name in ("migration", "wave", "machine", "phase", "round")}
    event = Event(at=scope.now, what=what, text=text, by=by, data=data, **same)
    TABLE.put(scope.migration, id_of(event), event)
    return event


def tell(event: Event) -> None:
    """Write the event of a decision; what another gate, or a second telling, says of the same one is added to it.

    It is an event of a wave, or of a machine, where the decision names no other.
    """

    def mutate(existing: Event | None) -> Event | None:
        stands = existing or event
        if stands.decision is None or event.decision is None:
            return event
        whole = stands.decision.joined(event.decision)
        wave, machine = (names[0] if len(names) == 1 else "" for names in (whole.waves, whole.machines))
        return stands.replace(wave=wave, machine=machine, decision=whole)

    TABLE.change(event.migration, id_of(event), mutate)


def page(migration: str, token: str = "", size: int = 100, machine: str | None = None) -> tuple[tuple[Event, ...], str]:
    """Give `size` events, oldest first, those of one machine where asked, and the token of the next page ("" = no more)."""
    where, values = ("machine eq @machine", {"machine": machine}) if machine is not None else ("", {})
    return TABLE.page(migration, token, size, where, values)


def id_of(event: Event) -> str:
    """Give the id of an event: it is the token of the page that begins behind it."""
    same = {name: getattr(event, name) for name in ("migration", "wave", "machine", "phase", "round")}
    if event.decision is None:
        return _row_key(Scope(now=event.at, **same), event.what, "")
    # whom it concerns may be known in parts only; it is one event all the same
    return _row_key(Scope(now=event.at, **same | {"wave": "", "machine": ""}), event.what, event.decision.id)


def _row_key(scope: Scope, what: str, decision: str) -> str:
    """Sort by time, events of one moment by what came first; tell the rest apart."""
    text = f"{scope.key}\n{what}" + (f"\n{decision}" if decision else "")
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return f"{scope.now.astimezone(UTC):%Y%m%dT%H%M%S.%f}.{order(scope, what)}.{digest}"
