"""The road onward: the plan as the migrated machines see it, VMs of one Azure region that go on to another."""

from collections.abc import Iterator
from typing import Any

from shared.plan.machines import Machine, Selector
from shared.plan.model import Plan
from shared.plan.protection import ProtectTarget
from shared.plan.replication import Replication
from shared.plan.sources import AzureSource, Source
from shared.plan.target import MachineTarget, NetworkTarget, Target, Vault

ONWARD = "protect_target"  # the phase that walks it
LONGEST_GROUP = 90


def onward(plan: Plan, wanted: ProtectTarget) -> Plan:
    """Give the plan of protecting what a plan (as its wave sees it) migrated: the same waves, another road."""
    from_here = AzureSource(
        subscription_id=plan.target.subscription_id,
        region=plan.target.region,
        resource_group=plan.target.resource_group,
    )
    return plan.model_copy(
        update={
            "scenario": "azure-to-azure",
            "replication": Replication(),
            "source": Source(azure=from_here),
            "target": _target(plan.target, wanted),
        }
    )


def _target(before: Target, wanted: ProtectTarget) -> Target:
    network = _said(wanted.network.model_dump())
    cache = _said({"cache_resource_group": wanted.cache_resource_group})
    if not wanted.cache_storage_account:
        cache = _said({"cache_resource_group": before.cache_resource_group}) | cache
    return Target(
        subscription_id=before.subscription_id,
        region=wanted.region,
        resource_group=wanted.resource_group or f"{before.resource_group[: LONGEST_GROUP - 4]}-asr",
        network=NetworkTarget.model_validate(network),
        cache_storage_account=wanted.cache_storage_account or before.cache_storage_account,
        vault=wanted.vault or _same_vault(before),
        **_said({"disk_encryption_set": wanted.disk_encryption_set}),
        **cache,
    )


def _said(fields: dict[str, str]) -> dict[str, Any]:
    """Leave out what is left empty: it has its default."""
    return {name: value for name, value in fields.items() if value}


def _same_vault(before: Target) -> Vault:
    """Give the vault of the migration, with what it leaves out said."""
    own = {"resource_group": before.vault.resource_group or before.resource_group, "region": vault_region(before)}
    return before.vault.model_copy(update=own)


def vault_region(target: Target) -> str:
    """Give the region of a target's vault."""
    return target.vault.region or target.region


def entry_onward(entry: Machine, vm_id: str) -> Machine:
    """Give the entry of a migrated machine: found by the id of its VM, and the same there as here."""
    name = vm_id.rpartition("/")[2] or entry.target.name or entry.name
    return Machine(name=entry.name, source=Selector(vm_id=vm_id or entry.name), target=MachineTarget(name=name))


def all_onward(plan: Plan) -> Iterator[Plan]:
    """Give the plan of every protection that a plan (as its waves see it) asks for, each once."""
    protections = (plan.protection_of(wave, machine) for wave in plan.waves for machine in wave.machines)
    for wanted in dict.fromkeys(each for each in protections if each is not None):
        yield onward(plan, wanted)
