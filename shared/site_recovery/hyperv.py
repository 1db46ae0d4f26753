"""Hyper-V hosts, alone in a site or under a VMM server: their fabric, their providers, and the machines that they show.

| operation | role action |
| --- | --- |
| find_fabric | Microsoft.RecoveryServices/vaults/replicationFabrics/read |
| create_site | Microsoft.RecoveryServices/vaults/replicationFabrics/write |
| list_hosts | …/replicationFabrics/replicationRecoveryServicesProviders/read |
| find_containers | …/replicationFabrics/replicationProtectionContainers/read |
| list_machines, get_machine | …/replicationProtectionContainers/replicationProtectableItems/read |
"""

from typing import Any

from pydantic import Field, model_validator

from shared.azure import clients
from shared.azure.arm import submit
from shared.azure.refusals import asking, found
from shared.site_recovery.fabrics import Component, Fabric, list_containers, list_fabrics
from shared.site_recovery.mappings import ContainerRef
from shared.site_recovery.vault import VaultRef
from shared.site_recovery.wire import FromWire, HealthError, Moment, protectable_path, segment

HOST = "hyperVProvider"
KINDS = ("HyperVSite", "VMM")


class _Host(FromWire):
    """The provider of a host or of a VMM server; a heart-beat that never was is a sentinel (recorded)."""

    id: str = ""
    friendly_name: str = ""
    provider_version: str = ""
    connection_status: str = ""
    last_heart_beat: Moment | None = None
    health_error_details: tuple[HealthError, ...] = ()

    def part(self) -> Component:
        """Give it as a part like any other: it is well when it is connected, whatever it warns of."""
        connected = self.connection_status.lower() == "connected"
        return Component(
            kind=HOST,
            id=self.id,
            name=self.friendly_name,
            version=self.provider_version,
            health=("Warning" if self.health_error_details else "Normal") if connected else "Critical",
            health_errors=self.health_error_details,
            last_heartbeat_utc=self.last_heart_beat,
        )


class VirtualDisk(FromWire):
    """A virtual hard disk; every disk is told as Data, the system's too (recorded)."""

    vhd_id: str = ""
    vhd_name: str = ""
    vhd_type: str = ""
    max_size_mb: float = Field(default=0, alias="maxSizeMB")


class HyperVOs(FromWire):
    """The system; nothing of it is told of some machines (recorded)."""

    os_type: str = ""
    o_s_version: str = Field(default="", alias="oSVersion")


class HyperVMachine(FromWire):
    """A machine as its host shows it: the item and its details side by side."""

    id: str = Field(description="of the protectable item")
    friendly_name: str = ""
    replication_protected_item_id: str = ""
    source_item_id: str = Field(default="", description="the id that Hyper-V gave to it")
    generation: str = ""
    os_details: HyperVOs = HyperVOs()
    disk_details: tuple[VirtualDisk, ...] = ()
    has_physical_disk: str = Field(default="", description="Present, NotPresent or Unknown")
    has_fibre_channel_adapter: str = ""
    has_shared_vhd: str = ""

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, value: Any) -> Any:
        details = value.get("customDetails") if isinstance(value, dict) else None
        return {**value, **details} if details else value

    @property
    def system_disk(self) -> VirtualDisk | None:
        """The disk that it boots from: the one that is told so, else the first (assumed: the order is Hyper-V's own)."""
        system_disks = (disk for disk in self.disk_details if disk.vhd_type == "OperatingSystem")
        return next(system_disks, None) or next(iter(self.disk_details), None)


def find_fabric(vault: VaultRef, name: str) -> Fabric | None:
    """Give the site, or else the fabric of the VMM server, of that name (in any case); None while there is none."""
    named = [each for each in list_fabrics(vault) if name.lower() in (each.name.lower(), each.friendly_name.lower())]
    return next((each for kind in KINDS for each in named if each.kind == kind), None)


def find_containers(vault: VaultRef, name: str, clouds: tuple[str, ...]) -> tuple[ContainerRef, ...]:
    """Give the container of a site, or those of these clouds (in any case) of a VMM server; none before they show."""
    fabric = find_fabric(vault, name)
    wanted = {cloud.lower() for cloud in clouds}
    shown = list_containers(vault, fabric.name) if fabric else ()
    return tuple(
        ContainerRef(fabric=segment(each.id, "replicationFabrics"), container=each.name)
        for each in shown
        if not wanted or each.friendly_name.lower() in wanted
    )


def create_site(vault: VaultRef, name: str, request: str) -> str:
    """Make a site; give the job. It has no container before its first host registers (recorded)."""
    body = {"properties": {"customDetails": {"instanceType": "HyperVSite"}}}
    send = clients.site_recovery(vault.subscription).replication_fabrics.begin_create
    return submit(f"making the Hyper-V site {name}", request, send, *vault.place, name, body).job


def list_hosts(vault: VaultRef, fabric: str) -> tuple[Component, ...]:
    """Give the providers that registered with a fabric: one for each host of a site, one of a VMM server."""
    providers = clients.site_recovery(vault.subscription).replication_recovery_services_providers
    with asking(f"listing the hosts of {fabric}"):
        pages = providers.list_by_replication_fabrics(*vault.place, fabric)
        return tuple(_Host.of(each).part() for each in pages)


def get_machine(vault: VaultRef, item_id: str) -> HyperVMachine | None:
    """Give one machine by the id of its protectable item, or None when its host does not show it any more."""
    items = clients.site_recovery(vault.subscription).replication_protectable_items
    place = (*vault.place, *protectable_path(item_id))
    return found(f"reading machine {place[-1]}", lambda: HyperVMachine.of(items.get(*place)))


def list_machines(vault: VaultRef, at: ContainerRef) -> tuple[HyperVMachine, ...]:
    """Give the machines of a site or a cloud, page by page; an empty last page is no surprise (recorded)."""
    items = clients.site_recovery(vault.subscription).replication_protectable_items
    with asking(f"listing the machines of {at.container}"):
        pages = items.list_by_replication_protection_containers(*vault.place, at.fabric, at.container)
        return tuple(HyperVMachine.of(each) for each in pages)
