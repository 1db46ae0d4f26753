"""The tools of an assistant: each asks the HTTP API as a command does, and gives what it answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import quote

from pydantic import Field

from cli.client import Api, of
from cli.mcp_forecast import foretold
from cli.profiles_beside import PROFILES

MOST: Final = 100  # entries of an answer, where no other number is asked for: an assistant reads all of it

Answer = dict[str, Any]
Migration = Annotated[str, Field(description="id of the migration, as list_migrations shows it")]
Machine = Annotated[str, Field(description="name of the machine")]
Machines = Annotated[tuple[str, ...], Field(description="only these machines; empty = all that are meant")]
Waves = Annotated[tuple[str, ...], Field(description="only these waves; empty = the one that waits at this gate")]
Wave = Annotated[str, Field(description="only of this wave; empty = of all")]
States = Annotated[tuple[str, ...], Field(description="only in these states, e.g. Failed; empty = in all")]
Gate = Annotated[str, Field(description="the gate, as inbox and migration name it")]
Comment = Annotated[str, Field(description="why, in the person's words; kept in the ledger")]
Plan = Annotated[str, Field(description="the plan itself, as YAML or JSON")]
ProfileName = Annotated[str, Field(description="name of a profile, as a plan has it; empty = list all")]
Most = Annotated[int, Field(ge=1, le=1000, description="how many at most")]


@dataclass(frozen=True)
class Looking:
    """Tools that change nothing."""

    api: Api

    def tools(self) -> list[Callable[..., Answer]]:
        """Give the functions that are offered to every assistant."""
        return [
            self.inbox,
            self.list_migrations,
            self.migration,
            self.list_machines,
            self.machine,
            self.events,
            self.target_profiles,
            self.forecast,
        ]

    def inbox(self) -> Answer:
        """List what waits for a person in all migrations, the most urgent first, and machines that serve nowhere."""
        return dict(self.api.get("inbox"))

    def list_migrations(self, most: Most = MOST) -> Answer:
        """List the migrations, the newest first."""
        found = self.api.values("migrations")
        return {"value": found[:most], "leftOut": max(0, len(found) - most)}

    def migration(self, migration: Migration) -> Answer:
        """Say how a migration stands: waves, open gates with the command of each, counts of machines, problems."""
        return dict(self.api.get(of(migration)))

    def list_machines(self, migration: Migration, wave: Wave = "", states: States = (), most: Most = MOST) -> Answer:
        """List machines of a migration with state, phase, progress, what each waits for, and its problem."""
        found = [
            row
            for row in self.api.values(f"{of(migration)}/machines")
            if wave in ("", row.get("wave")) and (not states or row.get("state") in states)
        ]
        return {"value": found[:most], "leftOut": max(0, len(found) - most)}

    def machine(self, migration: Migration, machine: Machine) -> Answer:
        """Say how one machine stands, with its concerns and its problem."""
        return dict(self.api.get(f"{of(migration)}/machines/{quote(machine, safe='')}"))

    def events(self, migration: Migration, machine: Machine = "", most: Most = MOST) -> Answer:
        """Tell the newest events of a migration or of one machine: what happened, when, by whom; the oldest first."""
        found = self.api.values(f"{of(migration)}/events", {"machine": machine} if machine else {})
        return {"value": found[-most:], "leftOut": max(0, len(found) - most)}

    def target_profiles(self, profile: ProfileName = "") -> Answer:
        """List the settings of targets and policies that plans can name; of one profile also its settings and every change of it."""
        if profile:
            return dict(self.api.get(f"{PROFILES}/{quote(profile, safe='')}"))
        return {"value": self.api.values(PROFILES)}

    def forecast(self, plan: Plan) -> Answer:
        """Play a plan on this machine's local stack, for some minutes; no app, no cloud: when, who must be there, what holds back."""
        return foretold(plan)


@dataclass(frozen=True)
class Deciding:
    """Tools that decide at gates and steer. What cannot be taken back (cutover, roll back, cancel, skip) is for people."""

    api: Api

    def tools(self) -> list[Callable[..., Answer]]:
        """Give the functions that are offered with --allow-decisions."""
        return [self.approve, self.reject, self.confirm, self.pause, self.resume, self.retry]

    def approve(
        self, migration: Migration, gate: Gate, waves: Waves = (), machines: Machines = (), comment: Comment = ""
    ) -> Answer:
        """Approve at a gate, for all that wait there or only some machines."""
        return self._decide(migration, waves, {"gate": gate, "machines": machines, "comment": comment})

    def reject(
        self, migration: Migration, gate: Gate, comment: Comment, waves: Waves = (), machines: Machines = ()
    ) -> Answer:
        """Say no at a gate, with a comment."""
        decision = {"gate": gate, "machines": machines, "comment": comment, "decision": "reject"}
        return self._decide(migration, waves, decision)

    def confirm(
        self, migration: Migration, gate: Gate, comment: Comment, waves: Waves = (), machines: Machines = ()
    ) -> Answer:
        """Confirm that what a gate asks for has been done; the comment says what was."""
        decision = {"gate": gate, "machines": machines, "comment": comment, "decision": "confirm"}
        return self._decide(migration, waves, decision)

    def pause(self, migration: Migration, machines: Machines = (), comment: Comment = "") -> Answer:
        """Hold machines where it is safe to stay; replication runs on."""
        return dict(self.api.command(migration, "pause", {"machines": machines, "comment": comment}))

    def resume(self, migration: Migration, machines: Machines = (), comment: Comment = "") -> Answer:
        """Let held machines go on."""
        return dict(self.api.command(migration, "resume", {"machines": machines, "comment": comment}))

    def retry(self, migration: Migration, machines: Machines = (), comment: Comment = "") -> Answer:
        """Send failed or given-up machines on their way again, each from where it failed."""
        return dict(self.api.command(migration, "retry", {"machines": machines, "comment": comment}))

    def _decide(self, migration: str, waves: tuple[str, ...], decision: Answer) -> Answer:
        where: Answer = {"wave": waves[0]} if len(waves) == 1 else {"waves": waves}
        return dict(self.api.command(migration, "approvals", {"decision": "approve", **decision, **where}))
