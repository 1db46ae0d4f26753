"""What earlier migrations did about a source machine."""

import pytest

from shared.ledger import machines, migrations
from shared.ledger.history import Before, before
from shared.ledger.machine_row import MachineRow
from shared.ledger.migration_row import MigrationRow
from shared.states import MachineState, MigrationStatus

pytestmark = pytest.mark.usefixtures("store")
VM = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/shop-db1"


@pytest.fixture
def earlier():
    """A migration that ended partly: one machine moved, one still replicates, one was given up."""
    migrations.create(MigrationRow(id="case.1", status=MigrationStatus.ENDED))
    migrations.create(MigrationRow(id="case.2"))
    rows = [
        MachineRow(migration="case.1", name="m1", source_id="i-1", state=MachineState.FINALIZED, target_vm_id=VM),
        MachineRow(migration="case.1", name="m2", source_id="i-2", state=MachineState.FAILED, item_id="/items/m2"),
        MachineRow(migration="case.1", name="m3", source_id="i-3", state=MachineState.CANCELLED),
        MachineRow(migration="case.2", name="m1", source_id="i-4", state=MachineState.FINALIZED),
    ]
    machines.create_many(rows)


def test_a_machine_that_was_moved_and_one_that_still_replicates_are_told_with_their_migration(earlier):
    found = before(["I-1", "i-2", "i-3", ""], "case.2")

    assert {"i-1", "i-2"} == found.keys()
    assert "m1 was migrated by case.1 and serves as shop-db1" == found["i-1"].moved_by
    assert found["i-2"].replicated_by.startswith("m2's replication belongs to case.1: azferry retry case.1")


def test_a_migration_does_not_meet_itself(earlier):
    assert {} == before(["i-4"], "case.2")
    assert {"i-4": Before(moved_by="m1 was migrated by case.2 and serves as a VM")} == before(["i-4"], "case.1")
