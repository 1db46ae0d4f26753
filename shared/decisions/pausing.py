"""Pause and resume: machines hold where it is safe to stay, and go on from there."""

from collections.abc import Collection

from shared.coordination.decision import Decision
from shared.coordination.operator_intents import Intent, intent, order
from shared.coordination.waits import WaitKind
from shared.decisions import door
from shared.decisions.judging import explained
from shared.decisions.steered import CommandOutcome, check_known, outside, wake
from shared.ledger import machines, migrations
from shared.ledger.machine_row import MachineRow
from shared.ledger.plans import plan_of
from shared.problems import NotAllowedNow
from shared.reporting import release_commands
from shared.states import MigrationStatus


def pause(migration: str, names: Collection[str], decision: Decision) -> CommandOutcome:
    """Hold machines (none = all) before their next phase; replication runs on. Raises `NotAllowedNow` when it ended."""
    _running(migration)
    outcome = _set(migration, names, Intent.PAUSE, decision)
    if not names:
        release = release_commands.resume(migration)
        text = f"paused by {decision.by or 'an operator'}" + (f": {decision.comment}" if decision.comment else "")
        place = outside(migration, decision)
        migrations.change(place, status=MigrationStatus.PAUSED, waiting_for=text, release=release)
    return outcome


def resume(migration: str, names: Collection[str], decision: Decision) -> CommandOutcome:
    """Let machines (none = all) go on. Raises `NotAllowedNow` when nothing of them is paused."""
    _running(migration)
    _known(migration, names)
    _check_paused(migration, names)
    outcome = _set(migration, names, Intent.RUN, decision)
    if not names:
        migrations.change(outside(migration, decision), status=MigrationStatus.RUNNING, waiting_for="", release="")
    return outcome.replace(announcements=wake(migration, (WaitKind.RESUME,), names or None))


def _running(migration: str) -> None:
    if migrations.existing(migration).status == MigrationStatus.ENDED:
        raise NotAllowedNow(f"{migration} has ended", advice="Possible in the states Running and Paused.")


def _check_paused(migration: str, names: Collection[str]) -> None:
    """See that a resume would change something: a pause for all does not concern who was paused by name."""
    moving = [name for name in names or ("*",) if intent(migration, name).intent != Intent.PAUSE]
    if not moving:
        return
    held = [row.name for row in machines.list(migration) if intent(migration, row.name).intent == Intent.PAUSE]
    whom = f"Paused by name: {', '.join(held[:20])}; name them with --machine." if held else "Nothing of it is paused."
    raise NotAllowedNow(f"{', '.join(name for name in moving if name != '*') or migration} is not paused", advice=whom)


def _known(migration: str, names: Collection[str]) -> list[MachineRow]:
    """Give the rows of the machines named. Raises `NotFound`."""
    rows = [row for row in machines.list(migration) if row.name in names] if names else []
    check_known(migration, names, {row.name for row in rows})
    return rows


def _set(migration: str, names: Collection[str], wanted: Intent, decision: Decision) -> CommandOutcome:
    """Write the intent for all, or for each machine named."""
    rows = _known(migration, names)
    verb, what = ("pause", "paused") if wanted == Intent.PAUSE else ("resume", "resumed")
    explained(plan_of(migration), verb, decision)
    for machine in names or ("*",):
        order(migration, machine, wanted, decision)
    decided = door.steer(outside(migration, decision), what, rows, decision.replace(verb=verb))
    return CommandOutcome(decision=decided, text=decided.text)
