"""The stack as an operator sees it: plans in, migrations watched, gates decided, commands given; all over HTTP."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from cli.answers import GateSeen, MachineSeen, MigrationSeen
from cli.client import Api, of


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


class Door(Protocol):
    """What an operator can do."""

    def submit(self, plan: bytes, by: str) -> str: ...  # noqa: D102 - named after what they do
    def look(self, migration: str) -> Picture: ...  # noqa: D102
    def events(self, migration: str) -> list[dict[str, Any]]: ...  # noqa: D102
    def decide(self, migration: str, said: Decision) -> None: ...  # noqa: D102
    def command(self, migration: str, verb: str, machines: Collection[str] = (), comment: str = "") -> None: ...  # noqa: D102
    def report(self, migration: str, form: str) -> bytes: ...  # noqa: D102


class HttpDoor:
    """The door of the product: its HTTP API, through the command line's own client."""

    def __init__(self, url: str, key: str, by: str) -> None:
        """Keep where the app is and who asks."""
        self._api = Api(url, key, by)
        self._by = by

    def submit(self, plan: bytes, by: str) -> str:
        """Send a plan as it is; give the migration's id."""
        answer = self._api.send("migrations", plan, {"content-type": "application/yaml"}, {"by": by})
        return str(answer.json()["id"])

    def look(self, migration: str) -> Picture:
        """Ask how a migration stands."""
        seen = MigrationSeen.model_validate(self._api.get(of(migration)))
        rows = self._api.values(f"{of(migration)}/machines")
        return Picture(seen, tuple(MachineSeen.model_validate(row) for row in rows))

    def events(self, migration: str) -> list[dict[str, Any]]:
        """Give everything that happened, oldest first."""
        return self._api.values(f"{of(migration)}/events")

    def decide(self, migration: str, said: Decision) -> None:
        """Decide at a gate."""
        body = {name: value for name, value in vars(said).items() if value}
        self._api.command(migration, "approvals", body)

    def command(self, migration: str, verb: str, machines: Collection[str] = (), comment: str = "") -> None:
        """Give a command for some machines, or for all that it fits."""
        self._api.command(migration, verb, {"machines": list(machines), "comment": comment})

    def report(self, migration: str, form: str) -> bytes:
        """Give the report as html, json or csv."""
        return self._api.fetch(f"{of(migration)}/report", {"format": form})
