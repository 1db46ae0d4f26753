"""A migration in the ledger with three machines, and nothing that runs."""

from datetime import UTC, datetime

import pytest

from shared.coordination.waits import Wait, WaitKind, arm
from shared.decisions.people import played
from shared.decisions.steered import said_by
from shared.intake.register import take_in
from shared.ledger import machines
from shared.ledger.machine_row import MachineRow
from shared.plan.model import Plan
from shared.states import MachineState
from tests.activities.migration_harness import plan_of

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
MIGRATION = "acme.1"
WAVE = "first"


@pytest.fixture
def decision():
    return said_by(played("eve"), NOW, "because")


@pytest.fixture
def migration(store):
    """Machine `a` failed in initial_sync, `b` is ready for its cutover, `c` is through."""
    take_in(Plan.model_validate(plan_of("a", "b", "c")), played("ada"), NOW)
    stand = {
        "a": {"state": MachineState.FAILED, "failed_in": "initial_sync"},
        "b": {"state": MachineState.READY_FOR_CUTOVER},
        "c": {"state": MachineState.FINALIZED},
    }
    machines.create_many(
        MachineRow(migration=MIGRATION, name=name, wave=WAVE, since=NOW, stamp=NOW, **more)
        for name, more in stand.items()
    )
    return MIGRATION


@pytest.fixture
def waits():
    """Arm a wait of a machine; its event is the machine's name."""

    def wait(machine, kind, instance="walk"):
        arm(
            Wait(
                watch="w",
                id=f"{machine}-{kind}",
                instance=instance,
                event=machine,
                migration=MIGRATION,
                machine=machine,
                kind=WaitKind(kind),
            )
        )

    return wait
