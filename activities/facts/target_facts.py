"""Reading the facts of the target: each by itself, so that one that cannot be read is unknown and the others are not."""

from collections.abc import Callable, Mapping
from typing import Literal, TypeVar

from activities.facts.named_resources import read_named
from activities.facts.rights import lacking
from activities.facts.server_facts import read_server
from activities.flow.kept_reads import KeptReads
from shared.azure import compute, network, permissions, resources, storage
from shared.azure.vm_size_catalog import read_sizes, read_usages, with_quota
from shared.concerns.server_facts import ApplianceFacts
from shared.concerns.source_facts import SourceFacts
from shared.concerns.target_facts import (
    NetworkFacts,
    SizeFacts,
    StorageFacts,
    SubnetFacts,
    SupportedOs,
    TargetFacts,
    UsageFacts,
    VaultFacts,
    VmFacts,
)
from shared.plan.model import Plan
from shared.plan.named import named_for_cutover
from shared.plan.target import asks_for_addresses
from shared.problems import CloudRefused
from shared.roads.registry import road_of
from shared.site_recovery.fabrics import RegisteredAppliance
from shared.site_recovery.items import list_items
from shared.site_recovery.operating_systems import supported_operating_systems
from shared.site_recovery.servers import WITH_AGENTS
from shared.site_recovery.vault import get_vault, vault_of_plan

T = TypeVar("T")


def unknown_if_refused(read: Callable[[], T]) -> T | None:
    """Give a fact, or None when the cloud refuses to tell it; what is only busy is asked again later (`Busy`)."""
    try:
        return read()
    except CloudRefused:
        return None


def read_target_facts(plan: Plan, kept: KeptReads | None = None, road: str = "") -> TargetFacts:
    """Give everything that the rules want to know of the target; `kept` has what an earlier try read. Raises `Busy`."""
    kept = kept or KeptReads()
    target, known = plan.target, kept.known
    subscription, region = target.subscription_id, target.region
    source_region = road_of(plan).source.region(plan)
    vault = known(f"{road}/vault", VaultFacts, lambda: _vault(plan))
    usages = known(f"{road}/usages", tuple[UsageFacts, ...], lambda: read_usages(subscription, region))
    sizes = known(f"{road}/sizes", tuple[SizeFacts, ...], lambda: read_sizes(subscription, region))
    vault_exists = bool(vault and vault.exists)
    return TargetFacts(
        region_known=known(f"{road}/region", bool, lambda: permissions.region_known(subscription, region)),
        missing_actions=known(f"{road}/rights", tuple[str, ...], lambda: lacking(plan, vault_exists=vault_exists)),
        sizes=with_quota(sizes, usages),
        usages=usages,
        networks=known(f"{road}/networks", tuple[NetworkFacts, ...], lambda: _networks(plan)),
        resource_group_exists=known(
            f"{road}/group", bool, lambda: resources.get_group(subscription, target.resource_group) is not None
        ),
        named=read_named(plan, kept),
        storage=known(f"{road}/storage", StorageFacts, lambda: _storage(plan)),
        vault=vault,
        vms=known(f"{road}/vms", tuple[VmFacts, ...], lambda: _vms(plan)),
        source_region=source_region,
        vault_regions=known(f"{road}/regions", tuple[str, ...], lambda: permissions.vault_regions(subscription))
        if source_region
        else None,
        supported_os=known(f"{road}/systems", tuple[SupportedOs, ...], lambda: _supported(plan))
        if vault_exists
        else None,
    )


def read_for_cutover(plan: Plan) -> TargetFacts:
    """Give what may have changed since the assessment and would make a failover fail: cheap, for the minutes before it."""
    target = plan.target
    subscription, region = target.subscription_id, target.region
    group = unknown_if_refused(lambda: (resources.get_group(subscription, target.resource_group),))
    group_exists = None if group is None else group[0] is not None
    usages = unknown_if_refused(lambda: read_usages(subscription, region))
    needs_sizes = road_of(plan).chooses_size or target.size or any(machine.target.size for _, machine in plan.entries())
    sizes = unknown_if_refused(lambda: read_sizes(subscription, region)) if needs_sizes else None  # the list is long
    return TargetFacts(
        sizes=with_quota(sizes, usages),
        usages=usages,
        networks=unknown_if_refused(lambda: _networks(plan)),
        resource_group_exists=group_exists,
        storage=unknown_if_refused(lambda: _storage(plan)),
        vms=unknown_if_refused(lambda: _vms(plan, group_exists=group_exists)),
        named=read_named(plan, KeptReads(), named_for_cutover(plan)),
    )


def _vault(plan: Plan) -> VaultFacts:
    found = get_vault(vault_of_plan(plan))
    return VaultFacts(exists=found is not None, id=found.id if found else "", region=found.location if found else None)


def _networks(plan: Plan) -> tuple[NetworkFacts, ...]:
    """Give the networks that the plan names and that exist."""
    target = plan.target
    group = target.network.resource_group or target.resource_group
    names = dict.fromkeys(name for name in (target.network.vnet, target.network.test_vnet) if name)
    ids = [network.vnet_id(target.subscription_id, group, name) for name in names]
    static = any(asks_for_addresses(target, machine.target) for _, machine in plan.entries())
    found = [network.get_vnet(each, addresses=static) for each in ids]
    return tuple(_network(each) for each in found if each is not None)


def _network(vnet: network.Vnet) -> NetworkFacts:
    subnets = tuple(
        SubnetFacts(
            name=each.name,
            prefix=each.prefixes[0] if each.prefixes else None,
            more_prefixes=tuple(each.prefixes[1:]),
            free=each.free,
            used_ips=each.addresses,
            delegated=each.delegated,
        )
        for each in vnet.subnets
    )
    return NetworkFacts(name=vnet.name, id=vnet.id, region=vnet.location, subnets=subnets, peered_with=vnet.peered_with)


def _storage(plan: Plan) -> StorageFacts:
    found = storage.get_account(road_of(plan).cache_account(plan))
    if found is None:
        return StorageFacts(exists=False)
    return StorageFacts(
        exists=True,
        id=found.id,
        region=found.location,
        kind=found.kind,
        hierarchical=found.hierarchical,
        shared_key=found.shared_key,
        firewall=_firewall(found),
    )


def _firewall(account: storage.StorageAccount) -> Literal["", "trusted", "closed"]:
    """Give who gets past the account's network rules."""
    if account.default_action != "Deny":
        return ""
    return "trusted" if "AzureServices" in account.bypass else "closed"


def _vms(plan: Plan, *, group_exists: bool | None = None) -> tuple[VmFacts, ...]:
    """Give the VMs of every resource group that machines of the plan go to; a group that is missing has none.

    `group_exists` says of the target's own group whether it is there, where that was read a moment ago.
    """
    target = plan.target
    own = (machine.target.resource_group for _, machine in plan.entries())
    groups = {group.lower() for group in (target.resource_group, *own) if group}
    known = {} if group_exists is None else {target.resource_group.lower(): group_exists}
    searched = [
        group
        for group in sorted(groups)
        if (known[group] if group in known else resources.get_group(target.subscription_id, group) is not None)
    ]
    found = ((group, vm) for group in searched for vm in compute.list_vms(target.subscription_id, group))
    return tuple(VmFacts(name=vm.name, group=group, guid=vm.vm_id) for group, vm in found)


def _supported(plan: Plan) -> tuple[SupportedOs, ...]:
    """Give Site Recovery's own list for the provider of the plan's road."""
    systems = supported_operating_systems(vault_of_plan(plan), plan.provider)
    return tuple(
        SupportedOs(
            name=system.os_name,
            versions=tuple(dict.fromkeys(each.version for each in system.os_versions)),
            service_packs=system.lowest_packs,
        )
        for system in systems
    )


def read_appliance_facts(plan: Plan, machines: Mapping[str, SourceFacts] | None = None) -> ApplianceFacts:
    """Give what is known of the appliance, and of the ways between it and these machines where they stand on EC2.

    Before the vault exists it is simply not registered.
    """
    if road_of(plan).server is None:
        return ApplianceFacts()
    registered, found = _registered(plan)
    if not road_of(plan).source.sees_network:
        return registered
    server, why = read_server(plan, machines or {}, found)
    return registered.replace(server=server, not_read=why)


def _registered(plan: Plan) -> tuple[ApplianceFacts, RegisteredAppliance | None]:
    """Give what the vault tells."""
    vault = vault_of_plan(plan)
    read = unknown_if_refused(lambda: (road_of(plan).find_server(plan) if get_vault(vault) else None,))
    if read is None:
        return ApplianceFacts(), None
    (found,) = read
    if found is None:
        return ApplianceFacts(registered=False, machines=0), None
    road = road_of(plan)
    items = unknown_if_refused(lambda: list_items(vault, road.item_kind))
    facts = ApplianceFacts(
        registered=True,
        machines=None if items is None else len(items),
        capacity=road.machines_per_server or WITH_AGENTS,
        unhealthy=tuple(part.name or part.kind for part in found.unhealthy),
    )
    return facts, found
