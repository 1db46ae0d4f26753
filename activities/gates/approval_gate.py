"""The gate of a wave's cutover: machines wait at it from the moment they are ready, not from the wave's next look."""

from collections.abc import Sequence

from activities.gates.announcement import announce
from activities.gates.expiry import with_expiry
from activities.gates.texts import text
from shared.coordination import gates
from shared.coordination.gate_row import GateRow
from shared.ledger import machines, plans
from shared.ledger.readiness import Hold
from shared.models import Scope
from shared.states import MachineState

THEN = "their cutover counts as rejected; replication goes on, and a retry asks again"


def wait_at_gate(scope: Scope, names: Sequence[str]) -> GateRow:
    """Let machines of the place's wave wait for a person's approval; gives the gate as it stands.

    They must have been let go of: whoever is approved while a flow still has it would be passed over. Doing it twice is
    doing it once.
    """
    after = plans.plan_at(scope).wave(scope.wave).gates.expires
    expires = scope.now + after if after else None
    asked_for, release = text(scope, "cutover")
    waiting_for = with_expiry(asked_for, expires, THEN)
    gate = gates.open_gate(
        GateRow(
            migration=scope.migration,
            name="cutover",
            wave=scope.wave,
            round=scope.round,
            text=waiting_for,
            release=release,
            since=scope.now,
            pending=tuple(names),
            expires=expires,
            then=THEN if expires else "",
        )
    )
    for name in names:
        machines.change(
            scope.replace(machine=name),
            lambda row: row.state == MachineState.READY_FOR_CUTOVER and row.held_by != Hold.GATE,
            waiting_for=waiting_for,
            held_by=Hold.GATE,
            release=release,
            since=scope.now,
        )
    return announce(scope, gate)
