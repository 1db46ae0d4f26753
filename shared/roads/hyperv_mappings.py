"""What Hyper-V hosts replicate by: containers mapped to Azure, and of VMM the networks and storage classifications."""

from collections.abc import Iterator, Sequence
from functools import partial

from shared import ids
from shared.azure.network import vnet_id
from shared.plan.hyperv import VmmServer
from shared.plan.model import Plan
from shared.problems import Refused
from shared.roads.road import Missing
from shared.site_recovery import vmm
from shared.site_recovery.hyperv_replica_azure import HyperVReplicaAzure
from shared.site_recovery.mappings import ContainerRef, create_mapping, list_mappings
from shared.site_recovery.policies import ReplicationPolicy
from shared.site_recovery.vault import VaultRef, vault_of_plan
from shared.site_recovery.wire import same_id


def missing_mappings(plan: Plan, policy: ReplicationPolicy, at: Sequence[ContainerRef]) -> Iterator[Missing]:
    """Return the containers that are not mapped to Azure yet."""
    vault = vault_of_plan(plan)
    for each in at:
        if not any(same_id(mapping.policy_id, policy.id) for mapping in list_mappings(vault, each)):
            text = f"the container {each.container} is being mapped to Azure with policy {policy.name}"
            yield Missing(f"mapping-{ids.short_hash(each.container, 8)}", text, partial(_map, vault, each, policy))


def _map(vault: VaultRef, at: ContainerRef, policy: ReplicationPolicy, request: str) -> str:
    name = ids.mapping_name(policy.name, at.container)
    return create_mapping(vault, at, name, provider=HyperVReplicaAzure(), policy_id=policy.id, request=request)


def missing_networks(plan: Plan, server: VmmServer, fabric: str) -> Iterator[Missing]:
    """Return the VM networks that are not mapped. Raise `Refused` for one that somebody mapped to another network.

    Machines come into the network that the mapping names: nothing else tells Site Recovery where they go.
    """
    vault, target = vault_of_plan(plan), plan.target
    if not server.networks:
        return
    mapped = vmm.list_network_mappings(vault)
    known = {each.friendly_name.lower(): each for each in vmm.list_networks(vault, fabric)}
    for name, network in server.networks.items():
        own = _known(server, known, name, "network")
        group = target.network.resource_group or target.resource_group
        wanted = vnet_id(target.subscription_id, group, network)
        goes_to = next((each.recovery_network_id for each in mapped if same_id(each.primary_network_id, own.id)), None)
        if goes_to is None:
            ask = partial(vmm.map_network, vault, fabric, own, wanted)
            yield Missing(f"network-{own.name}", f"the VM network {name} is being mapped to {network}", ask)
        elif not same_id(goes_to, wanted):
            raise _mapped_otherwise(name, network, goes_to)


def _mapped_otherwise(name: str, network: str, mapped: str) -> Refused:
    return Refused(
        f"the VM network {name} is mapped to {mapped}, the plan wants {network}",
        id="vmm-network-mapped-otherwise",
        title="A VM network is mapped to another network",
        advice="Change the mapping in the portal (Site Recovery infrastructure, Network mapping), or name its network in a new "
        "plan; then retry.",
    )


def missing_storage(plan: Plan, server: VmmServer, fabric: str) -> Iterator[Missing]:
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
