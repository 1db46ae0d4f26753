"""Prepare vault: the resource groups and the vault exist, made only where the plan says so."""

from activities.flow.idempotent_setup import ask_once
from activities.flow.interruption import raise_if_stopped
from shared import ids
from shared.azure import resources
from shared.azure.refusal_codes import GROUP_NOT_FOUND, SHORTLY
from shared.contracts.contracts import ENSURE_SITES, ENSURE_VAULT, POLL_VAULT
from shared.contracts.requests import Poll, PollResult, Submitted
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, migrations, plans
from shared.plan.model import Plan
from shared.problems import Busy, CloudRefused, Refused
from shared.roads.registry import road_of
from shared.site_recovery.vault import VaultRef, create_vault, get_vault, vault_of_plan

bp = Blueprint()

TAG = "azferry:migration"
A_MOMENT = 10  # seconds; a vault is made in about a minute


@serves(bp, ENSURE_VAULT)
def ensure_vault(poll: Poll) -> Submitted:
    """Make sure that groups and vault are there or on their way. Raises `Refused` when one is missing for good."""
    plan = plans.plan_at(poll)
    vault = vault_of_plan(plan)
    _ensure_groups(poll, plan, vault)
    if get_vault(vault) is not None:
        return Submitted()
    if not plan.target.vault.create:
        raise Refused(
            f"there is no Recovery Services vault {vault.name} in {vault.resource_group}",
            id="vault-missing",
            title="The vault does not exist",
            advice="Create it, or set target.vault.create to true in a new plan.",
        )
    region = plan.target.vault.region or plan.target.region
    # the events before what they tell of: who finds it made says nothing of it
    events.write(poll.replace(now=poll.since), "vault-asked", f"the vault {vault.name} is being created in {region}")
    try:
        create_vault(vault, region, ids.request_id(poll.key, "vault"), {TAG: poll.migration})
    except CloudRefused as refusal:
        if refusal.facts.code.lower() != GROUP_NOT_FOUND:
            raise
        # the group was seen, or made, a moment ago: parts of Azure hear of a new one only after seconds (reported)
        raise Busy(f"the resource group {vault.resource_group} is not known all over Azure yet", SHORTLY) from refusal
    return Submitted()


def _ensure_groups(poll: Poll, plan: Plan, vault: VaultRef) -> None:
    """Make the resource groups of vault and target where the plan lets us make the vault."""
    target = plan.target
    for name, region in {
        vault.resource_group: target.vault.region or target.region,
        target.resource_group: target.region,
    }.items():
        if resources.get_group(target.subscription_id, name) is not None:
            continue
        if not target.vault.create:
            raise Refused(
                f"there is no resource group {name} in subscription {target.subscription_id}",
                id="resource-group-missing",
                title="A resource group does not exist",
                advice="Create it, or set target.vault.create to true in a new plan.",
            )
        request = ids.request_id(poll.key, f"group {name}")
        text = f"the resource group {name} is being created in {region}"
        events.write(poll.replace(now=poll.since), f"group-asked-{name}", text)
        resources.ensure_group(target.subscription_id, name, region, request, {TAG: poll.migration})


@serves(bp, POLL_VAULT)
def poll_vault(poll: Poll) -> PollResult:
    """Settle when the vault is there and ready."""
    raise_if_stopped(poll)
    vault = get_vault(vault_of_plan(plans.plan_at(poll)))
    state = vault.provisioning_state if vault else ""
    if state.lower() == "succeeded":
        migrations.change(poll, waiting_for="")
        return PollResult(settled=True)
    if state.lower() == "failed":
        raise Refused(
            "the vault could not be created",
            id="vault-failed",
            title="The vault could not be created",
            advice="The portal says why: open the vault, Activity log. Mend it, delete the failed vault, then retry.",
        )
    migrations.change(poll, waiting_for="the vault to be created")
    return PollResult(patience=A_MOMENT)


@serves(bp, ENSURE_SITES)
def ensure_sites(poll: Poll) -> Submitted:
    """Make the next fabric or container that is missing, where the road has no server that brings its own."""
    raise_if_stopped(poll)
    plan = plans.plan_at(poll)
    missing = next(road_of(plan).missing_sites(plan), None)
    return ask_once(poll, vault_of_plan(plan), missing).replace(more=True) if missing else Submitted()
