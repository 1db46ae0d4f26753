"""The rounds of a migration in its ledger: opened, entered again after a loss, closed; with the last one the migration ends."""

from datetime import datetime

from shared.coordination.operator_intents import Intent, intent
from shared.ledger import machines
from shared.ledger.machine_row import MachineRow, Mark
from shared.ledger.migration_row import MigrationRow, RoundChanges
from shared.ledger.migrations import change_row
from shared.ledger.versioned_row import stamped, validated
from shared.models import Scope
from shared.observability import metrics
from shared.problems import Conflict
from shared.states import GIVEN_UP, MachineState, MigrationStatus, Outcome, outcome


def open_round(scope: Scope, instance: str, opener: str = "") -> MigrationRow:
    """Open round `place.round` under the root instance `instance`; an ended migration runs again.

    The caller asks for the latest round plus one; asked twice by one `opener` it is opened once. Raises `NotFound`, and
    `Conflict` when it is not the next round, or another opener took it: its machines may have been counted already.
    """

    def opened(row: MigrationRow) -> MigrationRow | None:
        if (row.round, row.opener) == (scope.round, opener) and instance in row.instances:
            return None
        if scope.round != row.round + 1:
            raise Conflict(f"migration {row.id} is in round {row.round}: round {scope.round} cannot begin")
        begun: RoundChanges = {
            "round": scope.round,
            "open_rounds": (*row.open_rounds, scope.round),
            "opener": opener,
            "instances": (*row.instances, instance),
            "status": MigrationStatus.RUNNING,
            "outcome": Outcome.NONE,
            "ended_at": None,
            "problem": None,
        }
        return stamped(row, scope, begun)

    return change_row(scope, opened)


def enter_life(migration: str, number: int) -> int:
    """Note that the root of a round has begun to work, and give which life of the round this is. Raises `NotFound`."""

    def entered(row: MigrationRow) -> MigrationRow | None:
        return None if number in row.lives else validated(row, {"lives": {**row.lives, number: 1}})

    return change_row(Scope(migration=migration, round=number), entered).lives[number]


def next_life(migration: str, number: int, lost: int) -> int:
    """Open the life of a round after one that was lost, unless somebody did; gives the life it is in. Raises `NotFound`."""

    def opened(row: MigrationRow) -> MigrationRow | None:
        if row.lives.get(number, 1) != lost:
            return None
        return validated(row, {"lives": {**row.lives, number: lost + 1}})

    return change_row(Scope(migration=migration, round=number), opened).lives.get(number, 1)


def close_round(migration: str, number: int, now: datetime) -> MigrationRow:
    """Close a round; with the last open one the migration ends, and its machines' states give the outcome.

    Closing a round twice, or one that another writer closed, changes nothing. Raises `NotFound`.
    """
    place = Scope(migration=migration, round=number, now=now)
    ends = False

    def closed(row: MigrationRow) -> MigrationRow | None:
        nonlocal ends
        ends = row.open_rounds == (number,)
        left = tuple(each for each in row.open_rounds if each != number)
        if left == row.open_rounds:
            return None
        end = _end(row.id, now) if not left else RoundChanges()
        return validated(row, {**end, "open_rounds": left, "stamp": max(row.stamp, now)})

    row = change_row(place, closed)
    if ends:
        metrics.migration_ended(row.scenario, row.mode, row.outcome, row.started_at, now)
    return row


def _end(migration: str, now: datetime) -> RoundChanges:
    """Give the fields of a migration whose last round has ended."""
    rows = list(machines.list(migration))
    came_to = outcome(_ended_as(row) for row in [each for each in rows if not _is_over(each)] or rows)
    if came_to == Outcome.FAILED and intent(migration).intent == Intent.CANCEL and not _any_machine(migration):
        came_to = Outcome.CANCELLED
    return {"status": MigrationStatus.ENDED, "outcome": came_to, "ended_at": now, "waiting_for": "", "release": ""}


def _ended_as(row: MachineRow) -> MachineState:
    """Give what a machine came to: one that a rollback took back to before its cutover was given up, too."""
    back = row.state == MachineState.READY_FOR_CUTOVER and Mark.ROLLED_BACK in row.marks
    return MachineState.ROLLED_BACK if back else row.state


def _is_over(row: MachineRow) -> bool:
    """Tell whether a machine is in the plan no more: what it came to says nothing of the migration."""
    return row.dropped is not None and row.state in GIVEN_UP


def _any_machine(migration: str) -> bool:
    return next(machines.list(migration), None) is not None
