"""The ledger of migrations: one row per migration, its rounds and its outcome."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final, TypedDict, Unpack

from pydantic import Field

from shared.concerns.registry import Concern
from shared.coordination.operator_intents import Intent, intent
from shared.ledger import machines
from shared.ledger.machine_row import MachineRow, Mark
from shared.ledger.versioned_row import Stamped, stamped, validated
from shared.models import NEVER, Scope
from shared.observability import metrics
from shared.problems import Conflict, NotFound, ProblemData
from shared.reporting import release_commands
from shared.states import MachineState, MigrationStatus, Outcome, outcome
from shared.storage.rows import Rows


class MigrationRow(Stamped):
    """What is known of one migration."""

    id: str
    plan: str = ""
    scenario: str = ""
    mode: str = ""
    status: MigrationStatus = MigrationStatus.RUNNING
    outcome: Outcome = Outcome.NONE
    phase: str = ""
    waiting_for: str = ""
    release: str = Field(default="", description="the command that releases it")
    started_at: datetime | None = None
    ended_at: datetime | None = None
    started_by: str = ""
    starter: str = Field(
        default="", description="object id of who started it; empty = not known, as of a queue's message"
    )
    plan_blob: str = ""
    plan_hash: str = ""
    round: int = Field(default=1, description="the latest round")
    open_rounds: tuple[int, ...] = Field(default=(1,), description="rounds that still run")
    opener: str = Field(default="", description="which command opened the latest round")
    instances: tuple[str, ...] = Field(default=(), description="root instance ids, one per round")
    lives: dict[int, int] = Field(
        default={}, description="round -> how often its root began: 1, and one more each time it was lost"
    )
    problem: ProblemData | None = None
    concerns: tuple[Concern, ...] = Field(default=(), description="those of the plan as a whole")
    machines: int = 0


class MigrationChanges(TypedDict, total=False):
    """What a change of a migration's row may say; its rounds are opened and closed by functions of their own."""

    status: MigrationStatus
    phase: str
    waiting_for: str
    release: str
    problem: ProblemData | None
    concerns: tuple[Concern, ...] | Callable[[tuple[Concern, ...]], tuple[Concern, ...]]
    machines: int


TABLE: Final = Rows("migrations", MigrationRow)
ALL: Final = "migrations"  # one partition: there are hundreds of them, not millions


def create(row: MigrationRow) -> None:
    """Write a new migration. Raises `Conflict` when the id exists, unless with this very row: a twin's."""
    if TABLE.change(ALL, row.id, lambda there: there or row) != row:
        raise Conflict(f"there is a migration {row.id} already")


def get(migration: str) -> MigrationRow | None:
    """Give a migration's row, or None."""
    return TABLE.get(ALL, migration)


def existing(migration: str) -> MigrationRow:
    """Give a migration's row. Raises `NotFound`."""
    row = get(migration)
    if row is None:
        raise NotFound(f"there is no migration {migration}", advice=f"`{release_commands.LIST}` shows all of them.")
    return row


def all_of(plan: str) -> Iterator[MigrationRow]:
    """Give every migration of a plan, ended ones too."""
    return TABLE.of(ALL, "plan eq @plan", {"plan": plan})


def everything() -> Iterator[MigrationRow]:
    """Give every migration there ever was."""
    return TABLE.of(ALL)


def running() -> Iterator[MigrationRow]:
    """Give every migration that has not ended."""
    return (row for row in TABLE.of(ALL) if row.status != MigrationStatus.ENDED)


def page(token: str = "", size: int = 50) -> tuple[tuple[MigrationRow, ...], str]:
    """Give `size` migrations, the newest first, and the token of the next page ("" = no more)."""
    rows = sorted(TABLE.of(ALL), key=_newest_first)
    start = next((at for at, row in enumerate(rows) if row.id == token), 0)
    return tuple(rows[start : start + size]), rows[start + size].id if len(rows) > start + size else ""


def change(
    scope: Scope, when: Callable[[MigrationRow], bool] | None = None, **changes: Unpack[MigrationChanges]
) -> MigrationRow:
    """Change a migration's row and stamp it with `place.now`; gives the row as it stands afterwards.

    Writes nothing when nothing would change, when `when` says no (asked again at each try), or when `place` is a late
    twin: writers outside of any round (triggers) use round 0. Raises `NotFound`.
    """
    return _change(scope, lambda row: stamped(row, scope, changes) if when is None or when(row) else None)


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
        fresh: dict[str, Any] = {"status": MigrationStatus.RUNNING, "outcome": Outcome.NONE, "ended_at": None}
        rounds = {"round": scope.round, "open_rounds": (*row.open_rounds, scope.round), "opener": opener}
        return stamped(row, scope, {**fresh, **rounds, "instances": (*row.instances, instance), "problem": None})

    return _change(scope, opened)


def enter_life(migration: str, number: int) -> int:
    """Note that the root of a round has begun to work, and give which life of the round this is. Raises `NotFound`."""

    def entered(row: MigrationRow) -> MigrationRow | None:
        return None if number in row.lives else validated(row, {"lives": {**row.lives, number: 1}})

    return _change(Scope(migration=migration, round=number), entered).lives[number]


def next_life(migration: str, number: int, lost: int) -> int:
    """Open the life of a round after one that was lost, unless somebody did; gives the life it is in. Raises `NotFound`."""

    def opened(row: MigrationRow) -> MigrationRow | None:
        if row.lives.get(number, 1) != lost:
            return None
        return validated(row, {"lives": {**row.lives, number: lost + 1}})

    return _change(Scope(migration=migration, round=number), opened).lives.get(number, 1)


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
        return validated(row, {"open_rounds": left, "stamp": max(row.stamp, now)} | ({} if left else _end(row.id, now)))

    row = _change(place, closed)
    if ends:
        metrics.migration_ended(row.scenario, row.mode, row.outcome, row.started_at, now)
    return row


def _end(migration: str, now: datetime) -> dict[str, Any]:
    """Give the fields of a migration whose last round has ended."""
    came_to = outcome(_ended_as(row) for row in machines.list(migration))
    if came_to == Outcome.FAILED and intent(migration).intent == Intent.CANCEL and not _any_machine(migration):
        came_to = Outcome.CANCELLED
    return {"status": MigrationStatus.ENDED, "outcome": came_to, "ended_at": now, "waiting_for": "", "release": ""}


def _ended_as(row: MachineRow) -> MachineState:
    """Give what a machine came to: one that a rollback took back to before its cutover was given up, too."""
    back = row.state == MachineState.READY_FOR_CUTOVER and Mark.ROLLED_BACK in row.marks
    return MachineState.ROLLED_BACK if back else row.state


def _any_machine(migration: str) -> bool:
    return next(machines.list(migration), None) is not None


def _change(scope: Scope, mutate: Callable[[MigrationRow], MigrationRow | None]) -> MigrationRow:
    row = TABLE.change(ALL, scope.migration, lambda row: mutate(row) if row else None)
    if row is None:
        raise NotFound(f"there is no migration {scope.migration}")
    return row


def _newest_first(row: MigrationRow) -> tuple[float, str]:
    return -(row.started_at or NEVER).timestamp(), row.id
