"""A machine that waits for a person: what one has to know of it, and what its waiting costs."""

from collections.abc import Iterable, Mapping
from typing import Final

from shared.coordination.gate_row import WHOLE, GateRow, Waiting
from shared.itinerary import REHEARSING
from shared.ledger.evidence import Checked
from shared.ledger.machine_row import MachineRow, Mark
from shared.models import NEVER
from shared.plan.model import Plan
from shared.reporting.expected_downtime import expected_downtime
from shared.reporting.inbox_views import CheckedMachines, InboxItem, WaitingMachine

BEFORE_A_CUTOVER: Final = frozenset({"test", "cutover"})
REPLICATING: Final = BEFORE_A_CUTOVER | {"accept"}  # gates at which machines still replicate, and are billed for it


def waiting_machine(row: MachineRow | None, name: str, gate: GateRow | None = None) -> WaitingMachine:
    """Give a machine that waits, at a gate or by itself."""
    came = (gate.waiting.get(name) or gate.waiting.get(WHOLE)) if gate else None
    since = came.since if came else row.since if row else NEVER
    waits = WaitingMachine(name=name, since=since, expires=came.expires if isinstance(came, Waiting) else None)
    if row is None:
        return waits
    same = {each: getattr(row, each) for each in ("application", "state", "lag_seconds", "health", "problem")}
    waits = waits.replace(unfit=row.unfit_text, **same, **_rehearsal(row))
    if gate is None or gate.name not in BEFORE_A_CUTOVER:
        return waits
    return waits.replace(expected_downtime_seconds=expected_downtime(row), recovery_point_at=row.recovery_point_at)


def _rehearsal(row: MachineRow) -> dict[str, object]:
    """Tell how its rehearsal went; the copy is told only while it is up."""
    passed = row.evidence.verification_test == Checked.PASSED
    up = row.mark(Mark.TEST_UP)
    found: dict[str, object] = {"checks": "passed" if passed else "booted, no checks" if up else "", "checked_at": up}
    if row.phase not in REHEARSING:
        return found
    return found | {"test_vm_id": row.test_vm_id, "test_vm_address": row.evidence.test_address}


def with_costs(item: InboxItem, gate: GateRow, rows: Mapping[str, MachineRow]) -> InboxItem:
    """Tell what is kept in Azure for the machines of a gate while they wait; times its days it is what a forecast tells."""
    if gate.name not in REPLICATING:
        return item
    sizes = [_disks(rows.get(name)) for name in gate.pending]
    known = [each for each in sizes if each]
    return item.replace(replica_gb=round(sum(known), 1) if known else None, sizes_unknown=len(sizes) - len(known))


def _disks(row: MachineRow | None) -> float:
    return sum(disk.size_gib or 0 for disk in row.source.disks or ()) if row else 0.0


def checked_in(plan: Plan | None, gate: GateRow, machines: Iterable[WaitingMachine]) -> tuple[CheckedMachines, ...]:
    """Give what rehearsals looked at, the machines of the same checks together."""
    wave = next((each for each in plan.waves if each.name == gate.wave), None) if plan else None
    if wave is None:
        return ()
    passed = {each.name for each in machines if each.checks == "passed"}
    found: dict[tuple[str, ...], int] = {}
    for entry in wave.machines:
        if entry.name in passed:
            checks = tuple(each.label for each in wave.verify_of(entry))
            found[checks] = found.get(checks, 0) + 1
    return tuple(CheckedMachines(checks=checks, machines=number) for checks, number in found.items() if checks)
