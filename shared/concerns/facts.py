"""Facts: what activities read of source, target, appliance and service. `None` always means: could not be read."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from shared.models import Model, Preserving


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


class ServerFacts(Model):
    """Where a server stands that machines of EC2 replicate through, and what it is like; empty where it is not launched yet."""

    instance_id: str = Field(
        default="", description="EC2 instance; empty = it is still to be launched, or stands elsewhere"
    )
    addresses: tuple[str, ...] = Field(default=(), description="the first is where machines reach it")
    outside: bool = Field(default=False, description="it stands outside EC2: nothing of its network is seen")
    vpc_id: str | None = Field(
        default=None, description="VPC of its instance, or of the subnet that it is launched into"
    )
    system: str | None = Field(default=None, description="its operating system, or the name of its image")
    windows: bool | None = None
    cores: int | None = None
    memory_gb: float | None = None
    disks_gb: int | None = Field(default=None, description="all its disks together")
    agent: bool = Field(default=False, description="its management agent answers, so that a command can be run on it")
    unreached: tuple[str, ...] | None = Field(
        default=None, description="what it tried to reach of Azure in vain; None = nobody tried"
    )
    closed_ways: dict[str, tuple[str, ...]] | None = Field(
        default=None,
        description="by machine what closes the way between it and the server, judged from rules; None = could not be read",
    )


class ApplianceFacts(Model):
    """What is known of the replication appliance."""

    registered: bool | None = None
    machines: int | None = Field(default=None, description="machines that it replicates already")
    capacity: int = Field(default=200, description="machines that one appliance can replicate (documented)")
    server: ServerFacts | None = Field(
        default=None, description="of machines on EC2; None = nobody knows where it stands"
    )
    not_read: str = Field(default="", description="why something of that server could not be read")
    unhealthy: tuple[str, ...] = Field(default=(), description="components that are not healthy")
