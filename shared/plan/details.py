"""Details of a machine in Azure: cards, disks, placement, licences; for the whole plan, or for one machine."""

from typing import Annotated, Literal

from pydantic import Field

from shared.plan.values import AddressOrWord, Flag, IpAddress, Network, Part, ShortText, Tags

OwnDiskType = Literal["", "Standard_LRS", "StandardSSD_LRS", "Premium_LRS", "StandardSSD_ZRS", "Premium_ZRS"]
ResourceName = Annotated[
    str, Field(pattern=r"^(?:/subscriptions/\S{1,1000}|[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?)$")
]


class Details(Part):
    """What Azure knows of a machine beside its size; a name stands for a resource in the machine's resource group."""

    availability_set: ResourceName = Field(default="", description="name or ARM id; not together with a zone")
    proximity_placement_group: ResourceName = Field(default="", description="name or ARM id")
    capacity_reservation_group: ResourceName = Field(default="", description="name or ARM id")
    disk_encryption_set: ResourceName = Field(default="", description="name or ARM id; encrypts the managed disks")
    boot_diagnostics_account: ResourceName = Field(
        default="", description="storage account, name or ARM id; left out: Azure's own"
    )
    sql_licence: Literal["", "NoLicenseType", "PAYG", "AHUB"] = Field(
        default="", description="SQL Server: AHUB uses the hybrid benefit"
    )
    linux_licence: Literal["", "NoLicenseType", "LinuxServer"] = Field(
        default="", description="Linux: LinuxServer uses the hybrid benefit"
    )
    disk_tags: Tags = Field(default_factory=dict, description="of managed disks, added to `tags`")
    nic_tags: Tags = Field(default_factory=dict, description="of network cards, added to `tags`")


class NicTarget(Part):
    """One network card; the first of the list is the VM's primary card."""

    source_ip: IpAddress = Field(default="", description="its address at the source; left out: by place in the list")
    name: Network = Field(default="", description="name of the card in Azure")
    subnet: Network = Field(default="", description="left out: the machine's")
    private_ip: AddressOrWord = Field(
        default="",
        description="static address, `keep` for that of its source, or `dynamic`; left out: as its machine or the plan says",
    )
    test_subnet: Network = Field(default="", description="left out: the machine's")
    test_private_ip: IpAddress = Field(default="", description="static address in the test subnet")
    security_group: ResourceName = Field(default="", description="network security group, name or ARM id")
    test_security_group: ResourceName = Field(default="", description="that of the test machine's card")
    leave_out: Flag = Field(default=False, description="the VM does not get this card")


class DiskTarget(Part):
    """One disk that is treated otherwise than the rest."""

    disk: ShortText = Field(description="id or name of the disk as the replication server shows it")
    name: Network = Field(default="", description="name of the managed disk")
    type: OwnDiskType = Field(default="", description="left out: the machine's")
    encryption_set: ResourceName = Field(default="", description="name or ARM id; left out: the machine's")
    leave_out: Flag = Field(default=False, description="the disk is not replicated")
    os_disk: Flag = Field(default=False, description="the machine boots from it; for roads on which nobody else tells")
