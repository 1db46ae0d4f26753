"""What a region offers and what a subscription may still use: VM sizes and quotas.

| operation | role action |
| --- | --- |
| list_sizes | Microsoft.Compute/skus/read |
| list_usages | Microsoft.Compute/locations/usages/read |
"""

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlencode

from pydantic import Field

from shared.azure import clients
from shared.azure.arm import read_json
from shared.azure.refusals import asking
from shared.models import Model

SKUS_VERSION: Final = "2021-07-01"
_SPECIAL = {"GPU": "GPUs", "confidential": "ConfidentialComputingType"}  # what we call a capability


class VmSize(Model):
    """A VM size in a region."""

    name: str
    family: str = Field(default="", description="the name of its quota")
    cores: int = 0
    memory_gb: float = 0
    max_data_disks: int = 0
    max_nics: int = 0
    premium: bool = False
    generations: tuple[str, ...] = Field(default=(), description="V1, V2")
    architecture: str = "x64"
    restricted: bool = Field(default=False, description="not available to this subscription in this region")
    zones: tuple[str, ...] = Field(default=(), description="where this subscription may have it")
    closed_zones: tuple[str, ...] = Field(default=(), description="where it stands, but not for this subscription")
    local_disk: bool | None = Field(default=None, description="None = Azure does not tell")
    special: tuple[str, ...] = Field(default=(), description="`GPU`, `confidential`")


class Usage(Model):
    """A quota and how much of it is used; `name` is `cores`, `virtualMachines` or a size's family."""

    name: str
    used: int
    limit: int

    @property
    def free(self) -> int:
        """How much of the quota is left."""
        return self.limit - self.used


def list_sizes(subscription: str, location: str) -> tuple[VmSize, ...]:
    """Give the VM sizes of a region. The list is long: ask once for a plan.

    It is read as JSON: the SDK's models of a region's list take seconds to make.
    """
    query = urlencode({"api-version": SKUS_VERSION, "$filter": f"location eq '{location}'"})
    address, found = f"/subscriptions/{subscription}/providers/Microsoft.Compute/skus?{query}", list[dict[str, Any]]()
    while address:
        page = read_json(f"listing the VM sizes of {location}", subscription, address)
        found += page.get("value") or ()
        address = page.get("nextLink") or ""
    return tuple(_size(each) for each in found if each.get("resourceType") == "virtualMachines")


def list_usages(subscription: str, location: str) -> tuple[Usage, ...]:
    """Give the compute quotas of a region."""
    usages = clients.compute(subscription).usage
    with asking(f"reading the compute quotas of {location}"):
        raw = [each.as_dict() for each in usages.list(location)]
    return tuple(Usage(name=each["name"]["value"], used=each["currentValue"], limit=each["limit"]) for each in raw)


def _size(raw: dict[str, Any]) -> VmSize:
    can = {each["name"]: each["value"] for each in raw.get("capabilities") or ()}
    places = raw.get("locationInfo") or ()
    restrictions = raw.get("restrictions") or ()
    closed = _zones(each.get("restrictionInfo") or {} for each in restrictions if each.get("type") == "Zone")
    return VmSize(
        name=raw["name"],
        family=raw.get("family") or "",
        cores=int(can.get("vCPUsAvailable") or can.get("vCPUs") or 0),
        memory_gb=float(can.get("MemoryGB") or 0),
        max_data_disks=int(can.get("MaxDataDiskCount") or 0),
        max_nics=int(can.get("MaxNetworkInterfaces") or 0),
        premium=can.get("PremiumIO") == "True",
        generations=tuple(str(can.get("HyperVGenerations") or "").split(",")) if can.get("HyperVGenerations") else (),
        architecture=can.get("CpuArchitectureType") or "x64",
        restricted=any(each.get("type") == "Location" for each in restrictions),
        zones=tuple(zone for zone in _zones(places) if zone not in closed),
        closed_zones=closed,
        local_disk=float(can["MaxResourceVolumeMB"]) > 0 if can.get("MaxResourceVolumeMB") else None,
        special=tuple(word for word, name in _SPECIAL.items() if can.get(name) not in (None, "", "0")),
    )


def _zones(places: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    """Give the zones that any of these names."""
    return tuple(sorted({zone for place in places for zone in place.get("zones") or ()}))
