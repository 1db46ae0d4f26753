"""The people of a rehearsal: they do what gates ask for and release them, each after a while, as the world says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cli.answers import GateSeen

from ..world.model import Release
from .api_client import Decision, Door, Picture

REGISTER = "register-appliance"
APPROVED = ("test", "cutover", "manual-action", "accept", "decommission")  # others: confirmed
ANYBODY = Release(after=timedelta(minutes=10), whole=True, by="operator", comment="released by the local stack")
ON_THE_WAY = ("NotReady", "InitialSync", "ReadyForTest", "Testing", "AwaitingUserAction")

Key = tuple[str, str, str, datetime | None, tuple[str, ...]]


@dataclass
class People:
    """Acts at gates; `errand` is what the gate `register-appliance` asks for, `hand` what others do."""

    door: Door
    releases: tuple[Release, ...]
    errand: Callable[[str, str], None]  # of a migration, and of a wave where waves have servers of their own
    hand: Callable[[str, str], None] = lambda _gate, _machine: None  # of a gate's name, and of its machine
    _done: set[Key] = field(default_factory=set)

    def act(self, picture: Picture, now: datetime) -> list[str]:
        """Release the gates that are due; give what was done, in words."""
        due = [(gate, release) for gate, release in self._waiting(picture) if _due(gate, release, now) <= now]
        return [self._release(picture.migration.id, gate, release) for gate, release in due]

    def next_due(self, picture: Picture, now: datetime) -> datetime | None:
        """Give the moment at which somebody will act next."""
        return min((_due(gate, release, now) for gate, release in self._waiting(picture)), default=None)

    def _waiting(self, picture: Picture) -> list[tuple[GateSeen, Release]]:
        """Give the gates that somebody will release."""
        fresh = [gate for gate in picture.gates if _key(gate) not in self._done]
        found = [(gate, self._release_for(gate)) for gate in fresh]
        return [
            (gate, release)
            for gate, release in found
            if release.decision != "nobody" and not (release.whole and _is_awaited(gate, picture))
        ]

    def _release_for(self, gate: GateSeen) -> Release:
        """Give the first release that fits a gate."""
        return next((each for each in self.releases if _fits(each, gate)), ANYBODY)

    def _release(self, migration: str, gate: GateSeen, release: Release) -> str:
        self._done.add(_key(gate))
        if gate.name == REGISTER:
            self.errand(migration, gate.wave)
        if gate.machine:
            self.hand(gate.name, gate.machine)
        verdict = release.decision or ("approve" if gate.name in APPROVED else "confirm")
        named = tuple(name for name in gate.pending if not release.machines or name in release.machines)
        comment = release.comment or ANYBODY.comment  # some verdicts are not taken without one
        decision = Decision(gate.name, verdict, gate.wave, named, comment, release.by)
        self.door.decide(migration, decision)
        where = f" of wave {gate.wave}" if gate.wave else ""
        who = f" ({', '.join(named)})" if named else ""
        return f"{release.by}: {verdict} at gate {gate.name}{where}{who}"


def _fits(release: Release, gate: GateSeen) -> bool:
    """Tell whether a release is meant for a gate: an empty field fits all."""
    if release.machines and not set(release.machines) & {gate.machine, *gate.pending}:
        return False
    return release.gate in ("", gate.name) and release.wave in ("", gate.wave)


def _is_awaited(gate: GateSeen, picture: Picture) -> bool:
    """Tell whether machines of the gate's wave may still come to it."""
    if gate.name != "cutover":
        return False
    return any(
        each.wave == gate.wave and each.state in ON_THE_WAY and each.name not in gate.pending
        for each in picture.machines
    )


def _due(gate: GateSeen, release: Release, now: datetime) -> datetime:
    """Give when a gate is released; one whose opening is not known is released a while from now."""
    return (gate.since or now) + release.after


def _key(gate: GateSeen) -> Key:
    return gate.name, gate.wave, gate.machine, gate.since, gate.pending
