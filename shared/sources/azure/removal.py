"""The end of a source that is a VM in Azure: the VM is deleted, its disks and network cards stay and are named.

The disks are the image of it: a VM can be made of them anew. Azure deletes parts with their VM where they are marked so (the
portal marks OS disks), so that mark is taken off first.
"""

from datetime import timedelta

from shared import ids
from shared.azure import compute
from shared.azure.compute import Vm
from shared.ledger import events, machines
from shared.ledger.evidence import Evidence
from shared.ledger.machine_context import MachineContext
from shared.ledger.machine_row import Mark
from shared.models import Scope
from shared.plan.model import Plan
from shared.problems import Busy, Refused
from shared.sources.source_removal import SourceRemoval

A_WHILE = timedelta(seconds=30)
OFF = ("deallocated", "stopped")


class VmRemoval(SourceRemoval):
    """Deletes VMs; their disks and cards stay."""

    def left(self, plan: Plan) -> str:  # noqa: ARG002 - the protocol's
        """Say what stays, whatever the plan."""
        return "its disks and network cards stay"

    def keep(self, scope: Scope, machine: MachineContext) -> bool:
        """Whether disks and cards outlive the VM, and are written down. Raise `Busy` while that is changed."""
        vm = compute.get_vm(machine.row.source_id)
        if vm is None:
            return True
        _check_identity(machine, vm)
        parts = (*vm.disk_ids, *vm.nic_ids)
        if vm.goes_along:
            compute.keep_parts(vm, ids.request_id(scope.key, f"keep {len(vm.goes_along)} parts"))
            raise Busy(f"the parts of {vm.name} are marked to stay when it is deleted", A_WHILE)
        if machine.row.evidence.source_parts != parts:
            machines.change(scope, evidence=Evidence(source_parts=parts), waiting_for="")
            events.write(scope, "source-parts-kept", f"these stay when {vm.name} is deleted: {_named(parts)}")
        return True

    def remove(self, scope: Scope, machine: MachineContext, *, approved: bool) -> str:
        """Delete the VM that was switched off, and give what is left of it in words; one that is gone is fine.

        Raise `Busy` while it is being deleted. Raise `Refused` when nobody approved it, when it runs, or when it is another.
        """
        vm = compute.get_vm(machine.row.source_id)
        kept = machine.row.evidence.source_parts
        if vm is None:
            return f"; its disks and network cards stay: {_named(kept)}" if kept else ""
        if vm.provisioning_state.lower() != "deleting":
            _check_identity(machine, vm)
            why = "nobody approved it" if not approved else f"it is {vm.power or 'in an unknown state'}, not stopped"
            if not approved or vm.power not in OFF:
                raise Refused(
                    f"VM {vm.name} is not deleted: {why}",
                    id="not-terminated",
                    title="The source was not terminated",
                    advice="Approve it at the gate decommission." if not approved else "Stop it, then retry.",
                )
            if vm.goes_along:
                raise Refused(
                    f"{_named(vm.goes_along)} would be deleted together with VM {vm.name}",
                    id="parts-go-along",
                    title="The source's disks would be lost",
                    advice="Somebody marked them again after they had been marked to stay: retry.",
                )
            compute.delete_vm(vm.id, ids.request_id(scope.key, "source"))
        raise Busy(f"VM {vm.name} is being deleted", A_WHILE)


def _check_identity(machine: MachineContext, vm: Vm) -> None:
    """Raise `Refused` for the migrated machine itself, and for a VM that was made under the name after the failover."""
    moved = machine.row.mark(Mark.FAILED_OVER)
    stranger = vm.created is not None and moved is not None and vm.created > moved
    if stranger or vm.id.lower() == machine.row.target_vm_id.lower():
        raise Refused(
            f"VM {vm.id} is not the source of {machine.row.name}: it was made after the failover",
            id="source-replaced",
            title="Another machine has the source's name",
            advice="Look who made it. The source itself is gone: leave its decommissioning out (skip).",
        )


def _named(arm_ids: tuple[str, ...]) -> str:
    return ", ".join(each.rpartition("/")[2] for each in arm_ids) or "none"
