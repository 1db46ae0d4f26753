"""The configuration server: its parts, its accounts, and its machines: added by their address, or read from a vCenter.

| operation | role action |
| --- | --- |
| find | Microsoft.RecoveryServices/vaults/replicationFabrics/read |
| list_machines, get_machine | …/replicationProtectionContainers/replicationProtectableItems/read |
| add_machine | …/replicationProtectionContainers/discoverProtectableItem/action |
"""

from pydantic import Field

from shared.azure import clients
from shared.azure.arm import submit
from shared.azure.refusals import asking, found
from shared.models import Model
from shared.site_recovery.fabrics import Component, RegisteredAppliance, ServerAccount
from shared.site_recovery.mappings import ContainerRef
from shared.site_recovery.vault import VaultRef
from shared.site_recovery.wire import FromWire, HealthError, Json, Moment, protectable_path


class _Server(FromWire):
    """A process or master target server; the latter has no health of its own (recorded)."""

    id: str = ""
    name: str = ""
    friendly_name: str = ""
    ip_address: str = ""
    agent_version: str = ""
    health: str = ""
    health_errors: tuple[HealthError, ...] = ()
    last_heartbeat: Moment | None = None

    def part(self, kind: str) -> Component:
        """Give it as a part like any other; without a health of its own its heart-beat and errors decide."""
        own = "Warning" if self.health_errors else "Normal"
        return Component(
            kind=kind,
            id=self.id,
            name=self.friendly_name or self.name,
            version=self.agent_version,
            ip_addresses=(self.ip_address,) if self.ip_address else (),
            health=self.health or (own if self.last_heartbeat else ""),
            health_errors=self.health_errors,
            last_heartbeat_utc=self.last_heartbeat,
        )


class _Account(FromWire):
    account_id: str = ""
    account_name: str = ""


class _Details(FromWire):
    """What such a fabric tells; unlike an appliance's, a LIST of fabrics keeps it all (recorded)."""

    instance_type: str = ""
    process_servers: tuple[_Server, ...] = ()
    master_target_servers: tuple[_Server, ...] = ()
    run_as_accounts: tuple[_Account, ...] = ()
    cs_service_status: str = ""
    ip_address: str = ""
    agent_version: str = ""
    host_name: str = ""
    last_heartbeat: Moment | None = None


class _Fabric(FromWire):
    id: str
    name: str
    friendly_name: str = ""
    health_error_details: tuple[HealthError, ...] = ()
    custom_details: _Details = _Details()


class AddedDisk(FromWire):
    """A disk of a machine; only a vCenter tells of them."""

    disk_id: str = ""
    disk_name: str = ""
    disk_size_in_mb: float = Field(default=0, alias="diskSizeInMB")
    disk_type: str = Field(default="", description="system or data disk (documented; the words are not known)")


class Added(FromWire):
    """A protectable item: a machine that was added, or one of a vCenter."""

    id: str
    friendly_name: str = ""
    ip: str = ""
    agent_installed: bool = False
    os_type: str = ""
    powered_on: str = Field(default="", description="On or Off; a machine that was added always says Off (recorded)")
    discovery_type: str = Field(default="", description="vCenter or physical (documented, in any case)")
    disks: tuple[AddedDisk, ...] = ()


class Adding(Model):
    """A machine to add."""

    name: str
    ip: str
    windows: bool = Field(description="else it is Linux")


def find(vault: VaultRef, name: str) -> RegisteredAppliance | None:
    """Give the configuration server of that name (in any case) with its three parts, or None before it registered."""
    client = clients.site_recovery(vault.subscription)
    with asking(f"listing the fabrics of {vault.name}"):
        fabrics = [_Fabric.of(each) for each in client.replication_fabrics.list(*vault.place)]
    ours = [each for each in fabrics if each.custom_details.instance_type == "VMware"]
    return next((_server(each) for each in ours if name.lower() in _names(each)), None)


def _names(fabric: _Fabric) -> set[str]:
    return {fabric.friendly_name.lower(), fabric.custom_details.host_name.lower()} - {""}


def _server(fabric: _Fabric) -> RegisteredAppliance:
    """Give a fabric's server; a part that has not appeared is one without health and heart-beat."""
    details = fabric.custom_details
    processes = [each.part("processServer") for each in details.process_servers]
    targets = [each.part("masterTargetServer") for each in details.master_target_servers]
    return RegisteredAppliance(
        id=fabric.id,
        name=fabric.friendly_name or details.host_name,
        fabric_arm_id=fabric.id,
        components=(
            _own_part(fabric),
            *(processes or [Component(kind="processServer")]),
            *(targets or [Component(kind="masterTargetServer")]),
        ),
        accounts=tuple(ServerAccount(id=each.account_id, name=each.account_name) for each in details.run_as_accounts),
    )


def _own_part(fabric: _Fabric) -> Component:
    details = fabric.custom_details
    return Component(
        kind="configurationServer",
        id=fabric.id,
        name=details.host_name or fabric.friendly_name,
        version=details.agent_version,
        ip_addresses=(details.ip_address,) if details.ip_address else (),
        health="Normal" if details.cs_service_status.lower() == "running" else "Critical",
        health_errors=fabric.health_error_details,
        last_heartbeat_utc=details.last_heartbeat,
    )


def list_machines(vault: VaultRef, at: ContainerRef) -> tuple[Added, ...]:
    """Give the machines that were added; an empty last page is no surprise (recorded)."""
    items = clients.site_recovery(vault.subscription).replication_protectable_items
    with asking(f"listing the machines of {at.container}"):
        pages = items.list_by_replication_protection_containers(*vault.place, at.fabric, at.container)
        return tuple(_added(each.as_dict()) for each in pages)


def _added(raw: Json) -> Added:
    properties = raw.get("properties") or {}
    details = properties.get("customDetails") or {}
    installed = str(details.get("agentInstalled") or "").lower() == "installed"
    disks = details.get("diskDetails") or ()
    summary = {"id": raw.get("id"), "ip": details.get("ipAddress"), "agentInstalled": installed, "disks": disks}
    more = {name: details.get(name) for name in ("osType", "poweredOn", "discoveryType")}
    return Added.model_validate({**properties, **more, **summary})


def get_machine(vault: VaultRef, item_id: str) -> Added | None:
    """Give one machine by the id of its protectable item, or None when it does not show any more."""
    items = clients.site_recovery(vault.subscription).replication_protectable_items
    place = (*vault.place, *protectable_path(item_id))
    return found(f"reading machine {place[-1]}", lambda: _added(items.get(*place).as_dict()))


def add_machine(vault: VaultRef, at: ContainerRef, adding: Adding, request: str) -> str:
    """Add a machine by its private address; give the job. It Succeeds with its task still InProgress (recorded)."""
    properties = {
        "friendlyName": adding.name,
        "ipAddress": adding.ip,
        "osType": "Windows" if adding.windows else "Linux",
    }
    send = clients.site_recovery(vault.subscription).replication_protection_containers.begin_discover_protectable_item
    body = {"properties": properties}
    return submit(f"adding {adding.name}", request, send, *vault.place, at.fabric, at.container, body).job
