"""The ledger of migrations: one row per migration, written whole and changed under its version."""

from collections.abc import Callable, Iterator
from typing import Final, Unpack

from shared.ledger.migration_row import MigrationChanges, MigrationRow
from shared.ledger.versioned_row import stamped
from shared.models import NEVER, Scope
from shared.problems import Conflict, NotFound
from shared.reporting import release_commands
from shared.states import MigrationStatus
from shared.storage.rows import Rows

TABLE: Final = Rows("migrations", MigrationRow)
A_FEW_SECONDS: Final = 20.0  # real ones, in which a process may still go by the plan before a change
ALL: Final = "migrations"  # one partition: there are hundreds of them, not millions


def create(row: MigrationRow) -> None:
    """Write a new migration. Raises `Conflict` when the id exists, unless with this very row: a twin's."""
    if TABLE.change(ALL, row.id, lambda stands: stands or row) != row:
        raise Conflict(f"there is a migration {row.id} already")


def get(migration: str) -> MigrationRow | None:
    """Give a migration's row, or None."""
    return TABLE.get(ALL, migration)


def plan_key(migration: str) -> str:
    """Give which of a migration's plans holds, as it was a few seconds ago; `refreshed` looks at once."""
    row = TABLE.last_known(ALL, migration, A_FEW_SECONDS) or get(migration)
    return row.plan_key if row else ""


def refreshed(migration: str) -> None:
    """Look which plan holds now: whoever was woken by a change must not decide by the one before."""
    get(migration)


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


def page(
    token: str = "", size: int = 50, fits: Callable[[MigrationRow], bool] | None = None
) -> tuple[tuple[MigrationRow, ...], str]:
    """Give `size` migrations that fit, the newest first, and the token of the next page ("" = no more)."""
    rows = sorted((row for row in TABLE.of(ALL) if fits is None or fits(row)), key=_newest_first)
    start = next((at for at, row in enumerate(rows) if row.id == token), 0)
    return tuple(rows[start : start + size]), rows[start + size].id if len(rows) > start + size else ""


def change(
    scope: Scope, when: Callable[[MigrationRow], bool] | None = None, **changes: Unpack[MigrationChanges]
) -> MigrationRow:
    """Change a migration's row and stamp it with `place.now`; gives the row as it stands afterwards.

    Writes nothing when nothing would change, when `when` says no (asked again at each try), or when `place` is a late
    twin: writers outside of any round (triggers) use round 0. Raises `NotFound`.
    """
    return change_row(scope, lambda row: stamped(row, scope, changes) if when is None or when(row) else None)


def change_row(scope: Scope, mutate: Callable[[MigrationRow], MigrationRow | None]) -> MigrationRow:
    """Write what `mutate` makes of a migration's row (None = nothing), tried anew where another wrote meanwhile.

    Return the row as it stands afterwards. Raise `NotFound`.
    """
    row = TABLE.change(ALL, scope.migration, lambda row: mutate(row) if row else None)
    if row is None:
        raise NotFound(f"there is no migration {scope.migration}")
    return row


def _newest_first(row: MigrationRow) -> tuple[float, str]:
    return -(row.started_at or NEVER).timestamp(), row.id
