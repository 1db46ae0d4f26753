"""Prepare vault: the resource groups and the vault exist, made only where the plan says so."""

from activities import between_regions, from_hosts
from activities.asking_once import ask_once
from activities.interrupting import strike
from shared import ids, plans
from shared.azure import resources
from shared.azure.refusal_codes import GROUP_NOT_FOUND, SHORTLY
from shared.contracts import ENSURE_SITES, ENSURE_VAULT, LOOK_VAULT
from shared.durable import Blueprint, serves
from shared.ledger import events, migrations
from shared.plan.model import Plan
from shared.problems import CloudRefused, Later, Refused
from shared.requests import Look, Seen, Submitted
from shared.site_recovery.vault import VaultRef, create_vault, get_vault, vault_of_plan

bp = Blueprint()

TAG = "azferry:migration"
A_MOMENT = 10  # seconds; a vault is made in about a minute


@serves(bp, ENSURE_VAULT)
def ensure_vault(look: Look) -> Submitted:
    """Make sure that groups and vault are there or on their way. Raises `Refused` when one is missing for good."""
    plan = plans.plan_at(look)
    vault = vault_of_plan(plan)
    _ensure_groups(look, plan, vault)
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
    try:
        create_vault(vault, region, ids.request_id(look.key, "vault"), {TAG: look.migration})
    except CloudRefused as refusal:
        if refusal.facts.code.lower() != GROUP_NOT_FOUND:
            raise
        # the group was seen, or made, a moment ago: parts of Azure hear of a new one only after seconds (reported)
        raise Later(f"the resource group {vault.resource_group} is not known all over Azure yet", SHORTLY) from refusal
    events.write(look, "vault-asked", f"the vault {vault.name} is being created in {region}")
    return Submitted()


def _ensure_groups(look: Look, plan: Plan, vault: VaultRef) -> None:
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
        request = ids.request_id(look.key, f"group {name}")
        resources.ensure_group(target.subscription_id, name, region, request, {TAG: look.migration})
        events.write(look, f"group-made-{name}", f"the resource group {name} was created in {region}")


@serves(bp, LOOK_VAULT)
def look_vault(look: Look) -> Seen:
    """Settle when the vault is there and ready."""
    strike(look)
    vault = get_vault(vault_of_plan(plans.plan_at(look)))
    state = vault.provisioning_state if vault else ""
    if state.lower() == "succeeded":
        migrations.change(look, waiting_for="")
        return Seen(settled=True)
    if state.lower() == "failed":
        raise Refused(
            "the vault could not be created",
            id="vault-failed",
            title="The vault failed",
            advice="See it in the portal.",
        )
    migrations.change(look, waiting_for="the vault to be created")
    return Seen(patience=A_MOMENT)


@serves(bp, ENSURE_SITES)
def ensure_sites(look: Look) -> Submitted:
    """Make the next fabric or container that is missing, where the road has no server that brings its own."""
    strike(look)
    plan = plans.plan_at(look)
    if between_regions.applies_to(plan):
        missing = next(between_regions.missing_sites(plan), None)
    else:
        missing = next(from_hosts.missing_sites(plan), None) if from_hosts.applies_to(plan) else None
    return ask_once(look, vault_of_plan(plan), missing).but(more=True) if missing else Submitted()
