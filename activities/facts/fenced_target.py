"""The VM in Azure that a rollback switched off: remembered by the id that Azure gave it, deleted only when a person agreed."""

from datetime import timedelta

from shared import ids
from shared.azure import compute, network
from shared.azure.compute import Vm
from shared.concerns.rules.targets import FENCED
from shared.ledger import events, machines
from shared.ledger.event_data import EventData
from shared.ledger.evidence import Evidence, Fenced
from shared.ledger.machine_context import MachineContext
from shared.models import Scope
from shared.problems import Busy, Refused

DELETING = timedelta(seconds=30)


def remember(scope: Scope, vm: Vm) -> None:
    """Keep which VM was switched off: a later retry has to know it from any other of the same name."""
    left = Fenced(id=vm.id, guid=vm.vm_id, disk_ids=vm.disk_ids, nic_ids=vm.nic_ids)
    machines.change(scope, evidence=Evidence(fenced_target=left))


def clear_the_name(scope: Scope, machine: MachineContext) -> None:
    """Delete the VM that the rollback switched off, where a person acknowledged that; its disks stay.

    Called before the machine is copied, or cut over, again. Raises `Busy` while it is being deleted, `Refused` when
    nobody agreed or when it runs again. A VM of the same name that is not the one we switched off is never touched.
    """
    left = machine.row.evidence.fenced_target
    if left is None or not left.guid:
        return
    vm = compute.get_vm(left.id)
    if vm is None or vm.vm_id.lower() != left.guid.lower():
        _forget(scope, machine, left)
        return
    if vm.provisioning_state != "Deleting":
        _check(machine, vm)
        compute.delete_vm(vm.id, ids.request_id(scope.key, "fenced target"))
    raise Busy(f"the fenced VM of {scope.machine} is being deleted", DELETING)


def _check(machine: MachineContext, vm: Vm) -> None:
    """Raise `Refused` unless somebody agreed and the VM is off: a running one may be serving."""
    if not _agreed(machine):
        raise Refused(
            f"the VM {vm.name} that the rollback switched off is still there and would block the next failover",
            id=FENCED,
            title="The fenced VM is still there",
            advice="Delete it (its disks may stay), or acknowledge this concern; then retry.",
        )
    if vm.power != "deallocated":
        raise Refused(
            f"the VM {vm.name} that the rollback switched off is {vm.power or 'in an unknown state'}",
            id="fenced-target-runs",
            title="The fenced VM runs again",
            advice="Source and target may both be live. Find out who started it, deallocate it, then retry.",
        )


def _agreed(machine: MachineContext) -> bool:
    """Tell whether somebody acknowledged, for this round, that it is deleted."""
    return any(concern.id == FENCED and concern.acknowledged_by for concern in machine.row.concerns)


def _forget(scope: Scope, machine: MachineContext, left: Fenced) -> None:
    """Take its network cards away (they hold addresses, no data), say that its disks stay, and forget it."""
    for nic_id in left.nic_ids if _agreed(machine) else ():
        nic = network.get_nic(nic_id)
        if nic is not None and not nic.vm_id:
            network.delete_nic(nic_id, ids.request_id(scope.key, f"card {nic_id.rpartition('/')[2]}"))
            raise Busy(f"a network card of the fenced VM of {scope.machine} is being deleted", DELETING)
    kept = ", ".join(disk.rpartition("/")[2] for disk in left.disk_ids) or "none"
    text = f"the VM of {machine.row.name} that the rollback switched off is gone; its disks are kept: {kept}"
    events.write(scope, "fenced-target-gone", text, data=EventData(disks=left.disk_ids))
    # last: nobody looks for what is forgotten
    machines.change(scope, evidence=Evidence(fenced_target=None), target_vm_id="")
