"""Virtual machines of a vCenter that a configuration server reads: protectable items, told as discovered machines are.

Such an item tells name, one address, family of the system, power and disks; its id is one of its own, not the uuid that
vCenter gave to the machine (documented by example), and nothing is told of firmware, cores or VMware Tools.
"""

from functools import partial

from shared.plan.model import Plan
from shared.site_recovery import configuration_server
from shared.site_recovery.configuration_server import Added, AddedDisk
from shared.site_recovery.containers import container_of
from shared.site_recovery.discovery import DiscoveredDisk, DiscoveredMachine, DiscoveredNic, DiscoveredOs
from shared.site_recovery.mappings import ContainerRef
from shared.site_recovery.remembered import Remembered
from shared.site_recovery.servers import ConfigurationServer
from shared.site_recovery.vault import VaultRef, get_vault, vault_of, vault_of_plan
from shared.site_recovery.vcenters import find_vcenter
from shared.sources.discovered import Shown
from shared.sources.vmware.source_adapter import VmwareSide

MIB = 1024**2
OF_A_VCENTER = "vcenter"

_PLACES = Remembered[ContainerRef]()


class BehindServerSide(VmwareSide):
    """Virtual machines that a configuration server shows."""

    def shown(self, plan: Plan) -> Shown | None:
        """Give where the machines show; None before the server is registered and has read the plan's vCenter."""
        vault, server = vault_of_plan(plan), plan.replication.appliance.name
        vcenter = plan.source.vmware.vcenter if plan.source.vmware else ""
        place = f"{vault.id}/{server}/{vcenter}".lower()
        at = _PLACES.of(place, lambda: _place(plan, vcenter))
        if at is None:
            return None
        return Shown(place, partial(_list_machines, vault, at), self.get_machine)

    def get_machine(self, source_id: str) -> DiscoveredMachine | None:
        """Give one machine by the id of its protectable item, or None when its server does not show it any more."""
        found = configuration_server.get_machine(vault_of(source_id), source_id)
        return machine_of(found) if found else None


def _place(plan: Plan, vcenter: str) -> ContainerRef | None:
    vault, name = vault_of_plan(plan), plan.replication.appliance.name
    server = configuration_server.find(vault, name) if get_vault(vault) else None
    known = find_vcenter(vault, server.fabric, vcenter) if server else None
    return container_of(vault, ConfigurationServer(), name) if known and known.discovered else None


def _list_machines(vault: VaultRef, at: ContainerRef) -> list[DiscoveredMachine]:
    """Give the machines of its vCenter servers: those that were added by their address are not among them."""
    listed = configuration_server.list_machines(vault, at)
    return [machine_of(each) for each in listed if each.discovery_type.lower() == OF_A_VCENTER]


def machine_of(added: Added) -> DiscoveredMachine:
    """Give a protectable item as an appliance would tell it."""
    marked = any(_is_system(disk) for disk in added.disks)
    return DiscoveredMachine(
        id=added.id,
        name=added.id.rpartition("/")[2],
        display_name=added.friendly_name,
        power_status=added.powered_on,
        operating_system_details=DiscoveredOs(os_type=added.os_type),
        network_adapters=(DiscoveredNic(ip_address_list=(added.ip,)),) if added.ip else (),
        disks=tuple(
            DiscoveredDisk(
                uuid=disk.disk_id,
                name=disk.disk_name,
                max_size_in_bytes=int(disk.disk_size_in_mb * MIB),
                isOSDisk=_is_system(disk) if marked else None,
            )
            for disk in added.disks
        ),
    )


def _is_system(disk: AddedDisk) -> bool:
    """Tell whether it is said to be the system's disk; in which words is not known (assumed: one of these)."""
    return disk.disk_type.lower().startswith(("system", "os", "operating"))
