"""What a plan's target is called in Azure: its VMs and its networks."""

from shared.azure.network import vnet_id
from shared.ledger.source_claims import name_in_azure
from shared.plan.machines import Machine
from shared.plan.model import Plan
from shared.plan.named import target_group


def vm_name(entry: Machine) -> str:
    """Give the machine's name in Azure."""
    return entry.target.name or entry.name


def name_of(plan: Plan, entry: Machine) -> str:
    """Give what the claim on the machine's name in Azure is kept under."""
    return name_in_azure(plan.target.subscription_id, target_group(plan, entry), vm_name(entry))


def network_id(plan: Plan, *, test: bool) -> str:
    """Give the id of the network that machines, or their test copies, join."""
    name = plan.target.network.test_vnet if test else plan.target.network.vnet
    group = plan.target.network.resource_group or plan.target.resource_group
    return vnet_id(plan.target.subscription_id, group, name) if name else ""
