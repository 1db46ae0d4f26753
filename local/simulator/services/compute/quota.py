"""Quota of cores: limits per region and family, what is used, and why a VM would not fit."""

from dataclasses import dataclass, field
from typing import Any

from ...resources import Resource
from ...vms import VmRequest
from ...world import World
from ..kinds import Kind
from .sizes import FAMILIES, SIZES, Size

VM = Kind("Microsoft.Compute", ("virtualMachines",))
PLENTY = 100_000
_FIXED = {"availabilitySets": 2500, "virtualMachines": 25000}


@dataclass
class Quota:
    """Limits and what others use, by (location, name).

    So are sizes that a region does not sell to this subscription (`restricted`) or does not have at all (`missing`), and
    zones of a size that are closed to it.
    """

    limits: dict[tuple[str, str], int] = field(default_factory=dict)
    used_by_others: dict[tuple[str, str], int] = field(default_factory=dict)
    restricted: set[tuple[str, str]] = field(default_factory=set)
    missing: set[tuple[str, str]] = field(default_factory=set)
    closed_zones: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def zones(self, location: str, size: str) -> frozenset[str]:
        """Return the zones in which this subscription may not have a size, though the region does."""
        return self.closed_zones.get((location.lower(), size.lower()), frozenset())

    def change(self, location: str, name: str, limit: int | None, used: int | None) -> None:
        """Take a new limit, or a new number of cores that others use."""
        key = (location.lower(), name.lower())
        if limit is not None:
            self.limits[key] = limit
        if used is not None:
            self.used_by_others[key] = used

    def sold(self, location: str, size: str) -> bool:
        """Tell whether a region has a size at all."""
        return (location.lower(), size.lower()) not in self.missing

    def limit(self, location: str, name: str) -> int:
        """Return a limit."""
        return self.limits.get((location.lower(), name.lower()), _FIXED.get(name, PLENTY))


def quota_of(world: World) -> Quota:
    """Return the world's quota."""
    found: Quota = world.services.setdefault("quota", Quota())
    return found


def in_use(world: World, scope: str, location: str) -> dict[str, int]:
    """Count cores by family, `cores` for the region, and VMs; deallocated VMs count too (documented)."""
    counts = {"cores": 0, "virtualMachines": 0, **dict.fromkeys(FAMILIES, 0)}
    for vm in world.resources.under(scope, VM.name):
        size = SIZES.get(size_of(vm).lower())
        if size and vm["location"] == location.lower():
            counts["cores"] += size.cores
            counts["virtualMachines"] += 1
            counts[size.family] += size.cores
    others = quota_of(world).used_by_others
    return {name: count + others.get((location.lower(), name.lower()), 0) for name, count in counts.items()}


def size_of(vm: Resource) -> str:
    """Return the size of a VM document."""
    return str(vm["properties"]["hardwareProfile"]["vmSize"])


def refusal(world: World, request: VmRequest) -> str:
    """Return Azure's text when a VM does not fit into its region or its size; empty when it does.

    unknown: the exact words of what a size cannot carry; the codes of Azure behind them are documented.
    """
    size, location = SIZES.get(request.size.lower()), request.location
    if size is None:
        return f"The value {request.size} provided for the VM size is not valid."
    quota = quota_of(world)
    if (location.lower(), size.name.lower()) in quota.restricted or not quota.sold(location, size.name):
        return f"The requested VM size {size.name} is currently not available in location '{location}'."
    if request.availability_zone and request.availability_zone in quota.zones(location, size.name):
        where = f"in location '{location}' zone '{request.availability_zone}'"
        return f"SkuNotAvailable: the requested VM size {size.name} is currently not available {where}."
    scope = "/".join(request.resource_group_id.split("/")[:3])
    return _cannot_carry(size, request) or _exceeded(world, scope, location, size)


def _cannot_carry(size: Size, request: VmRequest) -> str:
    """Return why a size cannot run such a VM; machines that come from elsewhere have x64 processors."""
    wants_v2 = request.source is not None and request.source.firmware == "UEFI"
    generation = "V2" if wants_v2 else "V1"
    if size.arm:
        return f"BadRequest: The VM size '{size.name}' has CPU architecture 'Arm64', the disk has 'x64'."
    if request.source is not None and generation not in size.generations:
        return f"BadRequest: The VM size '{size.name}' cannot boot Hypervisor Generation '{generation[1]}'."
    if not size.premium and any(disk.sku.startswith("Premium") for disk in request.disks):
        return f"InvalidParameter: Requested operation cannot be performed because the VM size {size.name} does not support the storage account type Premium_LRS."
    if sum(not disk.os_disk for disk in request.disks) > size.data_disks:
        return f"OperationNotAllowed: The maximum number of data disks allowed to be attached to a VM of this size is {size.data_disks}."
    if 1 + len(request.more_nics) > size.nics:
        return f"NetworkInterfaceCountExceeded: The number of network interfaces exceeds the maximum of {size.nics} for VM size {size.name}."
    return ""


def same_or_nearest(world: World, location: str, vm: Resource, zone: str) -> str:
    """Return the size that a copy of a VM gets in a region: its own where that is sold, else the nearest (guide of 2018).

    Documented: what the subscription may not have there, and what has too few network cards, is passed over. unknown: how
    near is measured; assumed the smallest of the same processor that has as many cores, as much memory and as many disks,
    and takes premium disks where it does. Where nothing fits it is the VM's own size, which cannot be made there.
    """
    own = size_of(vm)
    wanted = SIZES.get(own.lower())
    if wanted is None:
        return own
    sold = [each for each in SIZES.values() if _may_have(quota_of(world), location, each, zone)]
    if wanted in sold:
        return own
    fits = [each for each in sold if _is_like(each, wanted) and _holds(each, wanted, vm)]
    nearest = min(fits, key=lambda size: (size.cores, size.memory_gb), default=None)
    return nearest.name if nearest else own


def _may_have(quota: Quota, location: str, size: Size, zone: str) -> bool:
    """Tell whether a subscription may have a size in a region, and in a zone of it."""
    here = (location.lower(), size.name.lower())
    open_there = quota.sold(location, size.name) and here not in quota.restricted
    return open_there and zone not in quota.zones(*here) and quota.limit(location, size.family) > 0


def _is_like(first: Size, other: Size) -> bool:
    kinds = [(size.arm, bool(size.gpus), size.confidential) for size in (first, other)]
    return kinds[0] == kinds[1] and (first.premium or not other.premium)


def _holds(size: Size, wanted: Size, vm: Resource) -> bool:
    """Tell whether a size has room for what a VM has now."""
    disks = len((vm["properties"].get("storageProfile") or {}).get("dataDisks") or ())
    cards = len((vm["properties"].get("networkProfile") or {}).get("networkInterfaces") or ())
    room = size.cores >= wanted.cores and size.memory_gb >= wanted.memory_gb
    return room and size.data_disks >= disks and size.nics >= cards


def _exceeded(world: World, scope: str, location: str, size: Size) -> str:
    used = in_use(world, scope, location)
    for name, label in (("cores", "Core"), (size.family, f"{size.family} Cores")):
        limit = quota_of(world).limit(location, name)
        if used[name] + size.cores > limit:
            numbers = f"Maximum allowed: {limit}, Current in use: {used[name]}, Additional requested: {size.cores}."
            return f"Operation results in exceeding quota limits of {label}. {numbers}"
    return ""


def usages_json(world: World, scope: str, location: str) -> list[dict[str, Any]]:
    """Return the usages listing of a region."""
    used = in_use(world, scope, location)
    rows = {"availabilitySets": 0, **used}
    labels = {"cores": "Total Regional vCPUs", "virtualMachines": "Virtual Machines"}
    return [
        {
            "limit": quota_of(world).limit(location, name),
            "unit": "Count",
            "currentValue": count,
            "name": {"value": name, "localizedValue": labels.get(name, name)},
        }
        for name, count in rows.items()
    ]
