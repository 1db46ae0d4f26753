"""The stack as an operator sees it: plans in, migrations watched, gates decided, commands given; all over HTTP."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from cli.answers import GateSeen, MachineSeen, MigrationSeen
from cli.caller import Caller
from cli.client import Api, of
from cli.machine_listing import MachineListing

from ..host.web.functions import CLOCK_IS_HELD


@dataclass(frozen=True)
class Picture:
    """How a migration stands at one moment."""

    migration: MigrationSeen
    machines: tuple[MachineSeen, ...] = ()

    @property
    def gates(self) -> tuple[GateSeen, ...]:
        """The gates that wait for people."""
        return self.migration.gates

    @property
    def ended(self) -> bool:
        """Tell whether the migration has ended."""
        return self.migration.ended


@dataclass(frozen=True)
class Decision:
    """What a person says at a gate."""

    gate: str
    decision: str
    wave: str = ""
    machines: tuple[str, ...] = ()
    comment: str = ""
    by: str = ""


class Driver(Caller):
    """Drives a stack: it looks while the skipping clock waits for its answer (see actor.py), and tells the local host so."""

    def headers(self) -> dict[str, str]:
        """Give the headers of any caller, and this."""
        return super().headers() | {CLOCK_IS_HELD: "true"}


class Door:
    """The product's HTTP API, through the command line's own client."""

    def __init__(self, url: str, key: str, by: str) -> None:
        """Keep where the app is and who asks."""
        self._api = Api(url, Driver(key=key, by=by))
        self._by = by
        self._listings: dict[str, MachineListing] = {}

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def submit(self, plan: bytes) -> str:
        """Send a plan in YAML (or JSON) as it is; give the migration's id."""
        answer = self._api.send("migrations", plan, {"content-type": "application/yaml"}, {"by": self._by})
        return str(answer.json()["id"])

    def look(self, migration: str) -> Picture:
        """Ask how a migration and its machines stand."""
        return Picture(self.glance(migration).migration, self.machines(migration))

    def glance(self, migration: str) -> Picture:
        """Ask how a migration stands, without its machines."""
        return Picture(MigrationSeen.model_validate(self._api.get(of(migration))))

    def machines(self, migration: str) -> tuple[MachineSeen, ...]:
        """Ask how the machines stand, in the order of their waves."""
        return MachineListing(self._api, migration).look()

    def changed_machines(self, migration: str) -> tuple[MachineSeen, ...]:
        """Give the machines as `machines` does; only those are asked for that changed since this was asked last."""
        return self._listings.setdefault(migration, MachineListing(self._api, migration)).look()

    def machine(self, migration: str, name: str) -> dict[str, Any]:
        """Ask for everything that is known of a machine."""
        return dict(self._api.get(f"{of(migration)}/machines/{name}"))

    def events(self, migration: str) -> list[dict[str, Any]]:
        """Give everything that happened, oldest first."""
        return self._api.values(f"{of(migration)}/events")

    def decide(self, migration: str, decision: Decision) -> None:
        """Decide at a gate."""
        body = {name: value for name, value in vars(decision).items() if value}
        self._api.command(migration, "approvals", body)

    def command(self, migration: str, verb: str, machines: Collection[str] = (), **more: str) -> None:
        """Give a command for some machines, or for all that it fits."""
        named = {"machines": list(machines)} if machines else {}
        self._api.command(migration, verb, named | more)

    def registration_key(self, migration: str, wave: str = "") -> str:
        """Have a registration key made; give its file."""
        body = {"by": self._by} | ({"wave": wave} if wave else {})
        kind = {"content-type": "application/json"}
        return self._api.send(f"{of(migration)}/registration-key", json.dumps(body).encode(), kind).text

    def report(self, migration: str, form: str) -> bytes:
        """Give the report as html, json or csv."""
        return self._api.fetch(f"{of(migration)}/report", {"format": form})
