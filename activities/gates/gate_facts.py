"""At the gate of a wave's cutover: sources and target are read again while people decide, and the gate says who could not go.

Read when the gate opens and then once a day; while machines still come to it, four times an hour at most, and one
reading serves all that wait. When somebody is approved the target is read again before the source is touched, and the
source itself when it is quiesced.
"""

from collections.abc import Sequence
from typing import Final

from activities.facts.before_cutover import FRESH, read_lately
from activities.facts.before_window import BUSY_AHEAD, BUSY_FOR, against, read_again
from activities.gates.expiry import with_expiry
from activities.gates.texts import text
from shared.contracts.cohorts import ApprovalPoll, Cohort
from shared.contracts.requests import scoped_as
from shared.contracts.rounds import Member
from shared.coordination import gates
from shared.coordination.gate_row import GateRow
from shared.ledger import machines
from shared.ledger.machine_row import MachineRow, Mark
from shared.ledger.readiness import Hold
from shared.models import Scope
from shared.reporting.name_lists import some_of
from shared.scheduling.patience import A_DAY
from shared.states import MachineState

MOST_NAMES: Final = 5


def tell_at_gate(request: ApprovalPoll, gate: GateRow) -> int:
    """Read again for those who wait at the gate, and say what stands against them; gives the seconds until the next time."""
    waiting = _waiting(request, gate)
    if not waiting:
        return A_DAY
    # what this very look has read already (whoever died in it looks again) does not keep it from reading the rest
    fresh = [
        row
        for row in waiting
        if read_lately(row, Mark.FACTS_READ_AGAIN, request.now) and row.mark(Mark.FACTS_READ_AGAIN) != request.now
    ]
    if not fresh and not read_again(_as_cohort(request, waiting)):
        return BUSY_AHEAD if gate.expires else BUSY_FOR
    _tell(request, gate)
    return int(FRESH.total_seconds()) if fresh and len(fresh) < len(waiting) else A_DAY


def _waiting(request: ApprovalPoll, gate: GateRow) -> list[MachineRow]:
    pending = gate.of_round(request.round)
    rows = machines.list(request.migration, wave=request.wave, states={MachineState.READY_FOR_CUTOVER})
    return [row for row in rows if row.name in pending and row.round == request.round]


def _as_cohort(request: ApprovalPoll, rows: Sequence[MachineRow]) -> Cohort:
    members = tuple(Member(name=row.name, boot_group=row.boot_group) for row in rows)
    return scoped_as(request, Cohort).replace(machines=members)


def _tell(request: ApprovalPoll, gate: GateRow) -> None:
    """Write to each machine, and to the gate, who could not be cut over now and why."""
    scope = scoped_as(request, Scope)
    asked_for, _ = text(scope, "cutover")
    plain_text = with_expiry(asked_for, gate.expires, gate.then)
    held = []
    for row in _waiting(request, gate):
        waiting_for = plain_text + against(row)
        held += [row.name] if waiting_for != plain_text else []
        if row.waiting_for != waiting_for and row.held_by == Hold.GATE:
            machines.change(scope.replace(machine=row.name), waiting_for=waiting_for, held_by=Hold.GATE)
    gates.say(gate, f"{plain_text}. {_could_not(held)}" if held else plain_text)


def _could_not(held: Sequence[str]) -> str:
    return f"Approved now, {some_of(held, MOST_NAMES)} could not be cut over: each machine says why"
