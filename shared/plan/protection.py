"""Protection of migrated machines to yet another region: the guides' next step, disaster recovery, where it is asked for."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from shared.plan.details import ResourceName
from shared.plan.target import Vault
from shared.plan.values import Network, Part, Region, ResourceGroup, not_null


class ProtectedNetwork(Part):
    """The network of the other region that machines would join there."""

    vnet: Network = Field(description="virtual network in the other region")
    subnet: Network = Field(default="default", description="subnet there")
    resource_group: ResourceGroup = Field(
        default="", description="resource group of the network; left out: that of the protection"
    )


class ProtectTarget(Part):
    """Where migrated machines are protected to, and what their replication goes through."""

    region: Region = Field(description="region to replicate to", examples=["northeurope"])
    resource_group: ResourceGroup = Field(
        default="",
        description="resource group there; left out: the target's with `-asr` behind it, as the portal makes it",
    )
    network: ProtectedNetwork = Field(description="the network there")
    cache_storage_account: str = Field(
        default="",
        pattern=r"^[a-z0-9]{3,24}$",
        description="storage account that holds replication traffic on its way, in the region that machines were migrated "
        "to; left out: the target's, where it lies there",
    )
    cache_resource_group: ResourceGroup = Field(default="", description="left out: that of the target")
    vault: Annotated[Vault | None, BeforeValidator(not_null)] = Field(
        default=None,
        description="a vault in any region but the one that machines were migrated to; left out: the target's, where it is",
    )
    disk_encryption_set: ResourceName = Field(
        default="", description="name or ARM id, of the other region; encrypts the disks there"
    )
