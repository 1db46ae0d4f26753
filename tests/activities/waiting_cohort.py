"""Two machines that wait for their cutover, as one cohort."""

from typing import Any

from shared.contracts.cohorts import Cohort
from shared.contracts.rounds import Member
from shared.states import MachineState
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of
from tests.ledger_rows import put

READY = MachineState.READY_FOR_CUTOVER


def ready(ferry: MigrationHarness, *windows: dict[str, Any]) -> MigrationHarness:
    """Two machines that wait for their cutover, and its windows."""
    plan = plan_of("web1", "db1")
    plan["waves"][0]["cutover"] = {"windows": list(windows), "mode": "recoveryPlan"}
    ferry.take_in(plan)
    ferry.enlist()
    ferry.furnish_target()
    for name in ("web1", "db1"):
        put(ferry.place(name), state=READY)
    return ferry


def cohort(ferry: MigrationHarness) -> Cohort:
    members = (Member(name="web1"), Member(name="db1"))
    poll: Cohort = ferry.look("", "cohort-1", kind=Cohort)
    return poll.replace(wave=WAVE, number=1, machines=members)
