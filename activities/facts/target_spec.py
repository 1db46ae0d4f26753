"""What a machine becomes in Azure: the plan's target with what the machine has otherwise."""

from collections.abc import Sequence

from activities.facts.target_placement import disks_of, placement_of
from shared.azure.network import vnet_id
from shared.azure.storage import account_id
from shared.ledger.source_claims import name_in_azure
from shared.plan.machines import Machine
from shared.plan.model import Plan
from shared.plan.named import target_group
from shared.plan.rules.tags import together
from shared.site_recovery.provider import ReplicationTarget
from shared.site_recovery.servers import KnownDisk


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


def target_of(plan: Plan, entry: Machine, known: Sequence[KnownDisk] = ()) -> ReplicationTarget:
    """Give the target as Site Recovery wants it; `known` are all disks of the machine, where the plan tells them apart.

    Raises `Refused` for a disk of the plan that the machine does not have.
    """
    target, own = plan.target, entry.target
    subscription = target.subscription_id
    tags = together(target.tags, own.tags)
    return ReplicationTarget(
        resource_group_id=f"/subscriptions/{subscription}/resourceGroups/{target_group(plan, entry)}",
        vm_name=vm_name(entry),
        vm_size=own.size or target.size,
        network_id=network_id(plan, test=False),
        subnet=own.subnet or target.network.subnet,
        test_network_id=network_id(plan, test=True),
        test_subnet=own.test_subnet or target.network.test_subnet,
        log_storage_account_id=cache_account_id(plan),
        disk_type=own.disk_type or target.disk_type or _usual_disk_type(plan),
        license_type=own.licence or target.licence,
        sql_license_type=own.sql_licence or target.sql_licence,
        linux_license_type=own.linux_licence or target.linux_licence,
        os_name=own.os_name,
        tags=tags,
        disk_tags=together(tags, target.disk_tags, own.disk_tags),
        nic_tags=together(tags, target.nic_tags, own.nic_tags),
        disks=disks_of(plan, entry, known),
    ).replace(**placement_of(plan, entry))


def cache_account_id(plan: Plan) -> str:
    """Give the id of the cache account: at the target, but between Azure regions at the source (documented)."""
    target, azure = plan.target, plan.source.azure
    at_source = azure if plan.scenario == "azure-to-azure" else None
    subscription = at_source.subscription_id if at_source else target.subscription_id
    group = target.cache_resource_group or (at_source.resource_group if at_source else "") or target.resource_group
    return account_id(subscription, group, target.cache_storage_account)


def _usual_disk_type(plan: Plan) -> str:
    """Give the type of disks that the plan does not tell; between Azure regions each keeps its own."""
    return "" if plan.scenario == "azure-to-azure" else "StandardSSD_LRS"
