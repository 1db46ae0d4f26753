"""What an InMageRcm item becomes in Azure: its size, its disks."""

from ...machines import Disk
from ...services.offazure import disk_uuid
from ...vms import VmDisk, VmNic
from ..ids import guid
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
        if str(each.get("diskId", "")).strip("{}").lower() in (disk.name.lower(), disk_uuid(item.machine, disk)):
            return each
    if number < len(listed):
        return listed[number]
    default: Json = item.inputs.get("disksDefault") or {}
    return default


def disk_id(item: Item, disk: Disk, number: int) -> str:
    """Return the id by which a disk is replicated."""
    return str(disk_input(item, disk, number).get("diskId") or f"{{{guid(item.internal_id, str(number))}}}")


def vm_disk(place: Place, disk: Disk, number: int, vm: str, *, test: bool = False) -> VmDisk:
    """Return the managed disk that a disk becomes."""
    settings, item = disk_input(place.item, disk, number), place.item
    chosen = (item.inputs.get("diskNames") or {}).get(disk_id(item, disk, number))
    name = (f"{chosen}-test" if test else chosen) if chosen else f"{disk.name}-{vm}"
    sku, encryption = settings.get("diskType") or "Standard_LRS", settings.get("diskEncryptionSetId") or ""
    return VmDisk(name, disk.size_gb, disk.os_disk or number == 0, sku, encryption)


def nic_ids(item: Item) -> list[str]:
    """Return the ids of the machine's network cards."""
    more = [guid(item.internal_id, f"nic{number}") for number, _ in enumerate(item.machine.more_ips, 2)]
    return [item.machine.card or guid(item.internal_id, "nic"), *more]


def nic_said(item: Item, nic_id: str) -> Json:
    """Return what updates said of a card."""
    settings: Json = (item.inputs.get("nics") or {}).get(nic_id) or {}
    return settings


def is_primary(item: Item, nic_id: str) -> bool:
    """Tell whether it is the primary card: the first one, unless an update said otherwise."""
    return text(nic_said(item, nic_id).get("isPrimaryNic") or nic_id == nic_ids(item)[0]) == "true"


def vm_cards(item: Item, *, test: bool) -> list[VmNic]:
    """Return the cards of a (test) VM, the primary one first."""
    subnet, address = (
        ("testSubnetName", "testStaticIPAddress") if test else ("targetSubnetName", "targetStaticIPAddress")
    )
    cards = sorted(nic_ids(item), key=lambda each: not is_primary(item, each))
    nic_settings = [nic_said(item, each) for each in cards]
    return [
        VmNic(
            settings.get("targetNicName") or "",
            settings.get(subnet) or item.inputs.get(subnet) or "",
            settings.get(address) or "",
        )
        for settings in nic_settings
        if settings.get("isSelectedForFailover") != "false"
    ]


def named(inputs: Json, kind: str) -> dict[str, str]:
    """Return tags as ARM has them."""
    return {tag["tagName"]: tag["tagValue"] for tag in inputs.get(kind) or []}
