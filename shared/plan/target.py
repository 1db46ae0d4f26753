"""Where machines go: subscription, region, networks, vault, storage, and what one machine may have otherwise."""

from typing import Final, Literal

from pydantic import Field

from shared.plan.details import Details, DiskTarget, NicTarget, OwnDiskType
from shared.plan.values import (
    AddressOrWord,
    Flag,
    IpAddress,
    Network,
    Part,
    Region,
    ResourceGroup,
    ShortText,
    SubscriptionId,
    Tags,
    VmName,
    VmSize,
)

Licence = Literal["NoLicenseType", "WindowsServer"]
OwnLicence = Literal["", "NoLicenseType", "WindowsServer"]
Zone = Literal["", "1", "2", "3"]
KEEP: Final = "keep"  # of `privateIp`: the address at the source
DYNAMIC: Final = "dynamic"  # of `privateIp`: Azure chooses, whatever the plan says of the others


class NetworkTarget(Part):
    """The networks that migrated machines and their test copies join."""

    vnet: Network = Field(description="virtual network of the migrated machines")
    subnet: Network = Field(default="default", description="subnet of the migrated machines")
    test_vnet: Network = Field(
        default="", description="isolated virtual network of test machines; required unless tests are skipped"
    )
    test_subnet: Network = Field(default="default", description="subnet of test machines")
    resource_group: ResourceGroup = Field(
        default="", description="resource group of the networks; left out: that of the target"
    )


class Vault(Part):
    """The Recovery Services vault that replication runs through."""

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{1,49}$", description="name of the vault", examples=["rsv-ferry"])
    resource_group: ResourceGroup = Field(default="", description="left out: that of the target")
    region: Region = Field(default="", description="left out: that of the target")
    create: Flag = Field(default=False, description="make the vault and its resource group if they are missing")


class Target(Details):
    """Where machines go in Azure; a machine may differ in what `MachineTarget` lists."""

    subscription_id: SubscriptionId = Field(
        description="Azure subscription of the migrated machines",
        examples=["00000000-0000-0000-0000-000000000001"],
    )
    region: Region = Field(description="Azure region, as in `az account list-locations`", examples=["westeurope"])
    resource_group: ResourceGroup = Field(description="resource group of the migrated machines")
    network: NetworkTarget = Field(description="networks of migrated machines and of test machines")
    cache_storage_account: str = Field(
        pattern=r"^[a-z0-9]{3,24}$",
        description="storage account that holds replication traffic on its way; in the target's region, but between "
        "Azure regions in the source's",
    )
    cache_resource_group: ResourceGroup = Field(
        default="", description="left out: that of the target; between Azure regions that of the source"
    )
    vault: Vault = Field(description="the Recovery Services vault")
    size: VmSize = Field(
        default="",
        description="size of the machines; left out: Site Recovery chooses the nearest, between Azure regions the same "
        "or the nearest that the target region offers",
    )
    disk_type: OwnDiskType = Field(
        default="",
        description="type of the managed disks; left out: StandardSSD_LRS, between Azure regions as at the source",
    )
    licence: Licence = Field(default="NoLicenseType", description="WindowsServer: Azure Hybrid Benefit is used")
    zone: Zone = Field(default="", description="availability zone; left out: none")
    private_ip: Literal["", "keep"] = Field(
        default="", description="keep: each machine asks for its address at the source; left out: Azure chooses"
    )
    tags: Tags = Field(default_factory=dict, description="tags of the migrated machines")


class MachineTarget(Details):
    """What one machine has otherwise than the plan's target says."""

    name: VmName = Field(default="", description="name in Azure; left out: the machine's name in the plan")
    size: VmSize = Field(default="", description="left out: the plan's")
    resource_group: ResourceGroup = Field(default="", description="left out: the plan's")
    subnet: Network = Field(default="", description="left out: the plan's")
    test_subnet: Network = Field(default="", description="left out: the plan's")
    private_ip: AddressOrWord = Field(
        default="",
        description="static address in the subnet, `keep` for that of its source, or `dynamic`; left out: as the plan says",
    )
    test_private_ip: IpAddress = Field(default="", description="static address in the test subnet")
    disk_type: OwnDiskType = Field(default="", description="left out: the plan's")
    licence: OwnLicence = Field(default="", description="left out: the plan's")
    zone: Zone = Field(default="", description="left out: the plan's")
    tags: Tags = Field(default_factory=dict, description="added to the plan's tags")
    os_name: ShortText = Field(
        default="", description="the system, where Site Recovery cannot see it; one of its supported names"
    )
    nics: tuple[NicTarget, ...] = Field(
        default=(), max_length=8, description="network cards, the primary one first; left out: the source's first card"
    )
    disks: tuple[DiskTarget, ...] = Field(
        default=(), max_length=64, description="disks that are treated otherwise than `diskType` says"
    )

    @property
    def cards(self) -> tuple[NicTarget, ...]:
        """Give the network cards that the plan says anything of: `nics`, or the one that `privateIp` speaks of."""
        address = "" if self.private_ip == DYNAMIC else self.private_ip
        if self.nics or not (address or self.test_private_ip):
            return self.nics
        return (NicTarget.model_construct(private_ip=address, test_private_ip=self.test_private_ip),)


def address_said(target: Target, own: MachineTarget) -> str:
    """Give what is said of a machine's address, by itself or by its plan: an address, `keep`, `dynamic`, or nothing."""
    return own.private_ip or target.private_ip


def asks_for_addresses(target: Target, own: MachineTarget) -> bool:
    """Tell whether a machine is to have a static address, of its own choice or its source's."""
    if target.private_ip == KEEP and own.private_ip != DYNAMIC:
        return True
    wanted = {address for card in own.cards for address in (card.private_ip, card.test_private_ip)}
    return bool(wanted - {"", DYNAMIC})


def zone_of(target: Target, own: MachineTarget) -> str:
    """Give the zone of a machine, empty for none: its own zone or availability set takes the place of the plan's zone."""
    return own.zone or ("" if own.availability_set else target.zone)
