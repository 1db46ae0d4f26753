"""The VM sizes the simulated regions offer: a table."""

from collections.abc import Iterable, Mapping
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
    local_gb: int = 0  # the temporary disk
    arm: bool = False
    generations: str = "V1,V2"
    gpus: int = 0
    confidential: str = ""  # SNP or TDX


def _series(pattern: str, family: str, memory: float, **more: Any) -> tuple[Size, ...]:
    """Return a series with as many GB a core as `memory`: 2 to 64 cores, four data disks for two cores, as documented.

    `local` is the local disk in GB a core; all else goes to the sizes as it stands.
    """
    nics, local = {2: 2, 4: 2, 8: 4, 16: 8, 32: 8, 48: 8, 64: 8}, more.pop("local", 0)
    return tuple(
        Size(
            pattern.format(cores),
            family,
            cores,
            cores * memory,
            min(cores * 2, 32),
            nic,
            local_gb=cores * local,
            **more,
        )
        for cores, nic in nics.items()
    )


_TABLE: tuple[Size, ...] = (
    Size("Standard_B1s", "standardBSFamily", 1, 1, 2, 2, local_gb=4),
    Size("Standard_B1ms", "standardBSFamily", 1, 2, 2, 2, local_gb=4),
    Size("Standard_B2s", "standardBSFamily", 2, 4, 4, 3, local_gb=8),
    Size("Standard_B2ms", "standardBSFamily", 2, 8, 4, 3, local_gb=16),
    Size("Standard_B4ms", "standardBSFamily", 4, 16, 8, 4, local_gb=32),
    Size("Standard_B8ms", "standardBSFamily", 8, 32, 16, 4, local_gb=64),
    Size("Standard_B2ps_v2", "standardBpsv2Family", 2, 8, 4, 2, arm=True, generations="V2"),
    Size("Standard_B4ps_v2", "standardBpsv2Family", 4, 16, 8, 2, arm=True, generations="V2"),
    Size("Standard_DS1_v2", "standardDSv2Family", 1, 3.5, 4, 2, local_gb=7),
    Size("Standard_DS2_v2", "standardDSv2Family", 2, 7, 8, 2, local_gb=14),
    Size("Standard_DS3_v2", "standardDSv2Family", 4, 14, 16, 4, local_gb=28),
    Size("Standard_D2_v2", "standardDv2Family", 2, 7, 8, 2, premium=False, local_gb=100, generations="V1"),
    Size("Standard_F2s_v2", "standardFSv2Family", 2, 4, 4, 2, local_gb=16),
    Size("Standard_F4s_v2", "standardFSv2Family", 4, 8, 8, 2, local_gb=32),
    Size("Standard_F8s_v2", "standardFSv2Family", 8, 16, 16, 4, local_gb=64),
    Size("Standard_F16s_v2", "standardFSv2Family", 16, 32, 32, 4, local_gb=128),
    Size("Standard_NV4as_v4", "standardNVSv4Family", 4, 14, 8, 2, local_gb=88, gpus=1),
    Size("Standard_DC2as_v5", "standardDCASv5Family", 2, 8, 4, 2, generations="V2", confidential="SNP"),
    *_series("Standard_D{}s_v3", "standardDSv3Family", 4, local=8),
    *_series("Standard_D{}_v3", "standardDv3Family", 4, premium=False, local=25, generations="V1"),
    *_series("Standard_D{}s_v4", "standardDSv4Family", 4),
    *_series("Standard_D{}s_v5", "standardDSv5Family", 4),
    *_series("Standard_D{}as_v5", "standardDASv5Family", 4),
    *_series("Standard_D{}ads_v5", "standardDADSv5Family", 4, local=37),
    *_series("Standard_D{}ps_v5", "standardDPSv5Family", 4, arm=True, generations="V2"),
    *_series("Standard_E{}s_v3", "standardESv3Family", 8, local=16),
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
        "resourceDiskSizeInMB": size.local_gb * 1024,
        "memoryInMB": int(size.memory_gb * 1024),
        "maxDataDiskCount": size.data_disks,
    }


def sku_json(size: Size, location: str, *, restricted: bool, closed: Iterable[str] = ()) -> dict[str, Any]:
    """Return a row of the resource SKUs listing; `closed` are the zones that this subscription may not use.

    Recorded: a closed zone stays among the zones of `locationInfo`, and is named by a restriction of type `Zone` alone.
    """
    capabilities = {
        "vCPUs": size.cores,
        "MemoryGB": size.memory_gb,
        "MaxDataDiskCount": size.data_disks,
        "MaxNetworkInterfaces": size.nics,
        "PremiumIO": size.premium,
        "HyperVGenerations": size.generations,
        "CpuArchitectureType": "Arm64" if size.arm else "x64",
        "AcceleratedNetworkingEnabled": size.cores > 1,
        "MaxResourceVolumeMB": size.local_gb * 1024,
    }
    capabilities |= {"GPUs": size.gpus} if size.gpus else {}
    capabilities |= {"ConfidentialComputingType": size.confidential} if size.confidential else {}
    zones = [] if location in ZONELESS else ["1", "2", "3"]
    where = {"location": location, "zones": zones, "zoneDetails": []}
    reasons = [_restriction(location, {"type": "Location"}, [])] if restricted else []
    reasons += [_restriction(location, {"type": "Zone"}, sorted(closed))] if closed and zones else []
    return {
        "resourceType": "virtualMachines",
        "name": size.name,
        "tier": "Standard",
        "size": size.name.removeprefix("Standard_"),
        "family": size.family,
        "locations": [location],
        "locationInfo": [where],
        "capabilities": [{"name": name, "value": str(value)} for name, value in capabilities.items()],
        "restrictions": reasons,
    }


def _restriction(location: str, kind: dict[str, str], zones: list[str]) -> dict[str, Any]:
    info = {"locations": [location], **({"zones": zones} if zones else {})}
    return {**kind, "values": [location], "restrictionInfo": info, "reasonCode": "NotAvailableForSubscription"}
