"""What is known of a source machine, its disks and its network cards; None = could not be read, never "it is not so"."""

from typing import Literal

from pydantic import Field

from shared.models import Preserving


class DiskFacts(Preserving):
    """One disk of a source machine."""

    device: str = Field(description="e.g. /dev/sda1 or xvdb")
    size_gib: float | None = None
    type: str | None = Field(default=None, description="e.g. gp3, io2, instance-store")
    encrypted: bool | None = None
    kms_key: str | None = None
    volume_id: str | None = None
    instance_store: bool = Field(default=False, description="local to the host: its contents are lost on stop")
    root: bool = False
    managed: bool = Field(default=True, description="in Azure: a managed disk, no file in a storage account")
    known_as: tuple[str, ...] = Field(
        default=(), description="id and name that Site Recovery knows it by; empty = nobody can tell yet"
    )


class NicFacts(Preserving):
    """One network interface of a source machine."""

    id: str = ""
    ip: str | None = Field(default=None, description="its primary private address")
    other_ips: tuple[str, ...] = Field(default=(), description="its other private addresses")
    subnet_id: str | None = None
    vpc_id: str | None = None
    security_groups: tuple[str, ...] = ()


class SourceFacts(Preserving):
    """What is known of one source machine."""

    instance_id: str = Field(default="", description="id at its source; empty = it was not found there")
    found: bool = Field(default=True, description="false = no such machine, or more than one where one was meant")
    fits: tuple[str, ...] = Field(
        default=(), description="not found because all of these are meant: ids with their VPCs"
    )
    name: str | None = Field(default=None, description="Name tag")
    state: str | None = Field(
        default=None, description="pending, running, stopping, stopped, shutting-down, terminated"
    )
    private_ip: str | None = None
    platform_details: str | None = Field(default=None, description="EC2 platformDetails, e.g. Windows or Linux/UNIX")
    os_family: Literal["windows", "linux"] | None = None
    os_name: str | None = Field(default=None, description="e.g. Windows Server 2019 Datacenter, Ubuntu, RHEL")
    os_version: str | None = Field(default=None, description="e.g. 10.0.17763, 22.04, 6.7")
    service_pack: int | None = Field(default=None, description="Windows Server 2008 R2 only")
    architecture: str | None = Field(default=None, description="i386, x86_64, arm64")
    virtualization_type: str | None = Field(default=None, description="hvm or paravirtual")
    hypervisor: str | None = Field(default=None, description="xen or nitro")
    boot_mode: str | None = Field(default=None, description="uefi or legacy-bios")
    secure_boot: bool | None = None
    pv_drivers: Literal["aws", "citrix", "redhat", "none"] | None = Field(
        default=None, description="paravirtual drivers of Windows on Xen"
    )
    drivers: tuple[str, ...] = Field(default=(), description="those drivers by name and version, where somebody looked")
    bitlocker: bool | None = Field(default=None, description="any volume encrypted by BitLocker (Windows)")
    disks: tuple[DiskFacts, ...] | None = None
    nics: tuple[NicFacts, ...] | None = Field(default=None, description="the card that its cloud calls primary first")
    public_ips: tuple[str, ...] | None = Field(
        default=None, description="public addresses of any card that a stop loses; empty = it has none"
    )
    elastic_ips: tuple[str, ...] | None = Field(
        default=None, description="public addresses of any card that stay with the account; empty = it has none"
    )
    tags: dict[str, str] | None = None
    guest_tools: bool | None = Field(default=None, description="VMware Tools run in it")
    ssm_online: bool | None = Field(
        default=None, description="its management agent answers: that of AWS Systems Manager, in Azure the VM agent"
    )
    termination_protection: bool | None = None
    stop_protection: bool | None = Field(default=None, description="EC2 refuses to stop it (disableApiStop)")
    auto_scaling_group: str | None = Field(default=None, description="empty = in none")
    spot: bool | None = None
    tenancy: str | None = Field(default=None, description="default, dedicated or host")
    cores: int | None = Field(default=None, description="vCPUs of the instance type")
    size: str | None = Field(default=None, description="in Azure: its VM size")
    memory_gb: float | None = Field(default=None, description="in Azure: of its size")
    local_disk: bool | None = Field(default=None, description="in Azure: its size has a local (temporary) disk")
    special: tuple[str, ...] | None = Field(
        default=None, description="in Azure: what only special sizes have, of `GPU` and `confidential`"
    )
    zone: str = Field(default="", description="in Azure: its availability zone; empty = none")
    ephemeral_os_disk: bool = Field(default=False, description="in Azure: it boots from a disk local to its host")
    ineligible: tuple[str, ...] | None = Field(
        default=None, description="in Azure: why Site Recovery would not replicate it, as it says; none = it would"
    )
    churn_mib_per_second: float | None = Field(default=None, description="write rate of all disks")
    devices: tuple[str, ...] | None = Field(default=None, description="what Hyper-V replication cannot copy")
    protected_as: str = Field(default="", description="Hyper-V: the protected item that it is already")
    moved_by: str = Field(
        default="", description="an earlier migration that moved it: which, and as what it serves now"
    )
    replicated_by: str = Field(default="", description="an earlier migration whose replication of it is still there")
    busy_in: str = Field(default="", description="another running migration that has this machine")
    name_promised_to: str = Field(default="", description="another running migration that has its name in Azure")
