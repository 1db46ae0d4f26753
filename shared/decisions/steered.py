"""What a command of an operator comes to: events to raise and perhaps a root orchestrator to start."""

from asyncio import to_thread
from collections.abc import Collection, Iterable
from datetime import datetime

from pydantic import Field

from shared.contracts.contracts import MIGRATE, ROLL_BACK
from shared.contracts.rounds import Round
from shared.coordination import waits
from shared.coordination.decision import Decision
from shared.coordination.waits import WaitKind
from shared.decisions.people import Person
from shared.durable.durable_client import Client, announce, start
from shared.durable.forms import FORM_OF_NEW_ROUNDS
from shared.ids import root_of
from shared.ledger import migrations
from shared.models import Announcement, Model, Scope
from shared.problems import NotFound


def said_by(person: Person, at: datetime, comment: str = "") -> Decision:
    """Give a decision of which nothing is known yet but who makes it, when and why."""
    return Decision(
        by=person.name,
        at=at,
        comment=comment.strip(),
        person=person.id,
        roles=person.roles,
        surface=person.surface,
    )


class CommandOutcome(Model):
    """What has to follow a command; doing it twice does no harm, and `reconcile` does it when we die before."""

    decision: Decision = Decision()
    text: str = Field(default="", description="what was decided on, and what now happens")
    passed: bool = Field(default=True, description="somebody goes on by it: nobody else has to say it, too")
    announcements: tuple[Announcement, ...] = ()
    begin: Round | None = None


async def follow(client: Client, outcome: CommandOutcome) -> None:
    """Start the round, then wake whoever has to make way for it."""
    if outcome.begin is not None:
        await begin(client, outcome.begin)
    await announce(client, outcome.announcements)


async def begin(client: Client, request: Round) -> None:
    """Start the root of a round that has not begun to work; one that is lost on its way is `reconcile`'s to begin again."""
    row = await to_thread(migrations.get, request.migration)
    if row is None or request.round not in row.lives:
        await begin_root(client, request)


async def begin_root(client: Client, request: Round) -> None:
    """Start the root of a round unless it runs, in the form of today."""
    phase = MIGRATE if request.purpose == "migrate" else ROLL_BACK
    root = root_of(request.migration, request.round, request.purpose)
    await start(client, phase, request.replace(form=FORM_OF_NEW_ROUNDS), root)


def check_known(migration: str, names: Collection[str], known: Collection[str]) -> None:
    """Raise `NotFound` where a command names machines that the migration has not."""
    strangers = sorted(set(names) - set(known))
    if strangers:
        raise NotFound(f"migration {migration} has no machine {', '.join(strangers)}")


def outside(migration: str, decision: Decision, machine: str = "", wave: str = "") -> Scope:
    """Give the place of a writer that belongs to no round: a trigger."""
    return Scope(migration=migration, wave=wave, machine=machine, round=0, now=decision.at)


def wake(
    migration: str, kinds: Collection[WaitKind] = tuple(WaitKind), machines: Iterable[str] | None = None
) -> tuple[Announcement, ...]:
    """Give the events that wake the waits of a migration: of some kinds, of some machines; rows without waiter never."""
    wanted = None if machines is None else set(machines)
    return tuple(
        wait.announcement
        for wait in waits.of_migration(migration)
        if wait.instance and wait.kind in kinds and (wanted is None or wait.machine in wanted)
    )
