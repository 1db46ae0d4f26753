"""The VM sizes the simulated regions offer: a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Size:
    """One VM size; `family` is the name of its quota."""

    name: str
    family: str
    cores: int
    memory_gb: float
    data_disks: int
    nics: int
    premium: bool = True


def _series(pattern: str, family: str, memory: float, *, premium: bool = True) -> tuple[Size, ...]:
    """Return a series with as many GB a core as `memory`: 2 to 64 cores, four data disks for two cores, as documented."""
    nics = {2: 2, 4: 2, 8: 4, 16: 8, 32: 8, 48: 8, 64: 8}
    return tuple(
        Size(pattern.format(cores), family, cores, cores * memory, min(cores * 2, 32), nic, premium)
        for cores, nic in nics.items()
    )


_TABLE: tuple[Size, ...] = (
    Size("Standard_B1s", "standardBSFamily", 1, 1, 2, 2),
    Size("Standard_B1ms", "standardBSFamily", 1, 2, 2, 2),
    Size("Standard_B2s", "standardBSFamily", 2, 4, 4, 3),
    Size("Standard_B2ms", "standardBSFamily", 2, 8, 4, 3),
    Size("Standard_B4ms", "standardBSFamily", 4, 16, 8, 4),
    Size("Standard_B8ms", "standardBSFamily", 8, 32, 16, 4),
    Size("Standard_DS1_v2", "standardDSv2Family", 1, 3.5, 4, 2),
    Size("Standard_DS2_v2", "standardDSv2Family", 2, 7, 8, 2),
    Size("Standard_DS3_v2", "standardDSv2Family", 4, 14, 16, 4),
    Size("Standard_F2s_v2", "standardFSv2Family", 2, 4, 4, 2),
    Size("Standard_F4s_v2", "standardFSv2Family", 4, 8, 8, 2),
    Size("Standard_F8s_v2", "standardFSv2Family", 8, 16, 16, 4),
    Size("Standard_F16s_v2", "standardFSv2Family", 16, 32, 32, 4),
    *_series("Standard_D{}s_v3", "standardDSv3Family", 4),
    *_series("Standard_D{}_v3", "standardDv3Family", 4, premium=False),
    *_series("Standard_D{}s_v4", "standardDSv4Family", 4),
    *_series("Standard_D{}s_v5", "standardDSv5Family", 4),
    *_series("Standard_D{}as_v5", "standardDASv5Family", 4),
    *_series("Standard_E{}s_v3", "standardESv3Family", 8),
    *_series("Standard_E{}s_v5", "standardESv5Family", 8),
)
SIZES: Mapping[str, Size] = {size.name.lower(): size for size in _TABLE}
# Regions without availability zones (documented).
ZONELESS = frozenset({"westus", "northcentralus", "westcentralus", "ukwest", "canadaeast", "australiasoutheast"})
FAMILIES: tuple[str, ...] = tuple(dict.fromkeys(size.family for size in _TABLE))


def size_json(size: Size) -> dict[str, Any]:
    """Return a row of the vmSizes listing."""
    return {
        "name": size.name,
        "numberOfCores": size.cores,
        "osDiskSizeInMB": 1047552,
        "resourceDiskSizeInMB": int(size.memory_gb * 2048),
        "memoryInMB": int(size.memory_gb * 1024),
        "maxDataDiskCount": size.data_disks,
    }


def sku_json(size: Size, location: str, restricted: bool) -> dict[str, Any]:
    """Return a row of the resource SKUs listing."""
    capabilities = {
        "vCPUs": size.cores,
        "MemoryGB": size.memory_gb,
        "MaxDataDiskCount": size.data_disks,
        "MaxNetworkInterfaces": size.nics,
        "PremiumIO": size.premium,
        "HyperVGenerations": "V1,V2",
        "CpuArchitectureType": "x64",
        "AcceleratedNetworkingEnabled": size.cores > 1,
    }
    zones = [] if location in ZONELESS else ["1", "2", "3"]
    where = {"location": location, "zones": zones, "zoneDetails": []}
    reason = {
        "type": "Location",
        "values": [location],
        "restrictionInfo": {"locations": [location]},
        "reasonCode": "NotAvailableForSubscription",
    }
    return {
        "resourceType": "virtualMachines",
        "name": size.name,
        "tier": "Standard",
        "size": size.name.removeprefix("Standard_"),
        "family": size.family,
        "locations": [location],
        "locationInfo": [where],
        "capabilities": [{"name": name, "value": str(value)} for name, value in capabilities.items()],
        "restrictions": [reason] if restricted else [],
    }
