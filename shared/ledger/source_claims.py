"""Who has a source machine, and who was promised a name in Azure: neither belongs to two migrations that run."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Final

from shared.ledger import migrations
from shared.models import Model
from shared.states import MigrationStatus
from shared.storage.batch_writes import write_all
from shared.storage.rows import Operation, Rows, StoredRow, create, delete, update


class SourceRow(Model):
    """A claim on a source machine, or on a name in Azure; written anew at each claim, so that its ETag tells a rival of it."""

    source: str
    owner: str


TABLE: Final = Rows("sources", SourceRow)
ALL: Final = "sources"


def name_in_azure(subscription: str, group: str, name: str) -> str:
    """Give what a claim on a VM's name is kept under; Azure takes names without regard to case."""
    return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines/{name}".lower()


def claim(migration: str, source_ids: Iterable[str]) -> dict[str, str]:
    """Claim sources for a migration; gives those that another running migration keeps: source id -> that migration.

    The migration's own row must be there first: the claim of a migration that ended, or never was, may be taken over.
    """
    wanted = {_key(source): source for source in source_ids}
    busy: dict[str, str] = {}
    write_all(TABLE, ALL, partial(_claims, migration, wanted, busy))
    return busy


def busy_elsewhere(source_ids: Iterable[str], migration: str) -> dict[str, str]:
    """Give the sources that another running migration has: source id -> that migration."""
    claims = {found.key: found for found in TABLE.found(ALL)}
    return _taken(migration, {_key(source): source for source in source_ids}, claims)


def free(migration: str) -> None:
    """Let go of every source that the migration has."""

    def operations(existing: dict[str, StoredRow[SourceRow]]) -> Sequence[Operation]:
        return tuple(delete(found, ALL) for found in existing.values() if found.row.owner == migration)

    write_all(TABLE, ALL, operations)


def let_go(migration: str, source_ids: Iterable[str]) -> None:
    """Let go of some sources and names that the migration has: another one may claim them."""
    wanted = {_key(source) for source in source_ids if source}

    def operations(existing: dict[str, StoredRow[SourceRow]]) -> Sequence[Operation]:
        own = (found for row_key, found in existing.items() if row_key in wanted and found.row.owner == migration)
        return tuple(delete(found, ALL) for found in own)

    write_all(TABLE, ALL, operations)


def _claims(
    migration: str, wanted: Mapping[str, str], busy: dict[str, str], existing: Mapping[str, StoredRow[SourceRow]]
) -> Sequence[Operation]:
    """Give the claims to write, given what is there; `busy` becomes what others keep."""
    busy.clear()
    busy.update(_taken(migration, wanted, existing))
    operations = []
    for row_key, source in wanted.items():
        found = existing.get(row_key)
        if source in busy:
            continue
        row = SourceRow(source=source, owner=migration)
        operations.append(update(found, ALL, row) if found else create(ALL, row_key, row))
    return operations


def _taken(migration: str, wanted: Mapping[str, str], existing: Mapping[str, StoredRow[SourceRow]]) -> dict[str, str]:
    owners = {source: existing[row_key].row.owner for row_key, source in wanted.items() if row_key in existing}
    running = {owner for owner in set(owners.values()) - {migration} if _runs(owner)}
    return {source: owner for source, owner in owners.items() if owner in running}


def _runs(migration: str) -> bool:
    row = migrations.get(migration)
    return row is not None and row.status != MigrationStatus.ENDED


def _key(source: str) -> str:
    return hashlib.sha256(source.lower().encode()).hexdigest()
