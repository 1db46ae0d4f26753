"""Azure Migrate's appliance as what replicates a plan's machines: it needs no agent in any machine.

Its fabric is of type VMwareV2 and lists no parts (recorded); how the appliance stands shows in the recovery services
provider that it registered with that fabric.
"""

from typing import ClassVar

from shared.problems import Refused
from shared.site_recovery import discovery, hyperv
from shared.site_recovery.configuration_server import Adding
from shared.site_recovery.discovery import RunAsAccount
from shared.site_recovery.fabrics import Component, Fabric, FabricDetails, RegisteredAppliance, list_fabrics
from shared.site_recovery.mappings import ContainerRef
from shared.site_recovery.provider import ReplicationSource, Sought, SourceDisk
from shared.site_recovery.remembered import Remembered
from shared.site_recovery.vault import VaultRef
from shared.site_recovery.wire import segment

FABRIC = "VMwareV2"
VCENTER = "vmwarefabric"  # the kind of account that reads a vCenter and takes snapshots (as Az.Migrate chooses it)

_ACCOUNTS = Remembered[tuple[RunAsAccount, ...]]()


def find(vault: VaultRef, name: str) -> RegisteredAppliance | None:
    """Give the appliance of that name (in any case) with its providers as its parts; None before the first registered."""
    found = _fabric_of(vault, name)
    if found is None:
        return None
    fabric, parts = found
    return RegisteredAppliance(id=fabric.id, name=name, fabric_arm_id=fabric.id, components=parts)


def details_of(vault: VaultRef, name: str) -> FabricDetails | None:
    """Give the details of the fabric that an appliance serves, which name its site; None before it registered."""
    found = _fabric_of(vault, name)
    return found[0].custom_details if found else None


def _fabric_of(vault: VaultRef, name: str) -> tuple[Fabric, tuple[Component, ...]] | None:
    for fabric in list_fabrics(vault):
        parts = _parts(vault, fabric) if fabric.kind == FABRIC else ()
        if parts and name.lower() in _names(fabric, parts):
            return fabric, parts
    return None


def _parts(vault: VaultRef, fabric: Fabric) -> tuple[Component, ...]:
    return tuple(part.replace(kind="dra") for part in hyperv.list_hosts(vault, fabric.name))


def _names(fabric: Fabric, parts: tuple[Component, ...]) -> set[str]:
    """Give the names that people may know it by: the provider bears the appliance's, its site may be told instead."""
    site = segment(fabric.custom_details.vmware_site_id, "VMwareSites")
    return {each.lower() for each in (fabric.name, fabric.friendly_name, site, *(part.name for part in parts)) if each}


class AgentlessAppliance:
    """Azure Migrate's appliance: it discovers the machines of a vCenter and copies them from their snapshots."""

    keeps_accounts: ClassVar[bool] = False

    def find(self, vault: VaultRef, name: str) -> RegisteredAppliance | None:
        """Look among the vault's fabrics."""
        return find(vault, name)

    def find_machine(self, vault: VaultRef, at: ContainerRef, sought: Sought) -> None:  # noqa: ARG002 - the seam's
        """Give nothing: nothing has to come onto its machines, so that nobody asks."""
        return

    def add_machine(self, vault: VaultRef, at: ContainerRef, adding: Adding, request: str) -> str:  # noqa: ARG002 - the seam's
        """Do nothing: a vCenter's machines show by themselves."""
        return ""

    def source(self, server: RegisteredAppliance, machine_id: str, account: str) -> ReplicationSource | None:
        """Name the machine, all its disks and the account that takes its snapshots.

        Raises `Refused` where the appliance keeps no such account.
        """
        found = discovery.get_machine(machine_id)
        if found is None or not found.disks:
            return None
        chosen = _account(server, machine_id.partition("/machines/")[0], account)
        return ReplicationSource(
            machine_id=found.id,
            run_as_account_id=chosen,
            disks=tuple(SourceDisk(id=disk.uuid) for disk in found.disks),
            os_disk_id=found.boot_disk.uuid if found.boot_disk else "",
        )


def _account(server: RegisteredAppliance, site: str, name: str) -> str:
    """Give the id of the account of that name; without a name, of the first that reads a vCenter."""
    kept = _ACCOUNTS.of(site.lower(), lambda: discovery.list_run_as_accounts(site) or None) or ()
    usable = [each for each in kept if each.credential_type.lower() == VCENTER]
    named = [each for each in usable if name.lower() in (each.name.lower(), each.display_name.lower())]
    found = next(iter(named if name else usable), None)
    if found is None:
        raise Refused(
            f"the appliance {server.name} keeps no account {name or 'that reads its vCenter'}",
            id="vcenter-account-missing",
            title="The account for snapshots is missing",
            advice="Add the vCenter server with its account in the appliance's configuration manager, then retry.",
        )
    return found.id
