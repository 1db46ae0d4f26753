"""The server through which a provider replicates: how it is found, and how it gets to know the machines."""

from collections.abc import Sequence
from typing import ClassVar, Protocol

from pydantic import Field

from shared.models import Model
from shared.problems import Refused
from shared.site_recovery import configuration_server, discovery, fabrics
from shared.site_recovery.configuration_server import Added, Adding
from shared.site_recovery.discovery import DiscoveredMachine
from shared.site_recovery.fabrics import RegisteredAppliance
from shared.site_recovery.mappings import ContainerRef
from shared.site_recovery.provider import ReplicationSource, Sought
from shared.site_recovery.remembered import Remembered
from shared.site_recovery.vault import VaultRef
from shared.site_recovery.wire import same_id

WITH_AGENTS, WITHOUT_AGENTS = 200, 300  # machines that an appliance replicates (documented for 16 vCPU, 32 GB)


class KnownDisk(Model):
    """A disk as the server knows it; replication names it by its id."""

    id: str
    name: str = ""


class KnownMachine(Model):
    """A machine as its server knows it."""

    id: str = Field(description="what replication is enabled with")
    agent: bool | None = Field(description="its agent is installed and registered; None = the server cannot tell")
    disks: tuple[KnownDisk, ...] = ()


_SITES = Remembered[str]()
_ACCOUNTS = Remembered[str]()
_MACHINES = Remembered[KnownMachine]()
_LISTED = Remembered[bool]()  # whose machines were listed in a minute
_ADDED = Remembered[tuple[Added, ...]]()


class ServerSide(Protocol):
    """One of these per provider that replicates through a server."""

    keeps_accounts: ClassVar[bool]  # its accounts come with it: a person may add one at any time

    def find(self, vault: VaultRef, name: str) -> RegisteredAppliance | None:
        """Give the server of that name with its parts, or None while it is not registered."""

    def find_machine(self, vault: VaultRef, at: ContainerRef, sought: Sought) -> KnownMachine | None:
        """Give the machine with this private address, or with the id that its source side knows it by.

        None while the server does not know it. One listing serves all who ask in the same minute.
        """

    def add_machine(self, vault: VaultRef, at: ContainerRef, adding: Adding, request: str) -> str:
        """Make a machine known; give the job, empty where machines make themselves known."""

    def source(self, server: RegisteredAppliance, machine_id: str, account: str) -> ReplicationSource | None:
        """Give what enabling says of the source, or None while a part of the server is missing."""


class ReplicationAppliance:
    """The replication appliance: machines register with it by their agents, or it discovers them in a vCenter.

    It pushes the agent with an account of the machine's site; onto EC2 it does not (documented).
    """

    keeps_accounts: ClassVar[bool] = False

    def find(self, vault: VaultRef, name: str) -> RegisteredAppliance | None:
        """Look among the vault's appliances."""
        return fabrics.find_appliance(vault, name)

    def find_machine(self, vault: VaultRef, at: ContainerRef, sought: Sought) -> KnownMachine | None:
        """Look among the machines of its site; a server that shows there has its agent, of a VM nobody can tell."""
        if "/machines/" in sought.source_id.lower():
            found = discovery.get_machine(sought.source_id)
            return _known(found) if found is not None and not found.is_deleted else None
        site = site_of(vault, at.fabric)
        return _discovered(site, sought.ip, sought.minute) if site else None

    def add_machine(self, vault: VaultRef, at: ContainerRef, adding: Adding, request: str) -> str:  # noqa: ARG002 - the seam's
        """Do nothing: a machine shows by itself once its agent has registered."""
        return ""

    def source(self, server: RegisteredAppliance, machine_id: str, account: str) -> ReplicationSource | None:
        """Name the machine, the process server and the account of the machine's site. Raises `Refused` for no such."""
        process = server.process_server
        if process is None:
            return None
        run_as = _account(server.name, machine_id, account) if account else ""
        return ReplicationSource(machine_id=machine_id, process_server_id=process.id, run_as_account_id=run_as)


def _account(server: str, machine_id: str, name: str) -> str:
    """Give the id of an account by its name."""
    site = machine_id.partition("/machines/")[0]
    found = _ACCOUNTS.of(f"{site}/{name}".lower(), lambda: _find_account(site, name.lower()))
    if found is None:
        raise Refused(
            f"the appliance {server} keeps no account {name} for these machines",
            id="account-missing",
            title="The server keeps no such account",
            advice="Add it in the appliance's configuration manager under that name, wait until it shows, retry.",
        )
    return found


def _find_account(site: str, name: str) -> str | None:
    accounts = discovery.list_run_as_accounts(site)
    return next((each.id for each in accounts if name in (each.display_name.lower(), each.name.lower())), None)


def site_of(vault: VaultRef, fabric: str) -> str | None:
    """Give the ARM id of the site in which the machines of a fabric show, None while it has none."""
    return _SITES.of(f"{vault.id}/{fabric}".lower(), lambda: _site(vault, fabric))


def _site(vault: VaultRef, name: str) -> str | None:
    fabric = fabrics.get_fabric(vault, name)
    return fabric.custom_details.physical_site_id or fabric.custom_details.vmware_site_id or None if fabric else None


def _discovered(site: str, ip: str, minute: str) -> KnownMachine | None:
    """Give a machine of a site; one listing serves all that it shows, and in one minute all that it does not show yet."""
    key, listing = f"{site}/{ip}", f"{site}@{minute}"
    known = _MACHINES.get(key)
    if known is None and not (minute and _LISTED.get(listing)):
        listed = [each for each in discovery.list_machines(site) if not each.is_deleted]
        found = {f"{site}/{own}": _known(each) for each in reversed(listed) for own in each.ips}
        _MACHINES.keep(found)
        _LISTED.keep({listing: True})
        known = found.get(key)
    return known


def _known(found: DiscoveredMachine) -> KnownMachine:
    """Give a discovered machine; vCenter shows machines whether they have the agent or not."""
    disks = tuple(KnownDisk(id=each.uuid, name=each.name or each.label) for each in found.disks)
    return KnownMachine(id=found.id, agent=None if "/vmwaresites/" in found.id.lower() else True, disks=disks)


class ConfigurationServer:
    """The configuration server: machines are added to it by their address, or read from a vCenter; it pushes agents."""

    keeps_accounts: ClassVar[bool] = True

    def find(self, vault: VaultRef, name: str) -> RegisteredAppliance | None:
        """Look among the vault's fabrics."""
        return configuration_server.find(vault, name)

    def find_machine(self, vault: VaultRef, at: ContainerRef, sought: Sought) -> KnownMachine | None:
        """Look among the machines that were added, and those of its vCenter servers."""

        def added() -> tuple[Added, ...]:
            return configuration_server.list_machines(vault, at)

        listed = (
            _ADDED.of(f"{vault.id}/{at.fabric}/{at.container}@{sought.minute}", added) if sought.minute else added()
        )
        found = _meant(listed or (), sought)
        if found is None:
            return None
        disks = tuple(KnownDisk(id=each.disk_id, name=each.disk_name) for each in found.disks)
        return KnownMachine(id=found.id, agent=found.agent_installed, disks=disks)

    def add_machine(self, vault: VaultRef, at: ContainerRef, adding: Adding, request: str) -> str:
        """Add it by its private address."""
        return configuration_server.add_machine(vault, at, adding, request)

    def source(self, server: RegisteredAppliance, machine_id: str, account: str) -> ReplicationSource | None:
        """Name the machine, process server, master target and account. Raises `Refused` for an account it has not."""
        process, target = server.process_server, server.master_target
        if process is None or target is None:
            return None
        run_as = kept_account(server, account) if account else ""
        return ReplicationSource(
            machine_id=machine_id, process_server_id=process.id, master_target_id=target.id, run_as_account_id=run_as
        )


def _meant(listed: Sequence[Added], sought: Sought) -> Added | None:
    """Give the machine of a vCenter by its id, one that was added by its address."""
    own = (each for each in listed if sought.source_id and same_id(each.id, sought.source_id))
    return next(own, None) or next((each for each in listed if sought.ip and each.ip == sought.ip), None)


def kept_account(server: RegisteredAppliance, name: str) -> str:
    """Give the id of an account that a configuration server keeps. Raises `Refused` for one that it does not."""
    found = next((each.id for each in server.accounts if each.name.lower() == name.lower()), None)
    if found is None:
        raise Refused(
            f"the configuration server {server.name} keeps no account {name}",
            id="account-missing",
            title="The server keeps no such account",
            advice="Add it in the configuration server's own tool (cspsconfigtool), wait a quarter of an hour, retry.",
        )
    return found
