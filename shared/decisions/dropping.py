"""What is left of a machine that was dropped from its plan: a row that says who wanted it and why; its source is free."""

from shared.ledger.expanded_plans import entry_of
from shared.ledger.machine_row import MachineRow
from shared.ledger.plan_change import DroppedMachine
from shared.ledger.plans import plan_at
from shared.ledger.source_claims import let_go
from shared.models import Scope
from shared.roads.target_names import name_of


def free_source(row: MachineRow) -> None:
    """Let another migration have the source of a machine, and its name in Azure."""
    _, entry = entry_of(row.migration, row.name)
    plan = plan_at(Scope(migration=row.migration, wave=row.wave, machine=row.name))
    let_go(row.migration, (row.source_id, name_of(plan, entry)))


def nothing_more(dropped: DroppedMachine) -> str:
    """Say what a machine waits for that was dropped."""
    why = f" ({dropped.why})" if dropped.why else ""
    return f"nothing: {dropped.by or 'somebody'} dropped it from the plan{why}"
