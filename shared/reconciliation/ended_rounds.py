"""Closing a round whose root ended without doing so itself: its machines fail where they stand, and can be retried."""

from datetime import datetime

from shared.coordination import gates, waits
from shared.durable.seam import as_problem
from shared.ids import round_of
from shared.itinerary import state_when_failed
from shared.ledger import events, machines, migrations, source_claims
from shared.ledger.machine_row import MachineRow
from shared.ledger.machines import NOBODY
from shared.ledger.migration_rounds import close_round
from shared.models import Scope
from shared.notifications.outbox import tell
from shared.notifications.topics import Topic
from shared.problems import ProblemData
from shared.reporting import release_commands
from shared.states import TERMINAL, MigrationStatus


def close(migration: str, root: str, state: str, now: datetime) -> None:
    """Close a round whose root ended without closing it: its machines fail, so that they can be retried."""
    _, number = round_of(root)
    problem = as_problem(RuntimeError(f"the flow {root} ended as {state} before its round was closed")).facts
    place = Scope(migration=migration, round=number, now=now)
    for row in machines.list(migration):
        if row.round == number and row.state not in TERMINAL:
            _fail(place, row, problem)
            gates.withdraw_everywhere(migration, (row.name,), number + 1)
    migrations.change(place.replace(round=0), problem=problem)
    events.write(place, "round-lost", problem.detail)
    tell(
        place, Topic.FAILED, f"round {number} was lost", text=problem.detail, command=release_commands.retry(migration)
    )
    whole = close_round(migration, number, now)
    if whole.status == MigrationStatus.ENDED:
        tell(place, Topic.ENDED, f"round {number}", text=f"the migration ended: {whole.outcome.value}")
        _tidy(migration)


def _fail(scope: Scope, row: MachineRow, problem: ProblemData) -> None:
    """Mark a machine as failed; what may still walk it finds another owner and stops."""
    here, stopped_in = scope.replace(machine=row.name, wave=row.wave), row.failed_in or row.phase
    machines.change(
        here,
        state=state_when_failed(stopped_in),
        failed_in=stopped_in,
        problem=problem,
        owner=NOBODY,
        waiting_for=problem.advice,
        release=release_commands.retry(row.migration, row.name),
    )


def _tidy(migration: str) -> None:
    """Let go of what only a running migration has."""
    source_claims.free(migration)
    for gate in gates.of_migration(migration):
        gates.close(migration, gate.wave, gate.name, gate.place)
    for wait in waits.of_migration(migration):
        waits.disarm(wait.watch, wait.id)
