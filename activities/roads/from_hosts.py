"""From Hyper-V hosts: their site, the containers and networks that are mapped to Azure, and what enabling says."""

from collections.abc import Iterator
from functools import partial

from activities.flow.idempotent_setup import Missing
from activities.flow.machine_context import MachineContext
from shared import ids
from shared.azure.network import vnet_id
from shared.plan.hyperv import HyperVSource, VmmServer
from shared.plan.model import Plan
from shared.problems import Busy, Refused
from shared.site_recovery import hyperv, hyperv_hosts, vmm
from shared.site_recovery.fabrics import Component, RegisteredAppliance
from shared.site_recovery.hyperv_replica_azure import HyperVReplicaAzure
from shared.site_recovery.mappings import ContainerRef, create_mapping, list_mappings
from shared.site_recovery.policies import ReplicationPolicy
from shared.site_recovery.provider import ReplicationSource
from shared.site_recovery.vault import VaultRef, vault_of_plan
from shared.site_recovery.wire import same_id
from shared.sources.hyperv.source_adapter import places_of

PROVIDER = HyperVReplicaAzure()


def applies_to(plan: Plan) -> bool:
    """Tell whether a plan's machines are replicated by their Hyper-V hosts."""
    return plan.provider == PROVIDER.name


def hosts_of(plan: Plan) -> HyperVSource:
    """Give what the plan says of its hosts. Raises `Refused` when it says nothing."""
    if plan.source.hyperv is None:
        raise Refused("the plan names no Hyper-V source", id="no-source")
    return plan.source.hyperv


def missing_sites(plan: Plan) -> Iterator[Missing]:
    """Give the site of hosts without VMM, where it is not there; a VMM server brings its fabric itself."""
    vault, site = vault_of_plan(plan), hosts_of(plan).site
    if site and hyperv.find_fabric(vault, site) is None:
        yield Missing("site", f"the Hyper-V site {site} is being made", partial(hyperv.create_site, vault, site))


def with_awaited(found: RegisteredAppliance, plan: Plan) -> RegisteredAppliance:
    """Give what registered together with the hosts that the plan names and that have not shown yet."""
    shown = {part.name.lower() for part in found.components}
    awaited = (host for host in hosts_of(plan).hosts if host.lower() not in shown)
    missing = tuple(Component(kind=hyperv.HOST, name=host) for host in awaited)
    return found.replace(components=found.components + missing)


def containers(plan: Plan) -> tuple[ContainerRef, ...]:
    """Give the site's container, or those of the plan's clouds. Raises `Busy` while none shows, `Refused` for one missing."""
    source, found = hosts_of(plan), places_of(plan)
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


def missing_pairings(plan: Plan, policy: ReplicationPolicy) -> Iterator[Missing]:
    """Give what is not mapped to Azure yet: containers, and of VMM the networks and storage classifications."""
    vault = vault_of_plan(plan)
    for at in containers(plan):
        if not any(same_id(each.policy_id, policy.id) for each in list_mappings(vault, at)):
            said = f"the container {at.container} is being mapped to Azure with policy {policy.name}"
            yield Missing(f"mapping-{ids.short_hash(at.container, 8)}", said, partial(_map, vault, at, policy))
    server = hosts_of(plan).vmm
    if server is not None:
        fabric = containers(plan)[0].fabric
        yield from _missing_networks(plan, server, fabric)
        yield from _missing_storage(plan, server, fabric)


def _map(vault: VaultRef, at: ContainerRef, policy: ReplicationPolicy, request: str) -> str:
    name = ids.mapping_name(policy.name, at.container)
    return create_mapping(vault, at, name, provider=PROVIDER, policy_id=policy.id, request=request)


def _missing_networks(plan: Plan, server: VmmServer, fabric: str) -> Iterator[Missing]:
    """Give the VM networks that are not mapped; one that somebody mapped otherwise stays so."""
    vault, target = vault_of_plan(plan), plan.target
    if not server.networks:
        return
    mapped = vmm.list_network_mappings(vault)
    known = {each.friendly_name.lower(): each for each in vmm.list_networks(vault, fabric)}
    for name, network in server.networks.items():
        own = _known(server, known, name, "network")
        if not any(same_id(each.primary_network_id, own.id) for each in mapped):
            group = target.network.resource_group or target.resource_group
            ask = partial(vmm.map_network, vault, fabric, own, vnet_id(target.subscription_id, group, network))
            yield Missing(f"network-{own.name}", f"the VM network {name} is being mapped to {network}", ask)


def _missing_storage(plan: Plan, server: VmmServer, fabric: str) -> Iterator[Missing]:
    """Give the storage classifications that are not mapped; one that somebody mapped otherwise stays so."""
    vault = vault_of_plan(plan)
    if not server.storage:
        return
    mapped = vmm.list_storage_mappings(vault)
    known = {each.friendly_name.lower(): each for each in vmm.list_storage(vault, fabric)}
    for name, target in server.storage.items():
        own = _known(server, known, name, "storage classification")
        if not any(each.id.lower().startswith(f"{own.id}/".lower()) for each in mapped):
            ask = partial(vmm.map_storage, vault, fabric, own, target)
            yield Missing(f"storage-{own.name}", f"the storage classification {name} is being mapped", ask)


def _known(server: VmmServer, known: dict[str, vmm.Named], name: str, kind: str) -> vmm.Named:
    if name.lower() not in known:
        raise Refused(
            f"{server.server} has no {kind} {name}; it has {', '.join(sorted(known)) or 'none'}",
            id="vmm-name-unknown",
            title="VMM does not know a name of the plan",
            advice="Correct the name in a new plan, or refresh the VMM server in the portal and retry.",
        )
    return known[name.lower()]


def container_of(machine: MachineContext) -> ContainerRef:
    """Give the container in which a machine's host shows it. Raises `Busy` while it does not."""
    if not machine.row.source_id:
        raise Busy(f"the host of {machine.row.name} does not show it yet")
    return hyperv_hosts.container_of_item(machine.row.source_id)


def source_asked(machine: MachineContext) -> ReplicationSource | None:
    """Give what enabling says of a machine as its host shows it; None while it does not."""
    return hyperv_hosts.source_of(machine.row.source_id) if machine.row.source_id else None
