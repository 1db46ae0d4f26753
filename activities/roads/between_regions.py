"""From one Azure region to another: fabrics, containers, mappings, and what enabling says; nothing stands between."""

from collections.abc import Iterator
from functools import partial

from activities.facts.target_spec import network_id
from activities.facts.vm_size_catalog import offered_sizes
from activities.flow.idempotent_setup import Missing
from activities.flow.machine_context import MachineContext
from shared.concerns.facts import SourceFacts
from shared.concerns.fitting import fits, needs_of
from shared.concerns.nearest_size import nearest_size
from shared.ledger import events, machines, plans
from shared.models import Scope
from shared.plan.model import Plan
from shared.plan.protection_plan import ONWARD
from shared.problems import Refused
from shared.site_recovery import regions
from shared.site_recovery.a2a import AzureToAzure
from shared.site_recovery.mappings import ContainerRef, list_mappings
from shared.site_recovery.policies import ReplicationPolicy
from shared.site_recovery.provider import Card, ReplicatedNic, ReplicationSource, ReplicationTarget, SourceDisk
from shared.site_recovery.vault import VaultRef, vault_of_plan
from shared.site_recovery.wire import same_id
from shared.sources.azure.source_adapter import source_of


def applies_to(plan: Plan) -> bool:
    """Tell whether a plan's road leads from one Azure region to another."""
    return plan.provider == AzureToAzure.name


def source_container(plan: Plan) -> ContainerRef:
    """Give the container of the region that machines come from. Raises `Busy` while it does not show."""
    return regions.container_of(vault_of_plan(plan), source_of(plan).region)


def target_container(plan: Plan) -> ContainerRef:
    """Give the container of the region that machines go to. Raises `Busy` while it does not show."""
    return regions.container_of(vault_of_plan(plan), plan.target.region)


def missing_sites(plan: Plan) -> Iterator[Missing]:
    """Give the fabrics and containers of both regions that are not there."""
    vault = vault_of_plan(plan)
    for region in (source_of(plan).region, plan.target.region):
        fabric = regions.find_region(vault, region)
        if fabric is None:
            said = f"the fabric of {region} is being made"
            yield Missing(f"fabric-{region}", said, partial(regions.create_region, vault, region))
        elif regions.find_container(vault, region) is None:
            said = f"the container of {region} is being made"
            yield Missing(f"container-{region}", said, partial(regions.create_container, vault, fabric.name))


def missing_pairings(scope: Scope, plan: Plan, policy: ReplicationPolicy) -> Iterator[Missing]:
    """Give what is not paired yet: the containers there and back, and the networks of the machines."""
    vault, one, other = vault_of_plan(plan), source_container(plan), target_container(plan)
    yield from _missing_mapping(vault, plan, policy, (one, other))
    yield from _missing_mapping(vault, plan, policy, (other, one))
    wanted = network_id(plan, test=False)
    mapped = regions.mapped_networks(vault, one.fabric)
    for network in _networks(scope):
        if not any(same_id(each.primary_network_id, network) for each in mapped):
            said = f"the network {network.rpartition('/')[2]} is being mapped to {plan.target.network.vnet}"
            send = partial(regions.map_network, vault, one.fabric, other.fabric, network, wanted)
            yield Missing(f"network-{network.rpartition('/')[2]}", said, send)


def _missing_mapping(
    vault: VaultRef, plan: Plan, policy: ReplicationPolicy, ends: tuple[ContainerRef, ContainerRef]
) -> Iterator[Missing]:
    """Give the mapping of one container to the other by this policy, where it is not there."""
    one, other = ends
    there = list_mappings(vault, one)
    if any(
        same_id(each.policy_id, policy.id) and same_id(each.target_protection_container_id, other.id(vault))
        for each in there
    ):
        return
    said = f"{one.container} is being mapped to {other.container} with policy {policy.name}"
    send = partial(regions.pair_containers, vault, one, other, AzureToAzure(), policy.id)
    way = "mapping" if one == source_container(plan) else "mapping-back"
    yield Missing(way, said, send)


def _networks(scope: Scope) -> list[str]:
    """Give the networks that the road's machines are in, in a fixed order; on the road onward that of the migrated ones."""
    if scope.phase == ONWARD:
        return [network_id(plans.plan_at(scope.replace(phase="")), test=False)]
    waves = plans.section_at(scope).waves
    rows = [row for row in machines.list(scope.migration) if row.wave in waves]
    facts = [SourceFacts.model_validate(row.source) for row in rows]
    found = {nic.vpc_id.lower(): nic.vpc_id for each in facts for nic in each.nics or () if nic.vpc_id}
    return [found[key] for key in sorted(found)]


def size_of(machine: MachineContext) -> str:
    """Give the size of a VM for which the plan names none: its own where the target offers that, else the nearest.

    What was chosen before stays chosen as long as it is offered and fits.
    """
    target, facts = machine.plan.target, SourceFacts.model_validate(machine.row.source)
    offered = offered_sizes(target.subscription_id, target.region)
    kept, needs = kept_size(machine), needs_of(target, machine.entry.target, facts)
    if any(each.name == kept and fits(each, needs) for each in offered):
        return kept
    found = nearest_size(facts.size or "", needs, offered)
    return found.name if found else ""


def keep_size(scope: Scope, machine: MachineContext) -> None:
    """Say which size a VM gets for which the plan names none, and keep it: a retry takes the same."""
    if machine.entry.target.size or machine.plan.target.size:
        return
    chosen, now = size_of(machine), str(machine.row.source.get("size") or "of unknown size")
    if not chosen or kept_size(machine) == chosen:
        return
    region, same = machine.plan.target.region, chosen.lower() == now.lower()
    said = f"stays {chosen}" if same else f"becomes {chosen}, the nearest that {region} offers"
    events.write(scope, "size-chosen", f"{machine.row.name} is {now} and {said}")
    machines.change(scope, evidence={_size_key(machine): chosen})


def kept_size(machine: MachineContext) -> str:
    """Give the size that was chosen before, empty where none was."""
    return str(machine.row.evidence.get(_size_key(machine)) or "")


def _size_key(machine: MachineContext) -> str:
    """Give the key of the evidence that keeps the size chosen for a region."""
    return f"size in {machine.plan.target.region}"


def cards_wanted(target: ReplicationTarget, cards: tuple[Card, ...]) -> tuple[ReplicatedNic, ...]:
    """Give all cards as they are, the first in the plan's subnets, which only an update can tell apart for the rehearsal."""
    as_they_are = [
        ReplicatedNic.model_validate({name: getattr(card, name) for name in ReplicatedNic.model_fields})
        for card in cards
    ]
    first = [card.replace(subnet=target.subnet, test_subnet=target.test_subnet) for card in as_they_are[:1]]
    return (*first, *as_they_are[1:])


def source_asked(machine: MachineContext) -> ReplicationSource:
    """Give what enabling says of a VM: every managed disk that was seen at its assessment. Raises `Refused` without."""
    facts = SourceFacts.model_validate(machine.row.source)
    disks = tuple(SourceDisk(id=each.volume_id, type=each.type or "") for each in facts.disks or () if each.volume_id)
    if not disks:
        raise Refused(
            f"no managed disk of {machine.row.name} is known",
            id="no-managed-disk",
            title="Nothing to replicate",
            advice="Convert its disks to managed disks, then retry.",
        )
    return ReplicationSource(machine_id=machine.row.source_id, disks=disks)
