"""The same door without HTTP, for as long as the app has no HTTP API: intake, ledger and steering in this process."""

import json
import os
from collections.abc import Collection, Mapping
from typing import Any

import httpx

from cli.answers import GateSeen, MachineSeen, MigrationSeen
from shared import clock, gates, intake
from shared.contracts import MIGRATE, ROLL_BACK
from shared.ids import root_of
from shared.ledger import events, machines, migrations
from shared.plan.reader import read_plan
from shared.requests import Round
from shared.settings import settings
from shared.steering import deciding, pausing, rounds
from shared.steering.steered import Said, Steered

from .door import Decision, Picture
from .environment import for_app
from .stack import Stack


class InnerDoor:
    """Does what the triggers will do, with the durable management API for starts and events."""

    def __init__(self, stack: Stack, by: str) -> None:
        """Point this process at the stack's storage."""
        os.environ.update({name: value for name, value in for_app(stack.places).items() if name.startswith("AZFERRY_")})
        settings.cache_clear()
        self._by = by
        self._stack = stack

    def submit(self, plan: bytes, by: str) -> str:
        """Take a plan in and start its first round."""
        taken = intake.take_in(read_plan(plan, "application/yaml", clock.now()), by, clock.now())
        self._begin(taken.first)
        return taken.migration

    def look(self, migration: str) -> Picture:
        """Read the ledger."""
        row = migrations.get(migration)
        found = [GateSeen.model_validate(_plain(one, GateSeen)) for one in gates.of_migration(migration)]
        seen = MigrationSeen.model_validate(_plain(row, MigrationSeen)).but(gates=tuple(found))
        return Picture(
            seen, tuple(MachineSeen.model_validate(_plain(one, MachineSeen)) for one in machines.list(migration))
        )

    def events(self, migration: str) -> list[dict[str, Any]]:
        """Read the ledger of events."""
        found: list[dict[str, Any]] = []
        token = ""
        while True:
            page, token = events.page(migration, token, 500)
            found += [one.model_dump(mode="json", by_alias=True) for one in page]
            if not token:
                return found

    def decide(self, migration: str, said: Decision) -> None:
        """Decide at a gate."""
        answer = deciding.Answer(
            gate=said.gate, decision=gates.Verdict(said.decision), wave=said.wave, machines=said.machines
        )
        self._follow(deciding.decide(migration, answer, self._said(said.comment).but(by=said.by or self._by)))

    def command(self, migration: str, verb: str, machines: Collection[str] = (), comment: str = "") -> None:
        """Give a command."""
        said = self._said(comment)
        if verb in ("rollback", "cancel"):
            self._follow(rounds.open_roll_back(migration, verb, machines, said))
            return
        act = {"retry": rounds.retry, "pause": pausing.pause, "resume": pausing.resume}[verb]
        self._follow(act(migration, machines, said))

    def report(self, migration: str, form: str) -> bytes:
        """Give what there is: the rows as JSON."""
        if form != "json":
            return b""
        seen = self.look(migration)
        rows = [one.model_dump(mode="json", by_alias=True) for one in seen.machines]
        return json.dumps({"migration": migration, "machines": rows, "events": self.events(migration)}).encode()

    def _said(self, comment: str) -> Said:
        return Said(by=self._by, at=clock.now(), comment=comment)

    def _follow(self, steered: Steered) -> None:
        if steered.begin is not None:
            self._begin(steered.begin)
        for one in steered.announcements:
            self._post(f"instances/{one.instance}/raiseEvent/{one.event}", {})

    def _begin(self, asked: Round) -> None:
        phase = MIGRATE if asked.purpose == "migrate" else ROLL_BACK
        root = root_of(asked.migration, asked.round, asked.purpose)
        body = asked.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        self._post(f"orchestrators/{phase.name}/{root}", body)

    def _post(self, path: str, body: Mapping[str, Any]) -> None:
        keys = json.loads((self._stack.folder / "host" / "keys.json").read_text(encoding="utf-8"))
        url = f"{self._stack.host.url}/runtime/webhooks/durabletask/{path}"
        answer = httpx.post(url, params={"code": keys["durable"]}, json=body, timeout=60, trust_env=False)
        if answer.status_code not in (404, 409, 410):  # nobody hears it any more, or it runs already
            answer.raise_for_status()


def _plain(row: Any, kind: Any) -> dict[str, Any]:
    """Give the fields that the other model knows."""
    return {name: getattr(row, name) for name in kind.model_fields if hasattr(row, name)}
