"""The roads of a plan in which waves go different ones, as far as a derived world has to know them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from shared.plan.road_sections import OWN

PlanDocument = Mapping[str, Any]
T = TypeVar("T")

USUAL = "aws-to-azure"
SIDES = {
    "aws-to-azure": "aws",
    "hyperv-to-azure": "hyperv",
    "vmware-to-azure": "premises",
    "physical-to-azure": "premises",
    "azure-to-azure": "azureVms",
}


def by_side(plan: PlanDocument) -> dict[str, list[PlanDocument]]:
    """Give for each side of a world the plans of its roads: each as its waves see it, with these waves only."""
    found: dict[str, list[PlanDocument]] = {}
    for wave in plan["waves"]:
        own = _seen_from(plan, wave)
        roads = found.setdefault(SIDES[own["scenario"]], [])
        road = next((each for each in roads if all(each.get(name) == own.get(name) for name in OWN)), None)
        if road is None:
            roads.append({**own, "waves": [wave]})
        else:
            road["waves"].append(wave)
    return found


def _seen_from(plan: PlanDocument, wave: Mapping[str, Any]) -> dict[str, Any]:
    """Give the plan with what a wave says of its road in the place of the plan's, as the app does."""
    own = {name: wave[name] for name in OWN if wave.get(name) is not None}
    usual = plan.get("scenario") or USUAL
    if own.get("scenario", usual) != usual:
        own = {"replication": {}} | own
    return {**plan, "scenario": usual, **own}


def waves_of(roads: Iterable[PlanDocument]) -> list[Mapping[str, Any]]:
    """Give the waves of some roads."""
    return [wave for road in roads for wave in road["waves"]]


def machines_of(roads: Iterable[PlanDocument]) -> list[Mapping[str, Any]]:
    """Give the machines that some roads name."""
    return [machine for wave in waves_of(roads) for machine in wave["machines"]]


def the_one(what: str, values: Sequence[T]) -> T:
    """Give what all roads say. Raises ValueError where they differ: a world has only one of it."""
    if any(each != values[0] for each in values):
        raise ValueError(f"the waves of this plan name different {what}: give it a world file of its own")
    return values[0]


def together(azures: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Give the Azure side that holds what each road needs of it."""
    return {
        "subscriptionId": the_one("subscriptions of the target", [each["subscriptionId"] for each in azures]),
        "location": the_one("regions of the target", [each["location"] for each in azures]),
        "legacyProviders": any(each["legacyProviders"] for each in azures),
        "groups": list(dict.fromkeys(group for each in azures for group in each["groups"])),
        "networks": _networks([network for each in azures for network in each["networks"]]),
        **{kind: _distinct([each for azure in azures for each in azure[kind]]) for kind in ("accounts", "vaults")},
    }


def _networks(all_of_them: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give each network once, with the subnets of all roads."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for network in all_of_them:
        merged = found.setdefault((network["group"], network["name"]), {**network, "subnets": {}})
        merged["subnets"] |= network["subnets"]
    return list(found.values())


def _distinct(parts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [part for number, part in enumerate(parts) if part not in parts[:number]]
