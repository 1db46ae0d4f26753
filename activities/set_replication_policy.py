"""Set replication policy: the policy and its mappings are adopted when they are there, else created."""

from datetime import timedelta
from functools import partial

from activities.flow.idempotent_setup import ask_once
from shared.contracts.contracts import ENSURE_MAPPING, ENSURE_POLICY
from shared.contracts.requests import Poll, Submitted
from shared.durable.seam import Blueprint, serves
from shared.ledger import plans
from shared.problems import Busy
from shared.roads.registry import road_of
from shared.roads.replication_policy import policy_name, settings_of
from shared.roads.road import Missing
from shared.site_recovery.policies import create_policy, get_policy
from shared.site_recovery.vault import vault_of_plan

bp = Blueprint()


@serves(bp, ENSURE_POLICY)
def ensure_policy(poll: Poll) -> Submitted:
    """Create the policy of these settings unless it is there; its name tells the settings, so an edit makes a new one."""
    plan = plans.plan_at(poll)
    vault, name = vault_of_plan(plan), policy_name(plan)
    if get_policy(vault, name) is not None:
        return Submitted()
    send = partial(create_policy, vault, name, road_of(plan).provider, settings_of(plan))
    return ask_once(poll, vault, Missing("policy", f"the replication policy {name} is being created", send))


@serves(bp, ENSURE_MAPPING)
def ensure_mapping(poll: Poll) -> Submitted:
    """Pair the source's containers with the policy, unless that is so; some roads pair one thing after another."""
    plan = plans.plan_at(poll)
    vault, road = vault_of_plan(plan), road_of(plan)
    policy = get_policy(vault, policy_name(plan))
    if policy is None:
        raise Busy("the policy does not show yet", timedelta(seconds=15))
    first = next(road.missing_pairings(poll, plan, policy), None)
    if first is not None:
        return ask_once(poll, vault, first).replace(more=road.pairs_several)
    road.check_paired(poll, plan)
    return Submitted()
