"""Which VM in Azure a failover made of a machine."""

from shared.azure import compute
from shared.ledger.machine_context import MachineContext
from shared.plan.named import target_group
from shared.roads.target_names import vm_name


def vm_id_of(machine: MachineContext) -> str:
    """Give the id of the machine's VM in Azure, there or not."""
    group = target_group(machine.plan, machine.entry)
    return machine.row.target_vm_id or compute.vm_id(machine.plan.target.subscription_id, group, vm_name(machine.entry))
