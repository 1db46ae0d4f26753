"""Pause and resume: machines hold where it is safe to stay, and go on from there."""

from collections.abc import Collection

from shared.controls import Control, Intent, set_intent
from shared.ledger import events, machines, migrations
from shared.models import Announcement
from shared.problems import NotAllowedNow, NotFound
from shared.states import MigrationStatus
from shared.steering.steered import Said, Steered, existing, outside, wake
from shared.waits import WaitKind


def pause(migration: str, names: Collection[str], said: Said) -> Steered:
    """Hold machines (none = all) before their next phase; replication runs on. Raises `NotAllowedNow` when it ended."""
    _running(migration)
    _set(migration, names, Intent.PAUSE, said)
    if not names:
        release = f"python -m cli resume {migration}"
        text = f"paused by {said.by or 'an operator'}" + (f": {said.comment}" if said.comment else "")
        place = outside(migration, said)
        migrations.change(place, status=MigrationStatus.PAUSED, waiting_for=text, release=release)
    return Steered()


def resume(migration: str, names: Collection[str], said: Said) -> Steered:
    """Let machines (none = all) go on."""
    _running(migration)
    _set(migration, names, Intent.RUN, said)
    if not names:
        migrations.change(outside(migration, said), status=MigrationStatus.RUNNING, waiting_for="", release="")
    woken: tuple[Announcement, ...] = wake(migration, (WaitKind.RESUME,), names or None)
    return Steered(announcements=woken)


def _running(migration: str) -> None:
    if existing(migration).status == MigrationStatus.ENDED:
        raise NotAllowedNow(f"{migration} has ended", advice="Possible in the states Running and Paused.")


def _set(migration: str, names: Collection[str], intent: Intent, said: Said) -> None:
    """Write the intent for all, or for each machine named."""
    there = {row.name for row in machines.list(migration)} if names else set()
    strangers = sorted(set(names) - there)
    if strangers:
        raise NotFound(f"migration {migration} has no machine {', '.join(strangers)}")
    for machine in names or ("*",):
        set_intent(
            Control(migration=migration, machine=machine, intent=intent, by=said.by, at=said.at, comment=said.comment)
        )
    what = "paused" if intent == Intent.PAUSE else "resumed"
    text = f"{said.by or 'somebody'} {what} {', '.join(names) or 'the migration'}"
    events.write(outside(migration, said), what, text, by=said.by, data={"comment": said.comment})
