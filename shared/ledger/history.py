"""What earlier migrations did about a source machine: the ledger of each is asked once for all sources of a plan."""

from collections.abc import Collection, Iterator
from typing import Final

from shared.ledger import machines, migrations
from shared.ledger.machine_row import MachineRow
from shared.models import Model
from shared.reporting import release_commands
from shared.states import MOVED

# Rows in which something is left that concerns another migration of the same source.
LEFT: Final = "item_id ne '' or " + " or ".join(f"state eq '{state.value}'" for state in sorted(MOVED))


class Before(Model):
    """What an earlier migration left of a source: where it serves, or who replicates it."""

    moved_by: str = ""
    replicated_by: str = ""


def before(sources: Collection[str], migration: str) -> dict[str, Before]:
    """Give what other migrations did about sources, by their ids in lower case; where one was moved, that counts."""
    wanted, found = {source.lower() for source in sources if source}, dict[str, Before]()
    for row in _left(migration) if wanted else ():
        source = row.source_id.lower()
        if source in wanted and not found.get(source, Before()).moved_by:
            found[source] = _told(row)
    return found


def _left(migration: str) -> Iterator[MachineRow]:
    """Give the machines of all other migrations of which something is left."""
    for other in migrations.everything():
        if other.id != migration:
            yield from machines.TABLE.of(other.id, LEFT)


def _told(row: MachineRow) -> Before:
    if row.state in MOVED:
        vm = row.target_vm_id.rpartition("/")[2] or "a VM"
        return Before(moved_by=f"{row.name} was migrated by {row.migration} and serves as {vm}")
    return Before(
        replicated_by=f"{row.name}'s replication belongs to {row.migration}: "
        f"{release_commands.retry(row.migration, row.name)}, or cancel it there"
    )
