"""What a machine becomes in Azure: the plan's target with what the machine has otherwise, as its road wants it."""

from collections.abc import Sequence

from shared.ledger.machine_context import MachineContext
from shared.plan.machines import Machine
from shared.plan.model import Plan
from shared.plan.named import target_group
from shared.plan.rules.tags import together
from shared.roads.registry import road_of
from shared.roads.target_names import network_id, vm_name
from shared.roads.target_placement import disks_of, placement_of
from shared.site_recovery.provider import ReplicationTarget
from shared.site_recovery.servers import KnownDisk


def target_of_machine(machine: MachineContext) -> ReplicationTarget:
    """Return what the machine becomes, with what its road says. Raise `Busy` while something that it names does not show."""
    road = road_of(machine.plan)
    known = road.disks(machine) if machine.entry.target.disks else ()
    return road.with_overrides(machine, target_of(machine.plan, machine.entry, known))


def target_of(plan: Plan, entry: Machine, known: Sequence[KnownDisk] = ()) -> ReplicationTarget:
    """Give the target as Site Recovery wants it; `known` are all disks of the machine, where the plan tells them apart.

    Raises `Refused` for a disk of the plan that the machine does not have.
    """
    target, own, road = plan.target, entry.target, road_of(plan)
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
        log_storage_account_id=road.cache_account(plan),
        disk_type=own.disk_type or target.disk_type or road.usual_disk_type,
        license_type=own.licence or target.licence,
        sql_license_type=own.sql_licence or target.sql_licence,
        linux_license_type=own.linux_licence or target.linux_licence,
        os_name=own.os_name,
        tags=tags,
        disk_tags=together(tags, target.disk_tags, own.disk_tags),
        nic_tags=together(tags, target.nic_tags, own.nic_tags),
        disks=disks_of(plan, entry, known),
    ).replace(**placement_of(plan, entry))
