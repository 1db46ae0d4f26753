"""What a Site Recovery provider has to say: the bodies that it fills and the details that it reads."""

from typing import ClassVar, Protocol

from pydantic import Field

from shared.models import Model
from shared.site_recovery.wire import FromWire, Json, Moment


class PolicySettings(Model):
    """A replication policy; whole minutes."""

    retention: int = Field(default=1440, description="how far back recovery points are kept")
    crash_consistent_every: int = 5
    app_consistent_every: int = Field(default=60, description="0 = none")
    multi_vm_sync: bool = Field(default=False, description="machines of a group share recovery points")


class ReplicatedNic(Model):
    """A network card as it shall be; an address left empty is dynamic, a subnet left empty is the machine's."""

    nic_id: str = Field(default="", description="as the provider names the card; known once the machine is enabled")
    primary: bool = True
    left_out: bool = Field(default=False, description="the VM has no such card")
    name: str = ""
    subnet: str = ""
    ip: str = ""
    test_subnet: str = ""
    test_ip: str = ""
    security_group_id: str = ""
    test_security_group_id: str = ""
    as_read: Json = Field(
        default_factory=dict, description="the card as Site Recovery told it: what is not changed is written back"
    )


class Card(ReplicatedNic):
    """A network card of a protected machine as Site Recovery tells it; `ip` and `test_ip` are empty where dynamic."""

    source_ip: str = ""


class DiskPlacement(Model):
    """A disk as it shall be; what is left empty is as the machine's target says."""

    disk_id: str = Field(default="", description="as the provider names the disk at its source")
    os_disk: bool = False
    left_out: bool = Field(default=False, description="it is not replicated")
    name: str = Field(default="", description="of the managed disk")
    disk_type: str = ""
    encryption_set_id: str = ""


class ReplicationTarget(Model):
    """What a machine becomes in Azure; ids are ARM ids, empty = as the provider chooses.

    `disks` names all disks of the machine or, where the plan says nothing of single disks, none.
    Cards are known by their ids only once the machine is enabled: `nics` is for updates.
    """

    resource_group_id: str
    vm_name: str
    vm_size: str = ""
    network_id: str = ""
    subnet: str = ""
    test_network_id: str = ""
    test_subnet: str = ""
    log_storage_account_id: str = ""
    container_id: str = Field(default="", description="of the target region, where a region replicates to another")
    disk_type: str = "Standard_LRS"
    disk_encryption_set_id: str = ""
    license_type: str = "NoLicenseType"
    sql_license_type: str = Field(default="", description="NoLicenseType, PAYG or AHUB")
    linux_license_type: str = Field(default="", description="NoLicenseType or LinuxServer")
    os_name: str = Field(default="", description="the system, where Site Recovery cannot see it (userSelectedOSName)")
    availability_set_id: str = ""
    availability_zone: str = ""
    proximity_placement_group_id: str = ""
    capacity_reservation_group_id: str = ""
    boot_diagnostics_account_id: str = ""
    tags: dict[str, str] = Field(default_factory=dict, description="of the VM")
    disk_tags: dict[str, str] = Field(default_factory=dict)
    nic_tags: dict[str, str] = Field(default_factory=dict)
    nics: tuple[ReplicatedNic, ...] = ()
    disks: tuple[DiskPlacement, ...] = ()


class Sought(Model):
    """What a server may know a machine by, and the minute in which it is looked for: one listing serves that minute."""

    ip: str = ""
    source_id: str = ""
    minute: str = Field(default="", description="empty = looked for anew")


class ReplicationSource(Model):
    """The machine to protect, as the provider knows it."""

    machine_id: str = Field(description="discovered machine (OffAzure), VM or protectable item, by provider")
    process_server_id: str = ""
    master_target_id: str = Field(default="", description="of a configuration server")
    run_as_account_id: str = Field(default="", description="only where the agent is pushed, or snapshots are taken")
    multi_vm_group: str = ""
    vm_id: str = Field(default="", description="the id that Hyper-V gave to it")
    name: str = Field(default="", description="its name there")
    os_type: str = Field(default="", description="Windows or Linux, as its host sees it")
    os_disk_id: str = Field(default="", description="the disk that it boots from")
    auto_resync: bool = Field(default=True, description="without agents: a copy out of step is brought back by itself")
    disks: tuple["SourceDisk", ...] = Field(default=(), description="only where each disk is asked for by itself")


class SourceDisk(Model):
    """A disk of the machine, as its source names it."""

    id: str
    type: str = Field(default="", description="e.g. Premium_LRS")


class ReplicatedDisk(FromWire):
    """A protected disk; only a single GET lists them."""

    disk_id: str = ""
    disk_name: str = ""
    is_os_disk: bool = Field(default=False, alias="isOSDisk")
    capacity_in_bytes: int = 0
    data_pending_at_source_agent_in_mb: float = Field(default=0, alias="dataPendingAtSourceAgentInMB")
    data_pending_in_log_data_store_in_mb: float = Field(default=0, alias="dataPendingInLogDataStoreInMB")
    custom_target_disk_name: str = Field(default="", description="name of the managed disk, where one was chosen")


class ReplicationStatus(FromWire):
    """What the provider tells of a protected item; what it does not tell stays None or empty."""

    instance_type: str = ""
    discovery_machine_id: str = ""
    process_server_id: str = ""
    source_ip: str = ""
    os_type: str = ""
    os_name: str = ""
    progress: int | None = Field(default=None, description="percent of the initial replication as last told")
    progress_health: str = Field(default="", description="None, InProgress, SlowProgress or NoProgress")
    processed_bytes: int = 0
    transferred_bytes: int = 0
    resync_required: bool = False
    resync_progress: int | None = None
    lag_seconds: int | None = Field(default=None, description="recovery point objective as last calculated")
    lag_calculated_at: Moment | None = None
    last_recovery_point_id: str = Field(default="", description="the latest processed one")
    last_recovery_point_at: Moment | None = None
    target_vm_name: str = ""
    target_vm_size: str = ""
    target_resource_group_id: str = ""
    target_network_id: str = ""
    test_network_id: str = ""
    agent_version: str = ""
    disks: tuple[ReplicatedDisk, ...] = ()
    replica_disks: tuple[str, ...] = Field(default=(), description="ids of the managed disks that hold the copy")
    cards: tuple[Card, ...] = Field(default=(), description="the primary card first; only a single GET lists them")


class Provider(Protocol):
    """One module per provider implements this; bodies are plain JSON with the wire's names."""

    name: ClassVar[str]
    plans_failover: ClassVar[bool] = False  # it offers a planned failover to Azure, with zero loss
    commits: ClassVar[bool] = False  # a failover is committed and replication disabled; others complete the migration

    def policy(self, settings: PolicySettings) -> Json:
        """Give the `providerSpecificInput` of a new policy."""

    def mapping(self) -> Json:
        """Give the `providerSpecificInput` of a new container mapping."""

    def protectable_item(self, source: ReplicationSource) -> str:
        """Give the `protectableItemId` that enabling names, empty where there is none."""

    def enable(self, source: ReplicationSource, target: ReplicationTarget) -> Json:
        """Give the `providerSpecificDetails` that enable replication."""

    def update(self, target: ReplicationTarget) -> Json:
        """Give the `properties` that change a protected machine's target: `providerSpecificDetails`, and what stands beside."""

    def test_failover(self, network_id: str, recovery_point_id: str) -> Json:
        """Give the `providerSpecificDetails` of a test failover; no recovery point = the latest."""

    def failover(self, recovery_point_id: str, *, shut_down: bool) -> Json:
        """Give the `providerSpecificDetails` of a failover; no recovery point = the latest."""

    def plan_failover(self, point: str, *, together: bool = False) -> Json:
        """Give an entry of a recovery plan's `providerSpecificDetails`; `point` as the recovery plan's point type.

        `together`: machines that are kept consistent with one another start from a point that they share.
        """

    def disable(self) -> Json | None:
        """Give the `replicationProviderInput` of a disable, where there is one."""

    def replication(self, details: Json) -> ReplicationStatus:
        """Read a protected item's `providerSpecificDetails`."""
