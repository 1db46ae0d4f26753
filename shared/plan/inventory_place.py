"""The place of an inventory: where machines come from, and where they might go, before anybody writes a plan."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from shared.plan.error_messages import faults_of
from shared.plan.model import Plan
from shared.plan.profiles import NO_PROFILES, TargetProfiles
from shared.plan.reader import by_schema
from shared.plan.rules.hyperv import hosts_are_described
from shared.plan.rules.sources import DESCRIBED, road_exists, source_is_described
from shared.plan.underlaying import underlaid
from shared.problems import Fault, InvalidPlan

PARTS: Final = ("scenario", "replication", "source", "target", "policy", "profile")
NAME: Final = "inventory"
CLOUDS: Final = ("aws", "azure")  # which list their machines themselves, without a vault
NOBODY: Final = "00000000-0000-0000-0000-000000000000"
NOT_KNOWN: Final = {  # stands for a target that nobody told: nothing of it is read, and no rule is asked about it
    "subscriptionId": NOBODY,
    "region": "unknown",
    "resourceGroup": "unknown",
    "network": {"vnet": "unknown"},
    "cacheStorageAccount": "unknown",
    "vault": {"name": "unknown"},
}
WAVES: Final = [{"name": NAME, "machines": [{"name": "any", "source": {"name": "any"}}]}]
RULES: Final = (road_exists, source_is_described, hosts_are_described)


def place_of(document: Mapping[str, Any], profiles: TargetProfiles = NO_PROFILES) -> tuple[Plan, bool]:
    """Read a place from the beginning of a plan, or a whole one; give whether its target is known.

    Raise `InvalidPlan` with every fault at once.
    """
    laid = underlaid({name: document[name] for name in PARTS if name in document}, profiles)
    given = {name: laid.document[name] for name in PARTS if name in laid.document}
    known = "target" in given
    try:
        place = by_schema({"target": NOT_KNOWN, **given, "name": NAME, "waves": WAVES})
    except ValidationError as error:
        raise InvalidPlan(laid.attributed(tuple(faults_of(error)))) from None
    if faults := [*(fault for rule in RULES for fault in rule(place, None)), *_vault_is_told(place, known=known)]:
        raise InvalidPlan(laid.attributed(faults))
    return place, known


def described_by(scenario: str) -> str:
    """Give the part of `source` that describes where a scenario's machines are; empty where the vault shows them."""
    return DESCRIBED.get(scenario, "")


def same_place(plan: Plan) -> tuple[object, ...]:
    """Give what tells the place of a plan's machines from others; in each, names and addresses are of their own."""
    part = described_by(plan.scenario)
    if part == "aws" and (aws := plan.source.aws):
        return plan.scenario, aws.region, aws.role_arn, aws.vpc_id
    if part == "azure" and (azure := plan.source.azure):
        return plan.scenario, azure.subscription_id.lower(), azure.region
    vault = plan.target.vault
    return plan.scenario, plan.target.subscription_id.lower(), vault.name.lower(), plan.server.lower()


def _vault_is_told(place: Plan, *, known: bool) -> Iterator[Fault]:
    if described_by(place.scenario) not in CLOUDS and not known:
        message = f"is required for {place.scenario}: its vault is where the machines show"
        yield Fault(pointer="/target", message=message)
