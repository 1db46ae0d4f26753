"""Reading the facts of the target: each by itself, so that one that cannot be read is unknown and the others are not."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from activities import between_regions
from activities.offered_sizes import read_sizes
from activities.reading_server import read_server
from activities.replication_server import find_server, through_server
from activities.targeting import cache_account_id
from shared.azure import compute, network, permissions, resources, sizes, storage
from shared.azure.arm_id import parse
from shared.concerns.facts import (
    ApplianceFacts,
    NetworkFacts,
    SourceFacts,
    StorageFacts,
    SubnetFacts,
    SupportedOs,
    TargetFacts,
    UsageFacts,
    VaultFacts,
    VmFacts,
)
from shared.plan.model import Plan
from shared.problems import CloudRefused
from shared.site_recovery.fabrics import Appliance
from shared.site_recovery.items import MIGRATING, kind_of, list_items
from shared.site_recovery.operating_systems import supported_operating_systems
from shared.site_recovery.servers import WITH_AGENTS, WITHOUT_AGENTS
from shared.site_recovery.vault import get_vault, vault_of_plan

T = TypeVar("T")


def unknown_if_refused(read: Callable[[], T]) -> T | None:
    """Give a fact, or None when the cloud refuses to tell it; what is only busy is asked again later (`Later`)."""
    try:
        return read()
    except CloudRefused:
        return None


def read_target_facts(plan: Plan) -> TargetFacts:
    """Give everything that the rules want to know of the target."""
    target = plan.target
    subscription, region = target.subscription_id, target.region
    vault = unknown_if_refused(lambda: _vault(plan))
    group = unknown_if_refused(lambda: (resources.get_group(subscription, target.resource_group),))
    return TargetFacts(
        region_known=unknown_if_refused(lambda: permissions.region_known(subscription, region)),
        missing_actions=unknown_if_refused(lambda: _missing_actions(plan)),
        sizes=unknown_if_refused(lambda: read_sizes(subscription, region)),
        usages=unknown_if_refused(lambda: tuple(_usage(one) for one in sizes.list_usages(subscription, region))),
        networks=unknown_if_refused(lambda: _networks(plan)),
        resource_group_exists=None if group is None else group[0] is not None,
        storage=unknown_if_refused(lambda: _storage(plan)),
        vault=vault,
        vms=unknown_if_refused(lambda: _vms(plan)),
        source_region=plan.source.azure.region if plan.source.azure else None,
        vault_regions=unknown_if_refused(lambda: permissions.vault_regions(subscription))
        if plan.source.azure
        else None,
        supported_os=unknown_if_refused(lambda: _supported(plan)) if vault and vault.exists else None,
    )


def _missing_actions(plan: Plan) -> tuple[str, ...]:
    """Give what the app may not do in the groups that exist; those that are still to be made are the app's own."""
    target = plan.target
    own = target.subscription_id
    wanted: dict[tuple[str, str], tuple[str, ...]] = {}
    for place, actions in (
        ((own, vault_of_plan(plan).resource_group), permissions.VAULT_ACTIONS),
        ((own, target.resource_group), permissions.TARGET_ACTIONS),
        ((own, target.network.resource_group or target.resource_group), permissions.NETWORK_ACTIONS),
        *_at_the_source(plan),
    ):
        wanted[place] = (*wanted.get(place, ()), *actions)
    there = [place for place in sorted(wanted) if not place[1] or resources.get_group(*place) is not None]
    missing = (permissions.missing_actions(*place, wanted[place]) for place in there)
    return tuple(dict.fromkeys(action for actions in missing for action in actions))


def _at_the_source(plan: Plan) -> tuple[tuple[tuple[str, str], tuple[str, ...]], ...]:
    """Give what must be allowed on the VMs of an Azure region and on the cache account beside them (guide)."""
    azure = plan.source.azure
    if azure is None or not between_regions.applies_to(plan):
        return ()
    cache = parse(cache_account_id(plan))
    ends = permissions.SOURCE_END_ACTIONS if plan.finish.decommission.mode == "terminate" else ()
    return (
        ((azure.subscription_id, azure.resource_group), (*permissions.SOURCE_VM_ACTIONS, *ends)),
        ((cache.subscription, cache.group), permissions.CACHE_ACTIONS),
    )


def _vault(plan: Plan) -> VaultFacts:
    found = get_vault(vault_of_plan(plan))
    return VaultFacts(exists=found is not None, id=found.id if found else "", region=found.location if found else None)


def _usage(one: sizes.Usage) -> UsageFacts:
    return UsageFacts(family=one.name, used=one.used, limit=one.limit)


def _networks(plan: Plan) -> tuple[NetworkFacts, ...]:
    """Give the networks that the plan names and that exist."""
    target = plan.target
    group = target.network.resource_group or target.resource_group
    names = dict.fromkeys(name for name in (target.network.vnet, target.network.test_vnet) if name)
    ids = [network.vnet_id(target.subscription_id, group, name) for name in names]
    static = any(card.private_ip or card.test_private_ip for _, one in plan.entries() for card in one.target.cards)
    found = [network.get_vnet(each, addresses=static) for each in ids]
    return tuple(_network(one) for one in found if one is not None)


def _network(one: network.Vnet) -> NetworkFacts:
    subnets = tuple(
        SubnetFacts(
            name=each.name,
            prefix=each.prefixes[0] if each.prefixes else None,
            free=each.free,
            used_ips=each.addresses,
        )
        for each in one.subnets
    )
    return NetworkFacts(name=one.name, id=one.id, region=one.location, subnets=subnets)


def _storage(plan: Plan) -> StorageFacts:
    found = storage.get_account(cache_account_id(plan))
    if found is None:
        return StorageFacts(exists=False)
    return StorageFacts(exists=True, id=found.id, region=found.location, kind=found.kind, sku=found.sku)


def _vms(plan: Plan) -> tuple[VmFacts, ...]:
    """Give the VMs of every resource group that machines of the plan go to; a group that is missing has none."""
    target = plan.target
    own = (machine.target.resource_group for _, machine in plan.entries())
    groups = {group.lower() for group in (target.resource_group, *own) if group}
    there = [group for group in sorted(groups) if resources.get_group(target.subscription_id, group) is not None]
    found = ((group, vm) for group in there for vm in compute.list_vms(target.subscription_id, group))
    return tuple(VmFacts(name=vm.name, group=group, guid=vm.vm_id) for group, vm in found)


def _supported(plan: Plan) -> tuple[SupportedOs, ...]:
    """Give Site Recovery's own list for the provider of the plan's road."""
    systems = supported_operating_systems(vault_of_plan(plan), plan.provider)
    return tuple(
        SupportedOs(name=one.os_name, versions=tuple(each.version for each in one.os_versions)) for one in systems
    )


def read_appliance_facts(plan: Plan, machines: Mapping[str, SourceFacts] | None = None) -> ApplianceFacts:
    """Give what is known of the appliance, and of the ways between it and these machines where they stand on EC2.

    Before the vault exists it is simply not registered.
    """
    if not through_server(plan):
        return ApplianceFacts()
    registered, found = _registered(plan)
    if plan.scenario != "aws-to-azure":
        return registered
    server, why = read_server(plan, machines or {}, found)
    return registered.but(server=server, not_read=why)


def _registered(plan: Plan) -> tuple[ApplianceFacts, Appliance | None]:
    """Give what the vault tells."""
    vault = vault_of_plan(plan)
    read = unknown_if_refused(lambda: (find_server(plan) if get_vault(vault) else None,))
    if read is None:
        return ApplianceFacts(), None
    (found,) = read
    if found is None:
        return ApplianceFacts(registered=False, machines=0), None
    kind = kind_of(plan.provider)
    items = unknown_if_refused(lambda: list_items(vault, kind))
    facts = ApplianceFacts(
        registered=True,
        machines=None if items is None else len(items),
        capacity=WITHOUT_AGENTS if kind == MIGRATING else WITH_AGENTS,
        unhealthy=tuple(part.name or part.kind for part in found.unhealthy),
    )
    return facts, found
