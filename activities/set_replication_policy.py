"""Set replication policy: the policy and its mapping are adopted when they are there, else created."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from activities.replication_server import container_here
from activities.waking import arm_vault, disarm_vault, wait_id
from shared import ids, plans, waits
from shared.contracts import ENSURE_MAPPING, ENSURE_POLICY
from shared.durable import Blueprint, serves
from shared.itinerary import road
from shared.ledger import events
from shared.plan.model import Plan
from shared.problems import Later
from shared.requests import Look, Submitted
from shared.site_recovery.jobs import find_job
from shared.site_recovery.mappings import create_mapping, list_mappings
from shared.site_recovery.policies import create_policy, get_policy
from shared.site_recovery.provider import PolicySettings, Provider
from shared.site_recovery.providers import provider
from shared.site_recovery.vault import VaultRef, vault_of_plan
from shared.waits import WaitKind

bp = Blueprint()

CLOCK_SKEW = timedelta(minutes=10)
QUICKLY = 10  # seconds; these jobs take a moment


@serves(bp, ENSURE_POLICY)
def ensure_policy(look: Look) -> Submitted:
    """Create the policy of these settings unless it is there; its name tells the settings, so an edit makes a new one."""
    plan = plans.plan_at(look)
    vault, name = vault_of_plan(plan), policy_name(plan)
    if get_policy(vault, name) is not None:
        return Submitted()
    said = f"the replication policy {name} is being created"
    return _submit_once(
        look, vault, said, lambda request: create_policy(vault, name, provider_of(plan), settings_of(plan), request)
    )


@serves(bp, ENSURE_MAPPING)
def ensure_mapping(look: Look) -> Submitted:
    """Map the appliance's container to Azure with the policy, unless a mapping with this policy is there."""
    plan = plans.plan_at(look)
    vault = vault_of_plan(plan)
    policy = get_policy(vault, policy_name(plan))
    if policy is None:
        raise Later("the policy does not show yet", timedelta(seconds=15))
    where = container_here(plan)
    if any(one.policy_id.lower() == policy.id.lower() for one in list_mappings(vault, where)):
        return Submitted()
    name = ids.mapping_name(policy.name, where.container)
    said = f"the container is being mapped to Azure with policy {policy.name}"
    send = partial(create_mapping, vault, where, name, provider=provider_of(plan), policy_id=policy.id)
    return _submit_once(look, vault, said, lambda request: send(request=request), "mapping")


def _submit_once(look: Look, vault: VaultRef, said: str, send: Callable[[str], str], what: str = "policy") -> Submitted:
    """Send a request once and arm the wait for its job; run again, its job is found by the request's id."""
    request = ids.request_id(look.key, what)
    job = _earlier(look, vault, request)
    if not job:
        # whoever finds the wait without a job looks for the job before asking again
        arm_vault(look, WaitKind.JOB, vault, "", text=said)
        job = send(request)
    events.write(look, f"{what}-asked", said)
    if job:
        arm_vault(look, WaitKind.JOB, vault, job, text=said)
    else:
        disarm_vault(look, WaitKind.JOB, vault)
    return Submitted(job=job, patience=QUICKLY)


def _earlier(look: Look, vault: VaultRef, request: str) -> str:
    """Give the job that an earlier run of this very call has started, if there was one."""
    mine = wait_id(look, WaitKind.JOB)
    armed = next((wait for wait in waits.of_watch(waits.watch_key(vault.id)) if wait.id == mine), None)
    if armed is None or armed.subject:
        return armed.subject if armed else ""
    found = find_job(vault, request, look.since - CLOCK_SKEW)
    return found.name if found else ""


def settings_of(plan: Plan) -> PolicySettings:
    """Give the policy's settings in whole minutes."""

    def minutes(length: timedelta) -> int:
        return int(length.total_seconds() // 60)

    return PolicySettings(
        retention=minutes(plan.policy.recovery_point_retention),
        crash_consistent_every=minutes(plan.policy.crash_consistent_every),
        app_consistent_every=minutes(plan.policy.app_consistent_every),
    )


def policy_name(plan: Plan) -> str:
    """Give the policy's name: one for each set of settings of a provider."""
    return ids.policy_name(plan.name, f"{provider_of(plan).name} {settings_of(plan).model_dump_json()}")


def provider_of(plan: Plan) -> Provider:
    """Give the provider of the plan's road."""
    found = road(plan.scenario, plan.replication.mode)
    return provider(found.provider if found else "")
