"""Recovery plans beyond the plain failover: planned failover, group actions, sources that are shut down."""

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.recoveryservicessiterecovery import models as m

from tests.local.simulator.site_recovery.hyperv import GROUP, SITE, TARGET, VAULT, VAULT_ID, HyperV

VMS = f"{TARGET}/providers/Microsoft.Compute/virtualMachines"
RUNBOOK = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Automation/automationAccounts/a/runbooks/r"


def manual(name: str, *types: str, direction: str = "PrimaryToRecovery") -> dict[str, Any]:
    details = {"instanceType": "ManualActionDetails", "description": f"do {name}"}
    return {
        "actionName": name,
        "failoverTypes": list(types),
        "failoverDirections": [direction],
        "customDetails": details,
    }


def runbook(name: str, *types: str) -> dict[str, Any]:
    details = {
        "instanceType": "AutomationRunbookActionDetails",
        "runbookId": RUNBOOK,
        "timeout": "PT30M",
        "fabricLocation": "Recovery",
    }
    return {
        "actionName": name,
        "failoverTypes": list(types),
        "failoverDirections": ["PrimaryToRecovery"],
        "customDetails": details,
    }


def make_plan(site: HyperV, *groups: list[str], start: Any = (), end: Any = ()) -> Any:
    boots = [
        {
            "groupType": "Boot",
            "replicationProtectedItems": [
                {"id": f"{site.path}/replicationProtectedItems/{name}", "virtualMachineId": name} for name in group
            ],
            "startGroupActions": list(start) if number == 0 else [],
            "endGroupActions": list(end) if number == 0 else [],
        }
        for number, group in enumerate(groups)
    ]
    properties = {
        "primaryFabricId": f"{VAULT_ID}/replicationFabrics/{SITE}",
        "recoveryFabricId": "Microsoft Azure",
        "failoverDeploymentModel": "ResourceManager",
        "groups": boots,
    }
    plans = site.stage.client.replication_recovery_plans
    return plans.begin_create(GROUP, VAULT, "wave", {"properties": properties}, polling=site.stage.poll()).result()


def planned(site: HyperV) -> str:
    sent = m.RecoveryPlanPlannedFailoverInput(
        properties=m.RecoveryPlanPlannedFailoverInputProperties(
            failover_direction="PrimaryToRecovery",
            provider_specific_details=[m.RecoveryPlanHyperVReplicaAzureFailoverInput(recovery_point_type="Latest")],
        )
    )
    return str(site.stage.job_id(site.stage.client.replication_recovery_plans.begin_planned_failover, "wave", sent))


def unplanned(site: HyperV, *, source: str = "NotRequired") -> str:
    sent = m.RecoveryPlanUnplannedFailoverInput(
        properties=m.RecoveryPlanUnplannedFailoverInputProperties(
            failover_direction="PrimaryToRecovery",
            source_site_operations=source,
            provider_specific_details=[m.RecoveryPlanHyperVReplicaAzureFailoverInput(recovery_point_type="Latest")],
        )
    )
    return str(site.stage.job_id(site.stage.client.replication_recovery_plans.begin_unplanned_failover, "wave", sent))


def test_a_planned_failover_of_a_plan_shuts_all_sources_down_and_is_committed(site: HyperV) -> None:
    for name in ("db", "web1"):
        site.protect(name)
    plan = make_plan(site, ["db"], ["web1"])
    assert plan.properties.allowed_operations == ["PlannedFailover", "UnplannedFailover", "TestFailover"]
    job = site.stage.finish(planned(site))
    assert (job["scenarioName"], job["state"]) == ("PlannedFailover", "Succeeded")
    for name in ("db", "web1"):
        assert not site.powered_on(name)
        assert site.item(name)["protectionState"] == "CommitPendingStatesBegin"
        assert site.stage.ask("GET", f"/control/resources?id={VMS}/{name}")["name"] == name
    plans = site.stage.client.replication_recovery_plans
    assert plans.get(GROUP, VAULT, "wave").properties.allowed_operations == ["Commit", "CancelFailover"]
    job_id = site.stage.job_id(plans.begin_failover_commit, "wave")
    job = site.stage.finish(job_id)
    group = next(task for task in job["tasks"] if task["groupTaskCustomDetails"])
    children = group["groupTaskCustomDetails"]["childTasks"]
    assert [each["customDetails"]["jobTask"]["targetObjectName"] for each in children] == ["db", "web1"]


def test_a_machine_that_cannot_be_shut_down_is_left_out_and_stays_protected(site: HyperV) -> None:
    site.protect("db", shutdown="fails")
    site.protect("web1")
    make_plan(site, ["db", "web1"])
    job = site.stage.finish(planned(site))
    assert (job["state"], job["stateDescription"]) == ("Failed", "PartiallySucceeded")
    assert "'db' could not be shut down" in job["errors"][0]["serviceErrorDetails"]["message"]
    assert (site.item("db")["protectionState"], site.powered_on("db")) == ("Protected", True)
    assert site.item("web1")["activeLocation"] == "Recovery"


def test_an_unplanned_failover_shuts_down_only_where_it_is_required(site: HyperV) -> None:
    site.protect("db")
    make_plan(site, ["db"])
    job = site.stage.finish(unplanned(site))
    assert job["state"] == "Succeeded"
    assert site.powered_on("db")
    shutdown = next(task for task in job["tasks"] if task["friendlyName"] == "All groups shutdown (1)")
    assert shutdown["stateDescription"] == "Skipped"


def test_a_required_shutdown_is_done_before_the_failover(site: HyperV) -> None:
    site.protect("db")
    make_plan(site, ["db"])
    assert site.stage.finish(unplanned(site, source="Required"))["state"] == "Succeeded"
    assert not site.powered_on("db")


def test_only_the_actions_of_this_failover_and_direction_run(site: HyperV) -> None:
    site.protect("db")
    actions = [
        manual("of another type", "TestFailover"),
        manual("of the way back", "UnplannedFailover", direction="RecoveryToPrimary"),
    ]
    make_plan(site, ["db"], start=actions)
    job = site.stage.finish(unplanned(site))
    assert job["state"] == "Succeeded"
    assert not {"of another type", "of the way back"} & {task["friendlyName"] for task in job["tasks"]}


def test_what_a_person_says_on_resuming_is_kept_with_the_manual_action(site: HyperV) -> None:
    site.protect("db")
    make_plan(site, ["db"], start=[manual("switch the phones", "UnplannedFailover")], end=[runbook("tell", "Commit")])
    job_id = unplanned(site)
    assert site.stage.finish(job_id)["state"] == "Suspended"
    resume = m.ResumeJobParams(properties=m.ResumeJobParamsProperties(comments="done by Ann"))
    site.stage.client.replication_jobs.begin_resume(GROUP, VAULT, job_id, resume, polling=site.stage.poll()).result()
    job = site.stage.finish(job_id)
    task = next(each for each in job["tasks"] if each["friendlyName"] == "switch the phones")
    assert (task["state"], task["customDetails"]["observation"]) == ("Succeeded", "done by Ann")
    assert (task["customDetails"]["instanceType"], job["state"]) == ("ManualActionTaskDetails", "Succeeded")


@pytest.mark.parametrize(("start", "state", "moved"), [(unplanned, "Succeeded", True), (planned, "Failed", False)])
def test_a_runbook_that_fails_stops_only_a_planned_failover(site: HyperV, start: Any, state: str, moved: bool) -> None:
    site.protect("db")
    make_plan(site, ["db"], start=[runbook("open firewall", "UnplannedFailover", "PlannedFailover")])
    fault = {"kind": "job-fails", "scenario": "RecoveryPlan.*", "task": "open firewall", "message": "no such runbook"}
    site.stage.ask("POST", "/control/faults", fault)
    job = site.stage.finish(start(site))
    assert job["state"] == state
    task = next(each for each in job["tasks"] if each["friendlyName"] == "open firewall")
    assert (task["state"], task["errors"][0]["serviceErrorDetails"]["message"]) == ("Failed", "no such runbook")
    assert (site.item("db")["activeLocation"] == "Recovery") is moved
    assert site.item("db")["allowedOperations"]


@pytest.mark.parametrize(
    "broken",
    [
        {"actionName": ""},
        {"failoverTypes": []},
        {"customDetails": {"instanceType": "AutomationRunbookActionDetails", "fabricLocation": "Recovery"}},
        {"customDetails": {"instanceType": "Surprise"}},
    ],
)
def test_an_action_that_is_not_complete_is_refused(site: HyperV, broken: dict[str, Any]) -> None:
    site.protect("db")
    with pytest.raises(HttpResponseError, match="not complete"):
        make_plan(site, ["db"], start=[{**manual("look", "UnplannedFailover"), **broken}])


def test_a_plan_takes_seven_boot_groups_and_each_machine_once(site: HyperV) -> None:
    site.protect("db")
    with pytest.raises(HttpResponseError, match="at most 7 boot groups"):
        make_plan(site, ["db"], *([] for _ in range(7)))
    with pytest.raises(HttpResponseError, match="one group"):
        make_plan(site, ["db"], ["db"])
