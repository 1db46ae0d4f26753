"""What is known of the target: sizes, quota, networks, storage, the vault, VMs; None = could not be read."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from shared.models import Model


class SizeFacts(Model):
    """One VM size of the target region."""

    name: str
    family: str | None = None
    cores: int | None = None
    max_data_disks: int | None = None
    memory_gb: float | None = None
    max_nics: int | None = None
    premium: bool | None = Field(default=None, description="it takes premium disks")
    zones: tuple[str, ...] | None = Field(default=None, description="zones where this subscription may have it")
    closed_zones: tuple[str, ...] = Field(default=(), description="zones that have it, but not for this subscription")
    restricted: bool = Field(default=False, description="not offered to this subscription")
    no_quota: bool = Field(default=False, description="the subscription's quota of its family is 0")
    processor: Literal["x64", "Arm64"] | None = None
    generations: tuple[str, ...] | None = Field(default=None, description="generations of VMs that it takes: V1, V2")
    local_disk: bool | None = Field(default=None, description="it has a local (temporary) disk")
    special: tuple[str, ...] | None = Field(default=None, description="`GPU`, `confidential`; none = an ordinary size")


class UsageFacts(Model):
    """Quota of one family, or of all cores of the region (`cores`)."""

    family: str
    used: int
    limit: int


class SubnetFacts(Model):
    """One subnet of the target."""

    name: str
    prefix: str | None = Field(default=None, description="e.g. 10.1.2.0/24")
    more_prefixes: tuple[str, ...] = Field(default=(), description="further ranges of the same subnet")
    free: int | None = Field(default=None, description="addresses that are still free")
    used_ips: tuple[str, ...] = ()
    delegated: bool = Field(default=False, description="given to a service of Azure: it takes no machines")


class NetworkFacts(Model):
    """One virtual network of the target."""

    name: str
    id: str = ""
    region: str | None = None
    subnets: tuple[SubnetFacts, ...] = ()
    peered_with: tuple[str, ...] = Field(default=(), description="ids of the networks that it is peered with")


class StorageFacts(Model):
    """The cache storage account."""

    exists: bool
    id: str = ""
    region: str | None = None
    kind: str | None = Field(default=None, description="e.g. StorageV2")
    hierarchical: bool = Field(default=False, description="it has the namespace of Data Lake Storage")
    shared_key: bool = Field(default=True, description="its keys let people in")
    firewall: Literal["", "trusted", "closed"] = Field(
        default="", description="only some networks reach it, and trusted services of Microsoft, or not even those"
    )


class VaultFacts(Model):
    """The Recovery Services vault."""

    exists: bool
    id: str = ""
    region: str | None = None


class ResourceFacts(Model):
    """A resource that the plan names and does not make."""

    exists: bool
    region: str | None = None
    subnets: tuple[str, ...] = Field(default=(), description="of a network: their names")


class VmFacts(Model):
    """One machine that is there already, in a resource group of the plan."""

    name: str
    group: str = Field(description="its resource group, in lower case")
    guid: str = Field(
        default="", description="the id that Azure gives it for life; another of the same name has another"
    )


class SupportedOs(Model):
    """One line of Site Recovery's own list of supported operating systems."""

    name: str = Field(description="e.g. WINDOWS or LINUX, or a distribution as the service names it")
    versions: tuple[str, ...] = Field(default=(), description="versions that are supported; empty = not told apart")
    service_packs: Mapping[str, int] = Field(
        default_factory=dict, description="by version: the lowest service pack that is supported, where one is demanded"
    )


class TargetFacts(Model):
    """What is known of the target and of the service."""

    region_known: bool | None = Field(default=None, description="the subscription may use the region")
    source_region: str | None = Field(default=None, description="Azure region of the sources (Azure to Azure only)")
    sizes: tuple[SizeFacts, ...] | None = None
    usages: tuple[UsageFacts, ...] | None = None
    networks: tuple[NetworkFacts, ...] | None = Field(
        default=None, description="those that the plan names, if they exist"
    )
    resource_group_exists: bool | None = None
    named: Mapping[str, ResourceFacts] | None = Field(
        default=None, description="what the plan names, by ARM id in lower case; one that is left out could not be read"
    )
    storage: StorageFacts | None = None
    vault: VaultFacts | None = None
    vms: tuple[VmFacts, ...] | None = Field(default=None, description="machines in the plan's resource groups already")
    missing_actions: tuple[str, ...] | None = Field(
        default=None,
        description="scopes with the actions that the app lacks there, e.g. rg-shop: Microsoft.Compute/…/write",
    )
    supported_os: tuple[SupportedOs, ...] | None = None
    vault_regions: tuple[str, ...] | None = Field(
        default=None, description="regions that offer Recovery Services vaults (Azure to Azure only)"
    )
