"""Set replication policy: the policy and its mappings are adopted when they are there, else created."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import chain

from activities.flow.idempotent_setup import Missing, ask_once
from activities.roads import between_regions, from_hosts, through_vcenter, without_agents
from activities.roads.policies import policy_name, provider_of, settings_of
from activities.roads.replication_server import container_here
from shared import ids
from shared.contracts.contracts import ENSURE_MAPPING, ENSURE_POLICY
from shared.contracts.requests import Poll, Submitted
from shared.durable.seam import Blueprint, serves
from shared.ledger import plans
from shared.models import Scope
from shared.plan.model import Plan
from shared.problems import Busy
from shared.site_recovery.mappings import create_mapping, list_mappings, pair
from shared.site_recovery.policies import ReplicationPolicy, create_policy, get_policy
from shared.site_recovery.vault import vault_of_plan

bp = Blueprint()


@serves(bp, ENSURE_POLICY)
def ensure_policy(poll: Poll) -> Submitted:
    """Create the policy of these settings unless it is there; its name tells the settings, so an edit makes a new one."""
    plan = plans.plan_at(poll)
    vault, name = vault_of_plan(plan), policy_name(plan)
    if get_policy(vault, name) is not None:
        return Submitted()
    send = partial(create_policy, vault, name, provider_of(plan), settings_of(plan))
    return ask_once(poll, vault, Missing("policy", f"the replication policy {name} is being created", send))


@serves(bp, ENSURE_MAPPING)
def ensure_mapping(poll: Poll) -> Submitted:
    """Map the source's container with the policy, unless that is so; some roads pair one thing after another."""
    plan = plans.plan_at(poll)
    vault = vault_of_plan(plan)
    policy = get_policy(vault, policy_name(plan))
    if policy is None:
        raise Busy("the policy does not show yet", timedelta(seconds=15))
    first = next(_missing_pairings(poll, plan, policy), None)
    if first is not None:
        return ask_once(poll, vault, first).replace(more=_several(plan))
    if through_vcenter.applies_to(plan):
        through_vcenter.wait_until_read(poll, plan)
    return Submitted()


def _several(plan: Plan) -> bool:
    """Tell whether the road may want more than the one mapping."""
    return any(road.applies_to(plan) for road in (between_regions, from_hosts, through_vcenter))


def _missing_pairings(scope: Scope, plan: Plan, policy: ReplicationPolicy) -> Iterator[Missing]:
    """Give what is not paired yet, as the road wants it."""
    if between_regions.applies_to(plan):
        return between_regions.missing_pairings(scope, plan, policy)
    if from_hosts.applies_to(plan):
        return from_hosts.missing_pairings(plan, policy)
    vcenter = through_vcenter.missing_vcenter(plan) if through_vcenter.applies_to(plan) else ()
    return chain(vcenter, _missing_mapping(plan, policy))


def _missing_mapping(plan: Plan, policy: ReplicationPolicy) -> Iterator[Missing]:
    """Give the mapping to Azure, where it is not there."""
    vault, where = vault_of_plan(plan), container_here(plan)
    there = list_mappings(vault, where)
    if any(each.policy_id.lower() == policy.id.lower() for each in there):
        return
    name = ids.mapping_name(policy.name, where.container)
    said = f"the container is being mapped to Azure with policy {policy.name}"
    if without_agents.applies_to(plan):
        yield Missing("mapping", said, partial(pair, vault, where, name, without_agents.pairing(plan, policy, there)))
        return
    chosen = provider_of(plan)
    yield Missing(
        "mapping",
        said,
        lambda request: create_mapping(vault, where, name, provider=chosen, policy_id=policy.id, request=request),
    )
