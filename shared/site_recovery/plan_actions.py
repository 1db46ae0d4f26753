"""Actions of a recovery plan: what people, runbooks and scripts do at the start or the end of a group."""

from collections.abc import Sequence

from pydantic import Field

from shared.site_recovery.wire import FromWire, Json, same_id, without_empty

MANUAL, RUNBOOK, SCRIPT = "ManualActionDetails", "AutomationRunbookActionDetails", "ScriptActionDetails"
FORWARD = "PrimaryToRecovery"
FAILOVER, TEST = ("UnplannedFailover", "PlannedFailover"), ("TestFailover",)


class ActionDetails(FromWire):
    """What only some kinds of actions tell."""

    instance_type: str = ""
    description: str = Field(default="", description="of a manual action: what to do")
    runbook_id: str = ""
    path: str = Field(default="", description="of a script")
    timeout: str = Field(default="", description="unknown: in which form; ISO 8601 is assumed")
    fabric_location: str = Field(default="", description="Primary or Recovery")


class PlanAction(FromWire):
    """An action at a group; it runs in the failovers and directions that it names."""

    action_name: str
    failover_types: tuple[str, ...] = FAILOVER
    failover_directions: tuple[str, ...] = (FORWARD,)
    custom_details: ActionDetails = ActionDetails()

    @property
    def body(self) -> Json:
        """Give the action as a recovery plan is sent it, without what says nothing."""
        sent = self.model_dump(mode="json", by_alias=True)
        return sent | {"customDetails": without_empty(sent["customDetails"])}


def same_actions(ours: Sequence[PlanAction], theirs: Sequence[PlanAction]) -> bool:
    """Tell whether two lists of actions come to the same.

    Timeouts are left out: nobody knows in which form they come back, and a plan that is frozen does not change them.
    """
    return len(ours) == len(theirs) and all(_same(action, other) for action, other in zip(ours, theirs, strict=True))


def _same(action: PlanAction, other: PlanAction) -> bool:
    details, its = action.custom_details, other.custom_details
    return (
        action.action_name == other.action_name
        and _words(action.failover_types) == _words(other.failover_types)
        and _words(action.failover_directions) == _words(other.failover_directions)
        and details.replace(runbook_id="", timeout="") == its.replace(runbook_id="", timeout="")
        and same_id(details.runbook_id, its.runbook_id)
    )


def _words(values: Sequence[str]) -> frozenset[str]:
    return frozenset(value.lower() for value in values)
