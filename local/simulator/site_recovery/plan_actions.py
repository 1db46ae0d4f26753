"""The actions on a recovery plan, as a table."""

from dataclasses import dataclass

from .state import Place, Plan, SrVault


@dataclass(frozen=True)
class PlanAction:
    """An action on a plan: what it needs, what it is called, and which tasks of an item's job run before the boot."""

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
    "failoverCommit": PlanAction("Commit", "CommitFailover", "Commit", False),
    "failoverCancel": PlanAction("CancelFailover", "CancelFailover", "Cancel failover", False),
}


def members(vault: SrVault, plan: Plan) -> list[Place]:
    """Return the items of a plan that still exist, in the order of its groups."""
    wanted = [each["id"].lower() for group in plan.groups for each in group["replicationProtectedItems"]]
    known = {place.id.lower(): place for place in vault.places()}
    return [known[name] for name in wanted if name in known]
