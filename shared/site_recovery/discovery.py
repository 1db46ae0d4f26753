"""Machines that an appliance has discovered (`Microsoft.OffAzure` sites), and the accounts it may use on them.

| operation | role action |
| --- | --- |
| list_machines, get_machine | Microsoft.OffAzure/ServerSites/machines/read, …/VMwareSites/machines/read |
| list_run_as_accounts | Microsoft.OffAzure/ServerSites/runasaccounts/read, …/VMwareSites/runasaccounts/read |
"""

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from shared.azure.arm import find_json, list_json
from shared.site_recovery.wire import FromWire, Json, segment

API_VERSION = "2023-06-06"


class DiscoveredDisk(FromWire):
    """A disk; replication names it by its uuid."""

    uuid: str = ""
    name: str = ""
    label: str = ""
    lun: int | None = None
    max_size_in_bytes: int = 0
    is_os_disk: bool | None = Field(
        default=None, alias="isOSDisk", description="a vCenter's machines do not tell (recorded)"
    )


class DiscoveredNic(FromWire):
    """A network card."""

    nic_id: str = ""
    ip_address_list: tuple[str, ...] = ()

    @property
    def ips(self) -> tuple[str, ...]:
        """Its addresses, those of IPv4 first: a vCenter's machines may list them last (recorded)."""
        return tuple(sorted(self.ip_address_list, key=lambda ip: ":" in ip))


class DiscoveredOs(FromWire):
    """The system as the appliance sees it."""

    os_type: str = ""
    os_name: str = ""
    os_architecture: str = ""
    os_version: str = ""


class DiscoveredMachine(FromWire):
    """A machine; its id is what replication is enabled with."""

    id: str
    name: str
    display_name: str = ""
    host_name: str = Field(default="", description="its own; empty for a vCenter's, whose field names the ESXi host")
    fqdn: str = Field(default="", description="its name in DNS; a vCenter's machines tell it as vmFqdn (recorded)")
    bios_guid: str = ""
    instance_uuid: str = Field(default="", description="what vCenter calls a machine for life; VMware only")
    power_status: str = ""
    vmware_tools_status: str = Field(default="", alias="vMwareToolsStatus")
    firmware: str = ""
    number_of_processor_core: int = 0
    run_as_account_id: str = ""
    is_deleted: bool = False
    operating_system_details: DiscoveredOs = DiscoveredOs()
    guest_os_details: DiscoveredOs = Field(
        default=DiscoveredOs(), alias="guestOSDetails", description="VMware tools tell it"
    )
    network_adapters: tuple[DiscoveredNic, ...] = ()
    disks: tuple[DiscoveredDisk, ...] = ()

    @property
    def ips(self) -> tuple[str, ...]:
        """All its addresses, those of IPv4 first."""
        addresses = (ip for nic in self.network_adapters for ip in nic.ips)
        return tuple(sorted(addresses, key=lambda ip: ":" in ip))

    @property
    def boot_disk(self) -> DiscoveredDisk | None:
        """The disk that it boots from: the one that is told, else LUN 0 of the first controller (assumed)."""
        system_disks = (disk for disk in self.disks if disk.is_os_disk)
        first = (disk for disk in self.disks if disk.lun == 0)
        return next(system_disks, None) or next(first, None) or next(iter(self.disks), None)

    @property
    def system(self) -> DiscoveredOs:
        """The system that it runs; what VMware tools tell goes before what the host was told at its making."""
        return self.guest_os_details if self.guest_os_details.os_name else self.operating_system_details


class RunAsAccount(FromWire):
    """An account that the appliance keeps."""

    id: str
    name: str = ""
    display_name: str = ""
    credential_type: str = ""


def list_machines(site_id: str) -> tuple[DiscoveredMachine, ...]:
    """Give the machines of a site (a fabric's physical or VMware site id), page by page."""
    return tuple(_machine(raw) for raw in _pages(f"{site_id}/machines", "listing discovered machines"))


def get_machine(machine_id: str) -> DiscoveredMachine | None:
    """Give one machine by its ARM id, or None when its site does not show it (any more)."""
    subscription = segment(machine_id, "subscriptions")
    raw = find_json("reading a discovered machine", subscription, f"{machine_id}?api-version={API_VERSION}")
    return None if raw is None else _machine(raw)


def list_run_as_accounts(site_id: str) -> tuple[RunAsAccount, ...]:
    """Give the accounts of a site."""
    pages = _pages(f"{site_id}/runasaccounts", "listing run-as accounts")
    return tuple(RunAsAccount.model_validate(_flat(raw)) for raw in pages)


def _pages(path: str, what: str) -> Iterator[Json]:
    return list_json(what, segment(path, "subscriptions"), f"{path}?api-version={API_VERSION}")


def _flat(raw: Json) -> Json:
    return {**(raw.get("properties") or {}), "id": raw.get("id"), "name": raw.get("name")}


def _machine(raw: Json) -> DiscoveredMachine:
    flat: dict[str, Any] = _flat(raw)
    if "/vmwaresites/" in str(raw.get("id")).lower():  # recorded: hostName there is the ESXi host's
        flat = {**flat, "hostName": "", "fqdn": flat.get("vmFqdn")}
    disks = flat.get("disks")
    return DiscoveredMachine.model_validate(
        {
            **flat,
            "isDeleted": str(flat.get("isDeleted", "")).lower() == "true",
            # recorded: physical machines list disks as an object by uuid, VMware machines as an array
            "disks": [{"uuid": uuid, **disk} for uuid, disk in disks.items()] if isinstance(disks, dict) else disks,
        }
    )
