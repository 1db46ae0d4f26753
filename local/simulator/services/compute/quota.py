"""Quota of cores: limits per region and family, what is used, and why a VM would not fit."""

from dataclasses import dataclass, field
from typing import Any

from ...resources import Resource
from ...world import World
from ..kinds import Kind
from .sizes import FAMILIES, SIZES, Size

VM = Kind("Microsoft.Compute", ("virtualMachines",))
PLENTY = 100_000
_FIXED = {"availabilitySets": 2500, "virtualMachines": 25000}


@dataclass
class Quota:
    """Limits and what others use, by (location, name).

    So are sizes that a region does not sell to this subscription (`restricted`) or does not have at all (`missing`).
    """

    limits: dict[tuple[str, str], int] = field(default_factory=dict)
    used_by_others: dict[tuple[str, str], int] = field(default_factory=dict)
    restricted: set[tuple[str, str]] = field(default_factory=set)
    missing: set[tuple[str, str]] = field(default_factory=set)

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


def refusal(world: World, scope: str, location: str, size_name: str) -> str:
    """Return Azure's text when a VM of this size does not fit; empty when it does."""
    size = SIZES.get(size_name.lower())
    if size is None:
        return f"The value {size_name} provided for the VM size is not valid."
    quota = quota_of(world)
    if (location.lower(), size.name.lower()) in quota.restricted or not quota.sold(location, size.name):
        return f"The requested VM size {size.name} is currently not available in location '{location}'."
    return _exceeded(world, scope, location, size)


def same_or_nearest(world: World, location: str, vm: Resource) -> str:
    """Return the size that a copy of a VM gets in a region: its own where that is sold, else the nearest (guide of 2018).

    unknown: how near is measured; assumed the smallest that has as many cores, as much memory and as many disks. Where
    nothing fits it is the VM's own size, which cannot be made there.
    """
    own, quota = size_of(vm), quota_of(world)
    wanted = SIZES.get(own.lower())
    disks = len((vm["properties"].get("storageProfile") or {}).get("dataDisks") or ())
    here = location.lower()
    sold = [one for key, one in SIZES.items() if quota.sold(here, key) and (here, key) not in quota.restricted]
    if wanted is None or wanted in sold:
        return own
    fits = [one for one in sold if one.cores >= wanted.cores and one.memory_gb >= wanted.memory_gb]
    nearest = min(
        (one for one in fits if one.data_disks >= disks), key=lambda one: (one.cores, one.memory_gb), default=None
    )
    return nearest.name if nearest else own


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
