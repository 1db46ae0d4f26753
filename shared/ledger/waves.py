"""The ledger of waves: which are through, and whether all their machines moved; how far one is, its machines say."""

from collections.abc import Iterator
from typing import Final, TypedDict, Unpack

from shared.ledger.versioned_row import Stamped, stamped
from shared.models import Scope
from shared.storage.overviews import Overview
from shared.storage.rows import Rows


class WaveRow(Stamped):
    """What is known of one wave of a migration."""

    migration: str
    wave: str
    done: bool = False
    succeeded: bool = False


TABLE: Final = Rows("waves", WaveRow)
GLANCE: Final = Overview(TABLE, "migration", "wave", "done", "succeeded")
SECONDS: Final = 2.0  # that people may see of a wave later than it is so


def get(migration: str, wave: str) -> WaveRow | None:
    """Give a wave's row, or None when nothing was written of it yet."""
    return TABLE.get(migration, wave)


def list(migration: str) -> Iterator[WaveRow]:  # noqa: A001 - callers read `waves.list`
    """Give the waves of a migration by name."""
    return TABLE.of(migration)


def at_a_glance(migration: str) -> tuple[WaveRow, ...]:
    """Give the waves of a migration by name for people to look at, as they stood a moment ago."""
    return GLANCE.of(migration, SECONDS)


class WaveChanges(TypedDict, total=False):
    """What a change of a wave's row may say."""

    done: bool
    succeeded: bool


def change(scope: Scope, **changes: Unpack[WaveChanges]) -> WaveRow:
    """Change a wave's row (made when missing) and stamp it with `place.now`; gives the row as it stands afterwards.

    Writes nothing when nothing would change or when `place` is a late twin.
    """
    fresh = WaveRow(migration=scope.migration, wave=scope.wave)

    def mutate(row: WaveRow | None) -> WaveRow | None:
        return stamped(row or fresh, scope, changes)

    row = TABLE.change(scope.migration, scope.wave, mutate) or fresh
    GLANCE.forget(scope.migration)
    return row
