"""What two regions replicate by: their containers mapped there and back, and the networks of the machines."""

from collections.abc import Iterator
from functools import partial

from shared.ledger import machines, plans
from shared.models import Scope
from shared.plan.model import Plan
from shared.plan.protection_plan import ONWARD
from shared.roads.road import Missing
from shared.roads.target_names import network_id
from shared.site_recovery import regions
from shared.site_recovery.a2a import AzureToAzure
from shared.site_recovery.mappings import ContainerRef, list_mappings
from shared.site_recovery.policies import ReplicationPolicy
from shared.site_recovery.vault import VaultRef, vault_of_plan
from shared.site_recovery.wire import same_id

Ends = tuple[ContainerRef, ContainerRef]  # of the region that machines come from, and of the one that they go to


def missing_mappings(plan: Plan, policy: ReplicationPolicy, ends: Ends) -> Iterator[Missing]:
    """Return the mappings of both containers that are not there: the way back is asked for with the way there."""
    vault, (here, remote) = vault_of_plan(plan), ends
    yield from _missing_mapping(vault, policy, (here, remote), "mapping")
    yield from _missing_mapping(vault, policy, (remote, here), "mapping-back")


def missing_networks(scope: Scope, plan: Plan, ends: Ends) -> Iterator[Missing]:
    """Return the networks of the machines that are not mapped to the plan's network."""
    vault, (here, remote) = vault_of_plan(plan), ends
    wanted = network_id(plan, test=False)
    mapped = regions.mapped_networks(vault, here.fabric)
    for network in _networks(scope):
        if not any(same_id(each.primary_network_id, network) for each in mapped):
            text = f"the network {network.rpartition('/')[2]} is being mapped to {plan.target.network.vnet}"
            send = partial(regions.map_network, vault, here.fabric, remote.fabric, network, wanted)
            yield Missing(f"network-{network.rpartition('/')[2]}", text, send)


def _missing_mapping(vault: VaultRef, policy: ReplicationPolicy, ends: Ends, what: str) -> Iterator[Missing]:
    """Return the mapping of one container to the other by this policy, where it is not there."""
    near, other = ends
    existing = list_mappings(vault, near)
    target = other.id(vault)
    if any(
        same_id(each.policy_id, policy.id) and same_id(each.target_protection_container_id, target) for each in existing
    ):
        return
    text = f"{near.container} is being mapped to {other.container} with policy {policy.name}"
    yield Missing(what, text, partial(regions.pair_containers, vault, near, other, AzureToAzure(), policy.id))


def _networks(scope: Scope) -> list[str]:
    """Give the networks that the road's machines are in, in a fixed order; on the road onward that of the migrated ones."""
    if scope.phase == ONWARD:
        return [network_id(plans.plan_at(scope.replace(phase="")), test=False)]
    waves = plans.section_at(scope).waves
    rows = [row for row in machines.list(scope.migration) if row.wave in waves]
    facts = [row.source for row in rows]
    found = {nic.vpc_id.lower(): nic.vpc_id for each in facts for nic in each.nics or () if nic.vpc_id}
    return [found[key] for key in sorted(found)]
