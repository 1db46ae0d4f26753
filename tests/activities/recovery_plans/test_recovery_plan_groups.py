"""What an action of the plan is called at Site Recovery."""

from datetime import timedelta
from typing import Any

import pytest

from activities.recovery_plans.recovery_plan_groups import details_of
from shared.plan.actions import Action, Runbook, Script
from shared.site_recovery.plan_actions import ActionDetails, PlanAction, same_actions

RUNBOOK = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Automation/automationAccounts/ops/runbooks/dns"


@pytest.mark.parametrize(
    ("done", "words"),
    [
        ({"manual": "Look."}, {"instanceType": "ManualActionDetails", "description": "Look."}),
        (
            {"runbook": Runbook(id=RUNBOOK, timeout=timedelta(minutes=30), side="source")},
            {
                "instanceType": "AutomationRunbookActionDetails",
                "runbookId": RUNBOOK,
                "timeout": "PT30M",
                "fabricLocation": "Primary",
            },
        ),
        (
            {"script": Script(path=r"\\Scripts\\dns.ps1")},
            {"instanceType": "ScriptActionDetails", "path": r"\\Scripts\\dns.ps1", "fabricLocation": "Primary"},
        ),
    ],
)
def test_people_runbooks_and_scripts_are_sent_as_what_they_are(done: dict[str, Any], words: dict[str, str]) -> None:
    action = PlanAction(action_name="it", custom_details=details_of(Action(name="it", **done)))
    assert action.body["customDetails"] == words


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"failover_types": ("plannedfailover", "UNPLANNEDFAILOVER")}, True),
        ({"custom_details": ActionDetails(runbook_id=RUNBOOK.upper(), timeout="30")}, True),
        ({"failover_types": ("TestFailover",)}, False),
        ({"action_name": "other"}, False),
        ({"custom_details": ActionDetails(runbook_id=f"{RUNBOOK}2")}, False),
    ],
)
def test_what_only_its_writing_tells_apart_is_the_same(change: dict[str, Any], *, same: bool) -> None:
    ours = PlanAction(action_name="it", custom_details=ActionDetails(runbook_id=RUNBOOK, timeout="PT30M"))
    assert same_actions((ours,), (ours.replace(**change),)) is same
    assert not same_actions((ours,), ())
