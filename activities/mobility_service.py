"""The Mobility service that a migrated machine brought along: taken off before Site Recovery may protect it as an Azure VM.

By run command where the VM's agent answers, else by a person, who is given the command to type.
"""

from pathlib import Path

from activities.by_hand import ask, leave
from activities.interrupting import strike
from activities.planned import planned
from activities.protect_target import wanted
from shared import ids, plans
from shared.azure import compute, guest
from shared.azure.compute import Vm
from shared.azure.guest import ScriptResult
from shared.contracts import REMOVE_MOBILITY_SERVICE
from shared.durable import Blueprint, serves
from shared.guest_scripts.wrapper import RUN_COMMAND, GuestScript, end_of, wrap
from shared.ledger import events, machines
from shared.models import Place
from shared.requests import Look, Seen

bp = Blueprint()

FOLDER = Path(__file__).resolve().parent.parent / "shared" / "guest_scripts"
GATE = "remove-mobility-service"
BRINGS_IT = ("InMageRcm", "InMageAzureV2")  # providers whose machines are replicated by it
REMOVED, BY_HAND = "removed", "by hand"
A_MOMENT, A_MINUTE = 20, 60
GONE, RESTART = 0, 3  # exit codes of the script
SHOWN = 500  # characters of what it printed


@serves(bp, REMOVE_MOBILITY_SERVICE)
def remove_mobility_service(look: Look) -> Seen:
    """Settle when it is gone: taken off by a script, which may run twice, or by a person who says so."""
    strike(look)
    row = planned(look).row
    known = str(row.evidence.get(_key(look)) or "")
    if known == REMOVED or not _brought_along(look):
        return Seen(settled=True)
    if wanted(look) is None:
        return _left_out(look, known)
    if known == BY_HAND:
        return _by_hand(look)
    vm = compute.get_vm(row.target_vm_id)
    if vm is None:
        return Seen(settled=True)  # what comes next says so
    if not known:
        return _begin(look, vm)
    result = guest.read_script(vm, known)
    return _judged(look, vm, result) if result.ended else Seen(patience=max(A_MOMENT, min(result.after, A_MINUTE)))


def _brought_along(look: Look) -> bool:
    """Tell whether the machine was replicated from inside, by the plan that migrated it."""
    return plans.plan_at(look.but(phase="")).provider in BRINGS_IT


def _left_out(look: Look, known: str) -> Seen:
    """Nobody needs it gone any more: the protection was left out."""
    if known == BY_HAND:
        leave(look, GATE)
    return Seen(settled=True)


def _begin(look: Look, vm: Vm) -> Seen:
    """Run the script, or ask a person where the VM's agent does not answer."""
    if vm.power != "running" or not vm.agent_ready:
        return _ask(look, f"the VM agent of {vm.name} does not answer ({vm.agent_message or vm.power})")
    windows = vm.os_type.lower() == "windows"
    text = (FOLDER / f"{GATE}.{'ps1' if windows else 'sh'}").read_text(encoding="utf-8")
    lines = wrap(GuestScript(name=GATE, text=text), RUN_COMMAND, _nonce(look), windows=windows)
    url = guest.run_script(vm, lines, ids.request_id(look.key, GATE))
    machines.change(look, evidence={_key(look): url}, waiting_for="the Mobility service to be removed from the machine")
    return Seen(patience=A_MOMENT)


def _key(place: Place) -> str:
    """Give the key of the evidence that holds where the script's result is read, then one of the words above.

    A retry looks anew: removing what is not there does no harm.
    """
    return f"mobilityService.{place.round}"


def _nonce(place: Place) -> str:
    """Give what the script's mark carries."""
    return ids.short_hash(f"{place.key}.{GATE}")


def _judged(look: Look, vm: Vm, result: ScriptResult) -> Seen:
    """Go on where it is gone; what the script could not do is a person's."""
    end = end_of(result.stdout, _nonce(look))
    if result.problem is None and end.code == GONE:
        events.write(look, "mobility-service-removed", f"the Mobility service was removed from {vm.name}")
        machines.change(look, evidence={_key(look): REMOVED}, waiting_for="")
        return Seen(settled=True)
    if result.problem is None and end.code == RESTART:
        return _ask(look, f"the Mobility service was removed from {vm.name}; its driver stays until the VM restarts")
    said = (result.problem.detail if result.problem else f"{end.stdout} {result.stderr}").strip()[-SHOWN:]
    return _ask(look, f"the Mobility service could not be removed from {vm.name}: {said or 'the script did not end'}")


def _ask(look: Look, why: str) -> Seen:
    events.write(look, "mobility-service-by-hand", why)
    machines.change(look, evidence={_key(look): BY_HAND})
    return _by_hand(look)


def _by_hand(look: Look) -> Seen:
    """Settle when a person says that it is gone."""
    if ask(look, GATE) is None:
        return Seen(patience=A_MINUTE)
    machines.change(look, evidence={_key(look): REMOVED})
    return Seen(settled=True)
