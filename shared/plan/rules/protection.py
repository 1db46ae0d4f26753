"""Protection after the migration: another region, a vault outside the machines' own, and storage that lies beside them."""

from collections.abc import Iterator
from datetime import datetime

from shared.plan.error_messages import quoted
from shared.plan.machines import Machine
from shared.plan.model import Plan
from shared.plan.pointers import pointer
from shared.plan.protection import ProtectTarget
from shared.plan.protection_plan import vault_region
from shared.plan.road_sections import seen_from
from shared.problems import Fault

Path = tuple[str | int, ...]
AT_FINISH: Path = ("finish", "protectTarget")


def protections_make_sense(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """Each protection can be made for every machine that it is for; a fault is told once, where it is written."""
    yield from dict.fromkeys(fault for protection in _all(plan) for fault in _faults(*protection))


def _all(plan: Plan) -> Iterator[tuple[Path, ProtectTarget, Plan, Machine]]:
    """Give every machine's protection, where it is written, and the plan as the machine's wave sees it."""
    for i, wave in enumerate(plan.waves):
        seen = seen_from(plan, wave)
        for j, machine in enumerate(wave.machines):
            if wanted := plan.protection_of(wave, machine):
                at = ("waves", i, "protectTarget") if wave.protect_target else AT_FINISH
                own = ("waves", i, "machines", j, "protectTarget") if machine.protect_target else at
                yield own, wanted, seen, machine


def _faults(at: Path, wanted: ProtectTarget, plan: Plan, machine: Machine) -> Iterator[Fault]:
    target = plan.target
    if wanted.region == target.region:
        message = f"{quoted(wanted.region)} is the region that machines are migrated to: choose another"
        yield Fault(pointer=pointer((*at, "region")), message=message)
    yield from _vault(at, wanted, plan)
    if plan.scenario == "azure-to-azure" and not wanted.cache_storage_account:
        message = f"is required: the cache of the migration lies in the source's region, this one has to lie in {target.region}"
        yield Fault(pointer=pointer((*at, "cacheStorageAccount")), message=message)
    group = machine.target.resource_group or target.resource_group
    if wanted.resource_group.lower() == group.lower():
        message = f"{quoted(wanted.resource_group)} is the group of the migrated machines: their names are taken there"
        yield Fault(pointer=pointer((*at, "resourceGroup")), message=message)
    encrypted = machine.target.disk_encryption_set or target.disk_encryption_set
    if encrypted and not wanted.disk_encryption_set:
        message = f"is required: {quoted(encrypted.rpartition('/')[2])} encrypts disks of {target.region} only"
        yield Fault(pointer=pointer((*at, "diskEncryptionSet")), message=message)


def _vault(at: Path, wanted: ProtectTarget, plan: Plan) -> Iterator[Fault]:
    """A vault may lie in any region but that of the machines it protects (documented)."""
    target = plan.target
    region = (wanted.vault.region or wanted.region) if wanted.vault else vault_region(target)
    if region != target.region or wanted.region == target.region:
        return
    why = f"a vault cannot protect machines of its own region, {target.region}"
    if wanted.vault is None:
        yield Fault(pointer=pointer((*at, "vault")), message=f"is required: {why}, where the target's vault lies")
    else:
        yield Fault(pointer=pointer((*at, "vault", "region")), message=f"is wrong: {why}")
