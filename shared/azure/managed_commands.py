"""Managed run commands: scripts that Azure keeps beside a VM under a name, so that each is found again and runs once.

Documented: the same script under the same name is not run again, however often it is put; the last 4 KB of each output are
kept; at most 25 of them stand beside a VM.

| operation | role action |
| --- | --- |
| find_command | Microsoft.Compute/virtualMachines/runCommands/read |
| put_command | Microsoft.Compute/virtualMachines/runCommands/write |
| remove_command | Microsoft.Compute/virtualMachines/runCommands/delete |
"""

from collections.abc import Sequence
from typing import Any, Final

from pydantic import Field

from shared import ids
from shared.azure import clients
from shared.azure.arm import submit, submit_delete
from shared.azure.arm_id import parse
from shared.azure.compute import Vm
from shared.azure.refusals import found
from shared.models import Model

ENDED: Final = frozenset({"Succeeded", "Failed", "TimedOut", "Canceled"})
NOT_RUN: Final = frozenset({"Failed", "Canceled"})


class ManagedCommand(Model):
    """How a script stands that was put beside a VM."""

    provisioning_state: str = Field(default="", description="whether Azure could have it run at all")
    execution_state: str = Field(default="", description="Pending, Running, Succeeded, Failed, TimedOut, Canceled")
    message: str = Field(default="", description="of what runs it")
    stdout: str = ""
    stderr: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.execution_state in ENDED or self.provisioning_state in NOT_RUN


def find_command(vm: Vm, name: str) -> ManagedCommand | None:
    """Return how a script beside a VM stands, or None where there is none of this name."""
    at = parse(vm.id)
    commands = _commands(vm)
    return found(
        f"reading the script {name} of VM {at.name}",
        lambda: _read(commands.get_by_virtual_machine(at.group, at.name, name, expand="instanceView").as_dict()),
    )


def put_command(vm: Vm, name: str, lines: Sequence[str], seconds: int) -> None:
    """Have a script run beside whatever else runs in the VM; Azure ends it after so many seconds.

    Put again it is the same request.
    """
    at = parse(vm.id)
    properties = {
        "source": {"script": "\n".join(lines)},
        "asyncExecution": True,  # else Azure gives up what takes longer than an extension may
        "timeoutInSeconds": seconds,
        "treatFailureAsDeploymentFailure": False,
    }
    body = {"location": vm.location, "properties": properties}
    send = _commands(vm).begin_create_or_update
    request = ids.request_id(f"{vm.id}/{name}", "put")
    submit(f"running the script {name} in VM {at.name}", request, send, at.group, at.name, name, body)


def remove_command(vm: Vm, name: str) -> None:
    """Take a script away from a VM, and end it if it runs; one that is gone is fine."""
    at = parse(vm.id)
    what, request = f"taking the script {name} from VM {at.name}", ids.request_id(f"{vm.id}/{name}", "remove")
    submit_delete(what, request, _commands(vm).begin_delete, at.group, at.name, name)


def _commands(vm: Vm) -> Any:
    return clients.compute(parse(vm.id).subscription).virtual_machine_run_commands


def _read(raw: dict[str, Any]) -> ManagedCommand:
    properties = raw.get("properties") or {}
    view = properties.get("instanceView") or {}
    return ManagedCommand(
        provisioning_state=properties.get("provisioningState") or "",
        execution_state=view.get("executionState") or "",
        message=view.get("executionMessage") or "",
        stdout=view.get("output") or "",
        stderr=view.get("error") or "",
    )
