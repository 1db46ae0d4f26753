"""The script that takes the Mobility service off a VM: sent once a round, its result read, and what that means."""

from pathlib import Path
from typing import Final, NamedTuple, Unpack

from shared import ids
from shared.azure import guest
from shared.azure.compute import Vm
from shared.azure.guest import ScriptResult
from shared.guest_scripts.wrapper import RUN_COMMAND, GuestScript, end_of, wrap
from shared.ledger import events, machines
from shared.ledger.evidence import Evidence, Removal
from shared.ledger.machine_row import MachineChanges, MachineRow
from shared.models import Scope

FOLDER: Final = Path(__file__).resolve().parents[2] / "shared" / "guest_scripts"
NAME: Final = "remove-mobility-service"
GONE, RESTART = 0, 3  # exit codes of the script
SHOWN: Final = 500  # characters of what it printed


class RemovalEnd(NamedTuple):
    """What the script came to: it is gone, or why a person has to look."""

    gone: bool
    why: str = ""


def sent_url(scope: Scope, row: MachineRow) -> str:
    """Give where the result of the script of this round is read; empty before it was sent."""
    return row.scripts.get(_key(scope), "")


def begin(scope: Scope, vm: Vm) -> str:
    """Send the script; say why it cannot be where the VM's agent does not answer, and send nothing."""
    if vm.power != "running" or not vm.agent_ready:
        return f"the VM agent of {vm.name} does not answer ({vm.agent_message or vm.power})"
    windows = vm.os_type.lower() == "windows"
    text = (FOLDER / f"{NAME}.{'ps1' if windows else 'sh'}").read_text(encoding="utf-8")
    lines = wrap(GuestScript(name=NAME, text=text), RUN_COMMAND, _nonce(scope), windows=windows)
    url = guest.run_script(vm, lines, ids.request_id(scope.key, NAME))
    waiting = "the Mobility service to be removed from the machine"
    machines.change(scope, **come_to(scope, Removal.SENT, url, waiting_for=waiting))
    return ""


def read_end(scope: Scope, vm: Vm, result: ScriptResult) -> RemovalEnd:
    """Judge how the script ended, and note where the service is gone."""
    end = end_of(result.stdout, _nonce(scope))
    if result.problem is None and end.code == GONE:
        events.write(scope, "mobility-service-removed", f"the Mobility service was removed from {vm.name}")
        machines.change(scope, **come_to(scope, Removal.REMOVED, waiting_for=""))
        return RemovalEnd(gone=True)
    if result.problem is None and end.code == RESTART:
        why = f"the Mobility service was removed from {vm.name}; its driver stays until the VM restarts"
        return RemovalEnd(gone=False, why=why)
    detail = (result.problem.detail if result.problem else f"{end.stdout} {result.stderr}").strip()[-SHOWN:]
    why = f"the Mobility service could not be removed from {vm.name}: {detail or 'the script did not end'}"
    return RemovalEnd(gone=False, why=why)


def come_to(scope: Scope, removal: Removal, url: str = "", **more: Unpack[MachineChanges]) -> MachineChanges:
    """Give what changes with how far it came in this round; a retry looks anew: removing what is not there does no harm."""
    return {**more, "evidence": Evidence(mobility_service={scope.round: removal}), "scripts": {_key(scope): url}}


def _key(scope: Scope) -> str:
    return f"mobilityService.{scope.round}"


def _nonce(scope: Scope) -> str:
    """Give what the script's mark carries."""
    return ids.short_hash(f"{scope.key}.{NAME}")
