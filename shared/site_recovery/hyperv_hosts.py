"""Hyper-V hosts as what replicates a plan's machines: they need no server, and no agent in any machine."""

from typing import ClassVar

from shared.site_recovery import hyperv
from shared.site_recovery.configuration_server import Adding
from shared.site_recovery.fabrics import Component, Fabric, RegisteredAppliance
from shared.site_recovery.hyperv import HyperVMachine
from shared.site_recovery.mappings import ContainerRef
from shared.site_recovery.provider import ReplicationSource, Sought
from shared.site_recovery.remembered import Remembered
from shared.site_recovery.vault import VaultRef, vault_of
from shared.site_recovery.wire import segment

_MACHINES = Remembered[HyperVMachine]()


class HyperVHosts:
    """The hosts of a site, or the VMM server over them; their parts are the providers that registered."""

    keeps_accounts: ClassVar[bool] = False

    def find(self, vault: VaultRef, name: str) -> RegisteredAppliance | None:
        """Look for the site, or else the VMM server, of that name; None before the first provider registered."""
        fabric = hyperv.find_fabric(vault, name)
        hosts = hyperv.list_hosts(vault, fabric.name) if fabric else ()
        return _server(fabric, hosts) if fabric and hosts else None

    def find_machine(self, vault: VaultRef, at: ContainerRef, sought: Sought) -> None:  # noqa: ARG002 - the seam's
        """Give nothing: hosts know their machines by name and id, not by address."""
        return

    def add_machine(self, vault: VaultRef, at: ContainerRef, adding: Adding, request: str) -> str:  # noqa: ARG002 - the seam's
        """Do nothing: hosts show their machines by themselves."""
        return ""

    def source(self, server: RegisteredAppliance, machine_id: str, account: str) -> ReplicationSource | None:  # noqa: ARG002 - the seam's
        """Name the machine as its host shows it."""
        return source_of(machine_id)


def source_of(machine_id: str) -> ReplicationSource | None:
    """Name a machine as its host shows it; one listing serves all machines of its site or cloud."""
    found = _MACHINES.get(machine_id.lower())
    if found is None:
        listed = hyperv.list_machines(vault_of(machine_id), container_of_item(machine_id))
        _MACHINES.keep({each.id.lower(): each for each in listed})
        found = next((each for each in listed if each.id.lower() == machine_id.lower()), None)
    return _source(found) if found else None


def container_of_item(item_id: str) -> ContainerRef:
    """Read the container from the id of anything that lies in it."""
    return ContainerRef(
        fabric=segment(item_id, "replicationFabrics"), container=segment(item_id, "replicationProtectionContainers")
    )


def _server(fabric: Fabric, hosts: tuple[Component, ...]) -> RegisteredAppliance:
    return RegisteredAppliance(
        id=fabric.id, name=fabric.friendly_name or fabric.name, fabric_arm_id=fabric.id, components=tuple(hosts)
    )


def _source(machine: HyperVMachine) -> ReplicationSource:
    disk = machine.system_disk
    return ReplicationSource(
        machine_id=machine.id,
        vm_id=machine.source_item_id,
        name=machine.friendly_name,
        os_type=machine.os_details.os_type,
        os_disk_id=disk.vhd_id if disk else "",
    )
