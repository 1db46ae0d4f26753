"""The actions on a recovery plan, as a table."""

from dataclasses import dataclass

from ..errors import bad_request
from .state import Json, Place, Plan, SrVault


@dataclass(frozen=True)
class PlanAction:
    """An action on a plan: what it needs, what it is called, and which tasks of an item's job run before the boot.

    `last` is the failover type that a group's actions name, and what the plan remembers the time of.
    """

    gate: str
    scenario: str
    friendly: str
    boots: bool
    only: frozenset[str] | None = None
    last: str = ""


PLAN_ACTIONS: dict[str, PlanAction] = {
    "testFailover": PlanAction(
        "TestFailover",
        "TestFailover",
        "Test failover",
        True,
        frozenset({"TestFailoverPreflightChecksTask", "BeginTestFailoverTask", "PrepareTestProtectedEntitiesTask"}),
        "TestFailover",
    ),
    "testFailoverCleanup": PlanAction("TestFailoverCleanup", "TestFailoverCleanup", "Test failover cleanup", False),
    "unplannedFailover": PlanAction(
        "UnplannedFailover",
        "UnplannedFailover",
        "Failover",
        True,
        frozenset({"UnplannedFailoverPreflightChecksTask", "FailoverTask"}),
        "UnplannedFailover",
    ),
    "plannedFailover": PlanAction(
        "PlannedFailover",
        "PlannedFailover",
        "Planned failover",
        True,
        frozenset({"PlannedFailoverPreflightChecksTask", "PrepareForFailoverTask", "FailoverTask"}),
        "PlannedFailover",
    ),
    "failoverCommit": PlanAction("Commit", "CommitFailover", "Commit", False),
    "failoverCancel": PlanAction("CancelFailover", "CancelFailover", "Cancel failover", False),
}


def members(vault: SrVault, plan: Plan) -> list[Place]:
    """Return the items of a plan that still exist, in the order of its groups."""
    wanted = [each["id"].lower() for group in plan.groups for each in group["replicationProtectedItems"]]
    known = {place.id.lower(): place for place in vault.places()}
    return [known[name] for name in wanted if name in known]


# What the customDetails of a group's action must say, by their instanceType (required in the SDK's models; a runbook
# without its id and a script without its path cannot be run).
_CUSTOM = {
    "ManualActionDetails": (),
    "AutomationRunbookActionDetails": ("runbookId", "fabricLocation"),
    "ScriptActionDetails": ("path", "fabricLocation"),
}


def checked_actions(sent: list[Json]) -> list[Json]:
    """Return a group's actions if each of them is complete; raise ARM's 400."""
    for action in sent:
        custom = action.get("customDetails") or {}
        wanted = _CUSTOM.get(str(custom.get("instanceType")))
        required = ("actionName", "failoverTypes", "failoverDirections")
        missing = [name for name in required if not action.get(name)]
        if wanted is None or missing or any(not custom.get(name) for name in wanted):
            raise bad_request(f"The action '{action.get('actionName')}' of a recovery plan is not complete.")
    return sent
