"""From Hyper-V hosts, which copy their machines themselves: those of a site, or those of a VMM server's clouds.

Site Recovery's provider is HyperVReplicaAzure; it offers a planned failover, which loses nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from shared.ledger.machine_context import MachineContext
from shared.models import Scope
from shared.plan.hyperv import HyperVSource
from shared.plan.model import Plan
from shared.problems import Busy, Refused
from shared.roads import hyperv_texts
from shared.roads.hyperv_mappings import missing_mappings, missing_networks, missing_storage
from shared.roads.road import Missing
from shared.roads.server_road import ServerRoad
from shared.site_recovery import hyperv, hyperv_hosts
from shared.site_recovery.fabrics import Component, Fabric, RegisteredAppliance
from shared.site_recovery.hyperv_hosts import HyperVHosts
from shared.site_recovery.hyperv_replica_azure import HyperVReplicaAzure
from shared.site_recovery.mappings import ContainerRef
from shared.site_recovery.policies import ReplicationPolicy
from shared.site_recovery.provider import Provider, ReplicationSource, ReplicationTarget
from shared.site_recovery.servers import ServerSide
from shared.site_recovery.vault import vault_of_plan
from shared.sources.hyperv.source_adapter import places_of


@dataclass(frozen=True)
class HyperVRoad(ServerRoad):
    """The hosts register with the vault, each by itself or through VMM; nothing comes onto the machines."""

    provider: ClassVar[Provider] = HyperVReplicaAzure()
    server: ClassVar[ServerSide] = HyperVHosts()
    feature: ClassVar[str] = "hosts"
    server_makes_key: ClassVar[bool] = True
    pairs_several: ClassVar[bool] = True

    def rights(self, plan: Plan) -> Iterator[str]:
        """Map what VMM has, or make a site."""
        yield "vmm" if _hosts_of(plan).vmm else "hyperv site"

    def missing_sites(self, plan: Plan) -> Iterator[Missing]:
        """Return the site of hosts without VMM, where it is not there; a VMM server brings its fabric itself."""
        vault, site = vault_of_plan(plan), _hosts_of(plan).site
        if site and hyperv.find_fabric(vault, site) is None:
            yield Missing("site", f"the Hyper-V site {site} is being made", partial(hyperv.create_site, vault, site))

    def find_server(self, plan: Plan) -> RegisteredAppliance | None:
        """Return what registered, together with the hosts that the plan names and that have not shown yet."""
        found = super().find_server(plan)
        if found is None:
            return None
        shown = {part.name.lower() for part in found.components}
        awaited = (host for host in _hosts_of(plan).hosts if host.lower() not in shown)
        missing = tuple(Component(kind=hyperv.HOST, name=host) for host in awaited)
        return found.replace(components=found.components + missing)

    def key_site(self, plan: Plan) -> Fabric | None:
        """Return the hosts' site; a VMM server registers with the vault's own key."""
        site = _hosts_of(plan).site
        return hyperv.find_fabric(vault_of_plan(plan), site) if site else None

    def gate_texts(self, plan: Plan) -> dict[str, str]:
        """Tell how the hosts, or their VMM server, register."""
        return hyperv_texts.texts(_hosts_of(plan))

    def container(self, plan: Plan) -> ContainerRef:
        """Return the site's container, or the first of the plan's clouds."""
        return _containers(plan)[0]

    def container_of(self, machine: MachineContext) -> ContainerRef:
        """Return the container in which the machine's host shows it."""
        if not machine.row.source_id:
            raise Busy(f"the host of {machine.row.name} does not show it yet")
        return hyperv_hosts.container_of_item(machine.row.source_id)

    def missing_pairings(self, scope: Scope, plan: Plan, policy: ReplicationPolicy) -> Iterator[Missing]:
        """Return what is not mapped to Azure yet: containers, and of VMM the networks and storage classifications."""
        at, server = _containers(plan), _hosts_of(plan).vmm
        yield from missing_mappings(plan, policy, at)
        if server is not None:
            yield from missing_networks(plan, server, at[0].fabric)
            yield from missing_storage(plan, server, at[0].fabric)

    def source_input(self, machine: MachineContext) -> ReplicationSource | None:
        """Name the machine as its host shows it."""
        return hyperv_hosts.source_of(machine.row.source_id) if machine.row.source_id else None

    def maps_networks(self, plan: Plan) -> bool:
        """Whether the plan maps networks of VMM."""
        server = _hosts_of(plan).vmm
        return server is not None and bool(server.networks)

    def with_overrides(self, machine: MachineContext, target: ReplicationTarget) -> ReplicationTarget:
        """Name no network where VMM's mapping says it."""
        return target.replace(network_id="") if self.maps_networks(machine.plan) else target


def _hosts_of(plan: Plan) -> HyperVSource:
    """Return what the plan says of its hosts. Raise `Refused` when it says nothing."""
    if plan.source.hyperv is None:
        raise Refused("the plan names no Hyper-V source", id="no-source", title="The plan names no such source")
    return plan.source.hyperv


def _containers(plan: Plan) -> tuple[ContainerRef, ...]:
    """Return the site's container, or those of the plan's clouds. Raise `Busy` while none shows, `Refused` for one missing."""
    source, found = _hosts_of(plan), places_of(plan)
    if not found:
        raise Busy(f"{source.server} shows no container yet")
    if source.clouds and len(found) < len({cloud.lower() for cloud in source.clouds}):
        raise Refused(
            f"{source.server} shows {len(found)} of the clouds {', '.join(source.clouds)}",
            id="cloud-missing",
            title="A cloud of VMM does not show",
            advice="Correct its name in a new plan; or see in VMM that the cloud is sent to the vault (its properties).",
        )
    return found
