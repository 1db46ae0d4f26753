"""The action run command: a script inside a VM, with the outcome that was told for it."""

import re
from dataclasses import dataclass
from typing import Any

from ....script_results import Ran, plain, ran
from ...arm import Call, Reply
from ...errors import ArmError, bad_request, conflict
from ...operations import Operation
from .. import lro
from .compute import Compute, compute_of
from .guests import Guest, Outcome
from .printed import printed
from .quota import VM

_KINDS = {"runshellscript": "Linux", "runpowershellscript": "Windows"}
_REMOVES = re.compile(r"uninstall\.sh -Y|msiexec\.exe")
_KEPT = 4_096
GIVES_UP = 90 * 60  # documented: a run command ends after 90 minutes


@dataclass(frozen=True)
class _Ending:
    """What was told of a script, and the script."""

    outcome: Outcome
    script: str

    @property
    def ran(self) -> Ran:
        code = self.outcome.exit_code if self.outcome.result == "failure" else 0
        return ran(self.script, self.outcome.stdout, code, ended=self.outcome.result in ("success", "failure"))


def run(call: Call) -> Reply:
    """Answer the action: 202, later a list of output texts."""
    vm = VM.stored(call)
    compute = compute_of(call.world)
    guest = compute.guest(vm["id"])
    body = call.json_object()
    _refuse(guest, str(body.get("commandId", "")))
    script = "\n".join(body.get("script") or ())
    outcome = outcome_of(compute, guest, plain(script))
    guest.command = call.request_id
    return lro.started(
        call,
        VM.provider,
        vm["location"],
        _seconds(call, guest, outcome),
        lambda job: _end(call, guest, _Ending(outcome, script), job),
    )


def _refuse(guest: Guest, command: str) -> None:
    if command.lower() not in _KINDS:
        raise bad_request(f"The entity was not found: run command '{command}'.", "NotFound")
    if _KINDS[command.lower()] != guest.os_type:
        raise conflict(f"Run command '{command}' does not fit the operating system of the VM.", "OperationNotAllowed")
    if guest.power != "running":
        raise conflict("Cannot modify extensions in the VM when the VM is not running.", "OperationNotAllowed")
    if guest.command:
        text = (
            "Run command extension execution is in progress. Please wait for completion before invoking a run command."
        )
        raise ArmError(409, "Conflict", text)


def outcome_of(compute: Compute, guest: Guest, script: str) -> Outcome:
    """Return how a script ends in a VM: as somebody told, else well."""
    for index, outcome in enumerate(compute.outcomes):
        if outcome.fits(guest.name) and re.search(outcome.match, script):
            if outcome.times is not None:
                remaining = [outcome.model_copy(update={"times": outcome.times - 1})] if outcome.times > 1 else []
                compute.outcomes[index : index + 1] = remaining
            return outcome
    return Outcome(stdout=printed(script))


def _seconds(call: Call, guest: Guest, outcome: Outcome) -> float:
    if not guest.agent_ready:
        return call.world.durations.of("vm.agent-timeout")
    return GIVES_UP if outcome.result == "timeOut" else outcome.seconds


def _end(call: Call, guest: Guest, ending: _Ending, operation: Operation) -> None:
    current, guest.command = guest.command, ""
    if current != call.request_id:
        return lro.fail(operation, call, "OperationPreempted", "The VM was stopped while the command ran.")
    if not guest.agent_ready:
        text = f"VM '{guest.name}' has not reported status for VM agent or extensions."
        return lro.fail(operation, call, "VMAgentStatusCommunicationError", text)
    if ending.outcome.result == "timeOut":
        text = f"Provisioning of VM extension RunCommand on '{guest.name}' has timed out."
        return lro.fail(operation, call, "VMExtensionProvisioningTimeout", text)
    if guest.os_type == "Windows" and ending.outcome.tells and ending.ran.exit_code not in (0, -1):
        text = "VM has reported a failure when processing extension 'RunCommandWindows'. Error message: \"Finished executing command\"."
        return lro.fail(operation, call, "VMExtensionProvisioningError", text)
    if _REMOVES.search(plain(ending.script)) and ending.outcome.result == "success":
        _remove_mobility_service(call, guest)
    shown = {"value": _windows(ending) if guest.os_type == "Windows" else _linux(ending)}
    operation.result = lambda: shown
    return None


def _remove_mobility_service(call: Call, guest: Guest) -> None:
    """Take the agent of the migration off a VM."""
    machine = call.world.azure_machines.get(guest.vm_id.lower())
    if machine is not None:
        call.world.tell_machine(machine.model_copy(update={"mobility_service": False}))


def _linux(ending: _Ending) -> list[dict[str, Any]]:
    """Return one text with both outputs: the extension reports success for every script, and after a restart no output."""
    text = "Enable succeeded: Last script execution didn't finish."
    if ending.outcome.result != "restarted":
        text = f"Enable succeeded: \n[stdout]\n{kept(ending.ran.stdout)}\n[stderr]\n{kept(ending.outcome.stderr)}"
    shown = {"level": "Info", "displayStatus": "Provisioning succeeded"}
    return [{"code": "ProvisioningState/succeeded", **shown, "message": text}]


def _windows(ending: _Ending) -> list[dict[str, Any]]:
    """Return output and errors apart; the exit code shows nowhere."""
    lost = ending.outcome.result == "restarted"
    texts = {"StdOut": "" if lost else ending.ran.stdout, "StdErr": "" if lost else ending.outcome.stderr}
    shown = {"level": "Info", "displayStatus": "Provisioning succeeded"}
    return [
        {"code": f"ComponentStatus/{name}/succeeded", **shown, "message": kept(text)} for name, text in texts.items()
    ]


def kept(text: str) -> str:
    """Keep what the agents keep: the last 4,096 bytes (documented)."""
    return text.encode()[-_KEPT:].decode(errors="ignore")
