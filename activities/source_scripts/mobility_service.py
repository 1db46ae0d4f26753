"""The Mobility service that a migrated machine brought along: taken off before Site Recovery may protect it as an Azure VM.

By run command where the VM's agent answers, else by a person, who is given the command to type.
"""

from pathlib import Path
from typing import Unpack

from activities.flow.interruption import raise_if_stopped
from activities.flow.phase_entry import enters
from activities.flow.wanted_protection import wanted
from activities.gates.manual_gate import ask, leave
from shared import ids
from shared.azure import compute, guest
from shared.azure.compute import Vm
from shared.azure.guest import ScriptResult
from shared.contracts.contracts import REMOVE_MOBILITY_SERVICE
from shared.contracts.requests import Poll, PollResult
from shared.durable.seam import Blueprint, serves
from shared.guest_scripts.wrapper import RUN_COMMAND, GuestScript, end_of, wrap
from shared.ledger import events, machines, plans
from shared.ledger.evidence import Evidence, Removal
from shared.ledger.machine_context import machine_context
from shared.ledger.machine_row import MachineChanges
from shared.models import Scope
from shared.roads.registry import road_of
from shared.scheduling.patience import A_MINUTE

bp = Blueprint()

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "guest_scripts"
GATE = "remove-mobility-service"
A_MOMENT = 20
GONE, RESTART = 0, 3  # exit codes of the script
SHOWN = 500  # characters of what it printed


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
    vm = compute.get_vm(row.target_vm_id)
    if vm is None:
        return PollResult(settled=True)  # what comes next says so
    url = row.scripts.get(_key(poll), "")
    if not url:
        return _begin(poll, vm)
    result = guest.read_script(vm, url)
    return (
        _judged(poll, vm, result) if result.ended else PollResult(patience=max(A_MOMENT, min(result.after, A_MINUTE)))
    )


def _brought_along(poll: Poll) -> bool:
    """Tell whether the machine was replicated from inside, by the plan that migrated it."""
    return road_of(plans.plan_at(poll.replace(phase=""))).brings_mobility_service


def _left_out(poll: Poll, known: Removal | None) -> PollResult:
    """Nobody needs it gone any more: the protection was left out."""
    if known == Removal.BY_HAND:
        leave(poll, GATE)
    return PollResult(settled=True)


def _begin(poll: Poll, vm: Vm) -> PollResult:
    """Run the script, or ask a person where the VM's agent does not answer."""
    if vm.power != "running" or not vm.agent_ready:
        return _ask(poll, f"the VM agent of {vm.name} does not answer ({vm.agent_message or vm.power})")
    windows = vm.os_type.lower() == "windows"
    text = (FOLDER / f"{GATE}.{'ps1' if windows else 'sh'}").read_text(encoding="utf-8")
    lines = wrap(GuestScript(name=GATE, text=text), RUN_COMMAND, _nonce(poll), windows=windows)
    url = guest.run_script(vm, lines, ids.request_id(poll.key, GATE))
    machines.change(
        poll, **_come_to(poll, Removal.SENT, url, waiting_for="the Mobility service to be removed from the machine")
    )
    return PollResult(patience=A_MOMENT)


def _come_to(scope: Scope, removal: Removal, url: str = "", **more: Unpack[MachineChanges]) -> MachineChanges:
    """Give what changes with how far it came in this round; a retry looks anew: removing what is not there does no harm."""
    return {**more, "evidence": Evidence(mobility_service={scope.round: removal}), "scripts": {_key(scope): url}}


def _key(scope: Scope) -> str:
    return f"mobilityService.{scope.round}"


def _nonce(scope: Scope) -> str:
    """Give what the script's mark carries."""
    return ids.short_hash(f"{scope.key}.{GATE}")


def _judged(poll: Poll, vm: Vm, result: ScriptResult) -> PollResult:
    """Go on where it is gone; what the script could not do is a person's."""
    end = end_of(result.stdout, _nonce(poll))
    if result.problem is None and end.code == GONE:
        events.write(poll, "mobility-service-removed", f"the Mobility service was removed from {vm.name}")
        machines.change(poll, **_come_to(poll, Removal.REMOVED, waiting_for=""))
        return PollResult(settled=True)
    if result.problem is None and end.code == RESTART:
        return _ask(poll, f"the Mobility service was removed from {vm.name}; its driver stays until the VM restarts")
    detail = (result.problem.detail if result.problem else f"{end.stdout} {result.stderr}").strip()[-SHOWN:]
    return _ask(poll, f"the Mobility service could not be removed from {vm.name}: {detail or 'the script did not end'}")


def _ask(poll: Poll, why: str) -> PollResult:
    events.write(poll, "mobility-service-by-hand", why)
    machines.change(poll, **_come_to(poll, Removal.BY_HAND))
    return _by_hand(poll)


def _by_hand(poll: Poll) -> PollResult:
    """Settle when a person says that it is gone."""
    if ask(poll, GATE) is None:
        return PollResult(patience=A_MINUTE)
    machines.change(poll, **_come_to(poll, Removal.REMOVED))
    return PollResult(settled=True)
