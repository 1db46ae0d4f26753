"""The action run command: a script inside a VM, with the outcome that was told for it."""

import re
from typing import Any

from ...arm import Call, Reply
from ...errors import ArmError, bad_request, conflict
from ...operations import Operation
from .. import lro
from .compute import Compute, compute_of
from .guests import Guest, Outcome
from .printed import printed
from .quota import VM

_KINDS = {"runshellscript": "Linux", "runpowershellscript": "Windows"}
_GIVES_UP = 90 * 60  # documented: a run command ends after 90 minutes


def run(call: Call) -> Reply:
    """Answer the action: 202, later a list of output texts."""
    vm = VM.stored(call)
    compute = compute_of(call.world)
    guest = compute.guest(vm["id"])
    body = call.json_object()
    _refuse(guest, str(body.get("commandId", "")))
    outcome = _outcome(compute, guest, "\n".join(body.get("script") or ()))
    guest.command = call.request_id
    return lro.started(
        call, VM.provider, vm["location"], _seconds(call, guest, outcome), lambda one: _end(call, guest, outcome, one)
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


def _outcome(compute: Compute, guest: Guest, script: str) -> Outcome:
    for index, one in enumerate(compute.outcomes):
        if one.fits(guest.name) and re.search(one.match, script):
            if one.times is not None:
                rest = [one.model_copy(update={"times": one.times - 1})] if one.times > 1 else []
                compute.outcomes[index : index + 1] = rest
            return one
    return Outcome(stdout=printed(script))


def _seconds(call: Call, guest: Guest, outcome: Outcome) -> float:
    if not guest.agent_ready:
        return call.world.durations.of("vm.agent-timeout")
    return _GIVES_UP if outcome.result == "timeOut" else outcome.seconds


def _end(call: Call, guest: Guest, outcome: Outcome, operation: Operation) -> None:
    current, guest.command = guest.command, ""
    if current != call.request_id:
        return lro.fail(operation, call, "OperationPreempted", "The VM was stopped while the command ran.")
    if not guest.agent_ready:
        text = f"VM '{guest.name}' has not reported status for VM agent or extensions."
        return lro.fail(operation, call, "VMAgentStatusCommunicationError", text)
    if outcome.result == "timeOut":
        text = f"Provisioning of VM extension RunCommand on '{guest.name}' has timed out."
        return lro.fail(operation, call, "VMExtensionProvisioningTimeout", text)
    shown = {"value": _windows(outcome) if guest.os_type == "Windows" else _linux(outcome)}
    operation.result = lambda: shown
    return None


def _linux(outcome: Outcome) -> list[dict[str, Any]]:
    """Return one text with both outputs (a failed script ends the operation well: unknown code, assumed)."""
    failed = outcome.result == "failure"
    said = f"failed to execute command: command terminated with exit status={outcome.exit_code}" if failed else ""
    text = f"Enable {'failed' if failed else 'succeeded'}: {said}\n[stdout]\n{outcome.stdout}\n\n[stderr]\n{outcome.stderr}\n"
    code = "ProvisioningState/failed/1" if failed else "ProvisioningState/succeeded"
    shown = "Provisioning failed" if failed else "Provisioning succeeded"
    return [{"code": code, "level": "Error" if failed else "Info", "displayStatus": shown, "message": text}]


def _windows(outcome: Outcome) -> list[dict[str, Any]]:
    """Return output and errors apart; a failed script is seen by its errors only."""
    stderr = outcome.stderr or (f"exit code {outcome.exit_code}" if outcome.result == "failure" else "")
    texts = {"StdOut": outcome.stdout, "StdErr": stderr}
    shown = {"level": "Info", "displayStatus": "Provisioning succeeded"}
    return [{"code": f"ComponentStatus/{name}/succeeded", **shown, "message": text} for name, text in texts.items()]
