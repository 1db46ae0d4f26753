"""Ways through a server that registers with the vault: how it is found, and the one mapping of its container to Azure."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

from shared import ids
from shared.ledger.machine_context import MachineContext
from shared.models import Scope
from shared.plan.model import Plan
from shared.problems import Busy
from shared.roads.road import Missing, Road
from shared.site_recovery import containers
from shared.site_recovery.fabrics import RegisteredAppliance
from shared.site_recovery.mappings import AZURE, ContainerRef, Mapping, list_mappings, pair
from shared.site_recovery.policies import ReplicationPolicy
from shared.site_recovery.provider import ReplicationSource, Sought
from shared.site_recovery.servers import KnownDisk, ServerSide
from shared.site_recovery.vault import vault_of_plan
from shared.site_recovery.wire import Json


class ServerRoad(Road):
    """Machines replicate through a server that a person, or the app, sets up near them."""

    server: ClassVar[ServerSide]

    def find_server(self, plan: Plan) -> RegisteredAppliance | None:
        """Look for it in the vault."""
        return self.server.find(vault_of_plan(plan), plan.server)

    def server_parts(self, plan: Plan) -> RegisteredAppliance:
        """Return the server for the ids of its parts. Raise `Busy` while it does not show."""
        return containers.source_server(vault_of_plan(plan), self.server, plan.server)

    def container(self, plan: Plan) -> ContainerRef:
        """Return the server's only container."""
        return containers.container_of(vault_of_plan(plan), self.server, plan.server)

    def missing_pairings(self, scope: Scope, plan: Plan, policy: ReplicationPolicy) -> Iterator[Missing]:
        """Return the mapping to Azure, where it is not there."""
        vault, where = vault_of_plan(plan), self.container(plan)
        existing = list_mappings(vault, where)
        if any(each.policy_id.lower() == policy.id.lower() for each in existing):
            return
        properties = {
            "targetProtectionContainerId": AZURE,
            "policyId": policy.id,
            "providerSpecificInput": self.mapping_input(plan, existing),
        }
        name = ids.mapping_name(policy.name, where.container)
        text = f"the container is being mapped to Azure with policy {policy.name}"
        yield Missing("mapping", text, partial(pair, vault, where, name, properties))

    def mapping_input(self, plan: Plan, existing: Sequence[Mapping]) -> Json:
        """Return what the provider says of a new mapping, beside those that exist."""
        return self.provider.mapping()

    def disks(self, machine: MachineContext) -> Sequence[KnownDisk]:
        """Ask the server, which knows the machine by its address or its id."""
        sought = Sought(ip=machine.row.private_ip, source_id=machine.row.source_id)
        found = self.server.find_machine(machine.vault, self.container(machine.plan), sought)
        if found is None or not found.disks:
            raise Busy(f"the disks of {machine.row.name} do not show yet")
        return found.disks


class AgentRoad(ServerRoad):
    """The Mobility service on each machine sends its data to the server."""

    brings_mobility_service: ClassVar[bool] = True

    def source_input(self, machine: MachineContext) -> ReplicationSource | None:
        """Name the machine as its server has discovered it, and the account where the agent is pushed."""
        discovered = machine.row.evidence.discovered_machine
        if not discovered:
            return None
        account = self.push_account(machine.plan, windows=machine.row.source.os_family == "windows")
        return self.server.source(self.server_parts(machine.plan), discovered, account)

    def push_account(self, plan: Plan, *, windows: bool = False) -> str:
        """Return the name of the account to push with; empty where nothing is pushed."""
        server = plan.replication.appliance
        own = server.windows_run_as_account if windows else ""
        return (own or server.run_as_account) if self.pushes_agent(plan) else ""
