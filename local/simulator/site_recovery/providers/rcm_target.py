"""What an InMageRcm item becomes in Azure: its size, its disks."""

from ...machines import Disk
from ...vms import VmDisk
from ..state import Item, Json, Place


def text(value: object) -> str:
    """Return a boolean as this provider writes it: a lower-case string (recorded: False comes back as "false")."""
    return str(value).lower()


SIZES: dict[str, tuple[int, float, int, int]] = {
    # name: cores, memory in GB, data disks, NICs
    "Standard_B2s": (2, 4, 4, 3),
    "Standard_F2s_v2": (2, 4, 4, 2),
    "Standard_D2s_v5": (2, 8, 4, 2),
    "Standard_E2s_v5": (2, 16, 4, 2),
    "Standard_F4s_v2": (4, 8, 8, 2),
    "Standard_D4s_v5": (4, 16, 8, 2),
    "Standard_E4s_v5": (4, 32, 8, 2),
    "Standard_D8s_v5": (8, 32, 16, 4),
    "Standard_E8s_v5": (8, 64, 16, 4),
    "Standard_D16s_v5": (16, 64, 32, 8),
    "Standard_E16s_v5": (16, 128, 32, 8),
    "Standard_D32s_v5": (32, 128, 32, 8),
    "Standard_D64s_v5": (64, 256, 32, 8),
}


def size_of(item: Item) -> str:
    """Return the chosen size, or one that fits (the real service's own choice is not known)."""
    cores = item.machine.cores
    fitting = next(
        (name for name, size in SIZES.items() if size[0] >= cores and size[1] * 1024 >= item.machine.memory_mb), ""
    )
    return str(item.inputs.get("targetVmSize") or fitting or "Standard_D64s_v5")


def disk_input(item: Item, disk: Disk, number: int) -> Json:
    """Return what an enable call says of a disk: by id, by place, or the default."""
    listed: list[Json] = item.inputs.get("disksToInclude") or []
    for each in listed:
        if str(each.get("diskId", "")).strip("{}").lower() == disk.name.lower():
            return each
    if number < len(listed):
        return listed[number]
    default: Json = item.inputs.get("disksDefault") or {}
    return default


def vm_disk(place: Place, disk: Disk, number: int, vm: str) -> VmDisk:
    """Return the managed disk that a disk becomes."""
    sku = disk_input(place.item, disk, number).get("diskType") or "Standard_LRS"
    return VmDisk(f"{disk.name}-{vm}", disk.size_gb, disk.os_disk or number == 0, sku)
