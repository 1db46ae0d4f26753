"""What a host tells of a machine, as facts; what it does not tell stays unknown."""

from typing import Literal

from shared.concerns.source_facts import DiskFacts, SourceFacts
from shared.site_recovery.hyperv import HyperVMachine

GIB_IN_MB = 1024
BOOT: dict[str, str] = {"1": "legacy-bios", "2": "uefi"}
FAMILIES: dict[str, Literal["windows", "linux"]] = {"windows": "windows", "linux": "linux"}
# What Site Recovery cannot replicate, by the field that tells of it; a site tells Unknown of shared disks (recorded).
DEVICES = {
    "has_physical_disk": "a physical disk that is passed through",
    "has_fibre_channel_adapter": "a virtual fibre channel adapter",
    "has_shared_vhd": "a virtual hard disk shared with another machine",
}


def facts_of(machine: HyperVMachine) -> SourceFacts:
    """Give the facts of a machine; its id is that of its protectable item, which replication is enabled with."""
    system = machine.os_details
    return SourceFacts(
        instance_id=machine.id,
        name=machine.friendly_name or None,
        os_family=FAMILIES.get(system.os_type.lower()),
        os_version=system.o_s_version or None,
        boot_mode=BOOT.get(machine.generation),
        disks=_disks(machine) or None,
        devices=tuple(device for field, device in DEVICES.items() if getattr(machine, field).lower() == "present"),
        protected_as=machine.replication_protected_item_id,
    )


def _disks(machine: HyperVMachine) -> tuple[DiskFacts, ...]:
    system = machine.system_disk
    return tuple(
        DiskFacts(
            device=disk.vhd_name or disk.vhd_id,
            size_gib=disk.max_size_mb / GIB_IN_MB or None,
            volume_id=disk.vhd_id or None,
            root=disk is system,
            known_as=tuple(each for each in (disk.vhd_id, disk.vhd_name) if each),
        )
        for disk in machine.disk_details
    )
