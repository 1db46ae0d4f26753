"""What a plan's road will ask of Azure, and where."""

from collections.abc import Iterator
from typing import NamedTuple

from shared.azure.arm_id import parse
from shared.azure.rights import Where, wanted
from shared.plan.model import Plan, Wave
from shared.plan.named import WORDS, named_in
from shared.plan.protection_plan import all_onward
from shared.problems import Busy, CloudRefused
from shared.roads.failover_kind import PLANNED, failover_kind
from shared.roads.registry import road_of
from shared.site_recovery.vault import get_vault, vault_of_plan


class RightsScope(NamedTuple):
    """A resource group, or a whole subscription."""

    subscription: str
    group: str

    @property
    def name(self) -> str:
        """What an operator calls it."""
        return self.group or f"subscription {self.subscription}"


class RequiredRights(NamedTuple):
    """What is asked for at a scope; `made` where the plan lets the app make that group."""

    where: Where
    scope: RightsScope
    features: frozenset[str]
    made: bool = False

    @property
    def actions(self) -> tuple[str, ...]:
        """Give the role actions."""
        return wanted(self.where, self.features)


def asked_of_all(plan: Plan, *, vault_exists: bool) -> Iterator[RequiredRights]:
    """Give what the plan's road asks for, and the roads onward that its machines are protected by."""
    yield from asked_of(plan, features_of(plan, vault_exists=vault_exists))
    yield from _asked_of_named(plan)
    if vault_exists and (site := _site(plan)):
        yield RequiredRights("discovery", site, features_of(plan, vault_exists=True))
    for further in all_onward(plan):
        exists = get_vault(vault_of_plan(further)) is not None
        yield from asked_of(further, frozenset({road_of(further).feature, *_making(further, vault_exists=exists)}))


def _asked_of_named(plan: Plan) -> Iterator[RequiredRights]:
    """Give what is asked for where the resources lie that the plan names."""
    for each in named_in(plan):
        rights = RequiredRights("named", RightsScope(*each.place), frozenset({WORDS[each.kind]}))
        if each.is_possible and rights.actions:
            yield rights


def asked_of(plan: Plan, features: frozenset[str]) -> Iterator[RequiredRights]:
    """Give what a road asks for, place by place."""
    target = plan.target
    own, create = target.subscription_id, target.vault.create
    cache = parse(road_of(plan).cache_account(plan))
    yield RequiredRights("vault", RightsScope(own, vault_of_plan(plan).resource_group), features, made=create)
    yield RequiredRights("target", RightsScope(own, target.resource_group), features, made=create)
    groups = {machine.target.resource_group for _, machine in plan.entries()} - {"", target.resource_group}
    for group in sorted(groups):
        yield RequiredRights("target", RightsScope(own, group), features)
    yield RequiredRights("network", RightsScope(own, target.network.resource_group or target.resource_group), features)
    yield RequiredRights("cache", RightsScope(cache.subscription, cache.group), features)
    for where in sorted(road_of(plan).source_groups(plan)):
        yield RequiredRights("source", RightsScope(*where), features)


def _site(plan: Plan) -> RightsScope | None:
    """Give where the machines of a registered appliance show; None before it is registered, or without one."""
    try:
        site = road_of(plan).discovery_site(plan)
    except (CloudRefused, Busy):
        return None  # it does not show yet; reading the vault is asked for by itself
    at = parse(site) if site else None
    return RightsScope(at.subscription, at.group) if at else None


def _making(plan: Plan, *, vault_exists: bool) -> Iterator[str]:
    if plan.target.vault.create and not vault_exists:
        yield "creates"


def features_of(plan: Plan, *, vault_exists: bool) -> frozenset[str]:
    """Give the features of a plan that decide which rights its road needs (the words of shared/azure/rights.py)."""
    making = _making(plan, vault_exists=vault_exists)
    road = road_of(plan)
    ours = [road.rights(plan), _finish(plan), _machines(plan), making, *(_wave(plan, wave) for wave in plan.waves)]
    return frozenset({road.feature, "judges", "migrates"} | {word for words in ours for word in words})


def _finish(plan: Plan) -> Iterator[str]:
    road = road_of(plan)
    if road.provider.commits:
        yield "commits"
    left_overs = plan.finish.left_overs
    if road.brings_mobility_service and (any(all_onward(plan)) or left_overs.mobility_service == "remove"):
        yield "removes the agent"
    if left_overs.replica_disks == "remove":
        yield "removes replica disks"


def _machines(plan: Plan) -> Iterator[str]:
    for wave, machine in plan.entries():
        if wave.verify_of(machine):
            yield "checks inside"
        if wave.target_scripts_of(machine):
            yield "scripts in Azure"


def _wave(plan: Plan, wave: Wave) -> Iterator[str]:
    rehearses, planned = wave.gates.test != "skip", failover_kind(plan, wave) == PLANNED
    if road_of(plan).migrates:
        if rehearses:
            yield "migrates a test"
        return
    plans = wave.cutover.mode == "recoveryPlan"
    if planned:
        yield "plans a failover"
        yield "fails plans over as planned" if plans else "planned"
    else:
        yield "fails plans over" if plans else "one by one"
    if wave.cutover.actions:
        yield "plan actions"
    if rehearses:
        yield "rehearses"
        yield "rehearses plans" if wave.test.mode == "recoveryPlan" else "rehearses one by one"
    if plans or (rehearses and wave.test.mode == "recoveryPlan"):
        yield "recovery plan"
