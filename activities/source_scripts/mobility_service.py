"""The Mobility service that a migrated machine brought along: taken off before Site Recovery may protect it as an Azure VM.

By run command where the VM's agent answers, else by a person, who is given the command to type.
"""

from activities.flow.interruption import raise_if_stopped
from activities.flow.phase_entry import enters
from activities.flow.wanted_protection import wanted
from activities.gates.manual_gate import ask, leave
from activities.source_scripts.agent_removal import NAME, begin, come_to, read_end, sent_url
from shared.azure import compute, guest
from shared.contracts.contracts import REMOVE_MOBILITY_SERVICE
from shared.contracts.requests import Poll, PollResult
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines, plans
from shared.ledger.evidence import Removal
from shared.ledger.machine_context import machine_context
from shared.ledger.machine_row import MachineRow
from shared.roads.registry import road_of
from shared.scheduling.patience import A_MINUTE

bp = Blueprint()

GATE = NAME
A_MOMENT = 20


@serves(bp, REMOVE_MOBILITY_SERVICE)
@enters
def remove_mobility_service(poll: Poll) -> PollResult:
    """Settle when it is gone: taken off by a script, which may run twice, or by a person who says so."""
    raise_if_stopped(poll)
    row = machine_context(poll).row
    known = row.evidence.mobility_service.get(poll.round)
    if known == Removal.REMOVED or not _brought_along(poll):
        return PollResult(settled=True)
    if wanted(poll) is None:
        return _left_out(poll, known)
    if known == Removal.BY_HAND:
        return _by_hand(poll)
    return _taken_off(poll, row)


def _taken_off(poll: Poll, row: MachineRow) -> PollResult:
    """Run the script, or ask a person where the VM's agent does not answer, or the script could not do it."""
    vm = compute.get_vm(row.target_vm_id)
    if vm is None:
        return PollResult(settled=True)  # what comes next says so
    url = sent_url(poll, row)
    if not url:
        why = begin(poll, vm)
        return _ask(poll, why) if why else PollResult(patience=A_MOMENT)
    result = guest.read_script(vm, url)
    if not result.ended:
        return PollResult(patience=max(A_MOMENT, min(result.after, A_MINUTE)))
    end = read_end(poll, vm, result)
    return PollResult(settled=True) if end.gone else _ask(poll, end.why)


def _brought_along(poll: Poll) -> bool:
    """Tell whether the machine was replicated from inside, by the plan that migrated it."""
    return road_of(plans.plan_at(poll.replace(phase=""))).brings_mobility_service


def _left_out(poll: Poll, known: Removal | None) -> PollResult:
    """Nobody needs it gone any more: the protection was left out."""
    if known == Removal.BY_HAND:
        leave(poll, GATE)
    return PollResult(settled=True)


def _ask(poll: Poll, why: str) -> PollResult:
    events.write(poll, "mobility-service-by-hand", why)
    machines.change(poll, **come_to(poll, Removal.BY_HAND))
    return _by_hand(poll)


def _by_hand(poll: Poll) -> PollResult:
    """Settle when a person says that it is gone."""
    if ask(poll, GATE) is None:
        return PollResult(patience=A_MINUTE)
    machines.change(poll, **come_to(poll, Removal.REMOVED))
    return PollResult(settled=True)
