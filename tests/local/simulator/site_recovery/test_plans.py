"""Recovery plans: shapes, groups, manual actions, partial failure."""

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.recoveryservicessiterecovery import models as m

GROUP, VAULT, FABRIC = "rg-ferry", "rsv-ferry", "rsv-ferry-vmwarefabric"
NETWORK = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-ferry/providers/Microsoft.Network/virtualNetworks/vnet-test"
VMS = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-target/providers/Microsoft.Compute/virtualMachines"


def make_plan(stage: Any, *groups: list[str], start_actions: list[Any] | None = None) -> Any:
    fabric = stage.item_path("x").partition("/replicationProtectionContainers")[0]
    boots = [
        m.RecoveryPlanGroup(
            group_type="Boot",
            replication_protected_items=[
                m.RecoveryPlanProtectedItem(id=stage.item_path(name), virtual_machine_id=f"/some/{name}")
                for name in group
            ],
            start_group_actions=start_actions if number == 1 else [],
        )
        for number, group in enumerate(groups)
    ]
    sent = m.CreateRecoveryPlanInput(
        properties=m.CreateRecoveryPlanInputProperties(
            primary_fabric_id=fabric,
            recovery_fabric_id="Microsoft Azure",
            failover_deployment_model="ResourceManager",
            groups=boots,
        )
    )
    return stage.client.replication_recovery_plans.begin_create(
        GROUP, VAULT, "shop", sent, polling=stage.poll()
    ).result()


def failover_input() -> m.RecoveryPlanUnplannedFailoverInput:
    return m.RecoveryPlanUnplannedFailoverInput(
        properties=m.RecoveryPlanUnplannedFailoverInputProperties(
            failover_direction="PrimaryToRecovery",
            source_site_operations="NotRequired",
            provider_specific_details=[
                m.RecoveryPlanInMageRcmFailoverInput(recovery_point_type="Latest", use_multi_vm_sync_point="Disabled")
            ],
        )
    )


def manual_action() -> m.RecoveryPlanAction:
    return m.RecoveryPlanAction(
        action_name="check the database",
        failover_types=["UnplannedFailover"],
        failover_directions=["PrimaryToRecovery"],
        custom_details=m.RecoveryPlanManualActionDetails(description="look at it"),
    )


def test_a_plan_gains_groups_and_internal_ids_and_its_listing_has_none(ready: Any) -> None:
    ready.protect("db1", "web1")
    plan = make_plan(ready, ["db1"], ["web1"])["properties"]
    assert [group["groupType"] for group in plan["groups"]] == ["Shutdown", "Failover", "Boot", "Boot"]
    assert [len(group["replicationProtectedItems"]) for group in plan["groups"]] == [0, 0, 1, 1]
    member = plan["groups"][2]["replicationProtectedItems"][0]
    assert len(member["virtualMachineId"]) == 36
    assert plan["replicationProviders"] == ["InMageRcm"]
    assert plan["allowedOperations"] == ["UnplannedFailover", "TestFailover"]
    assert plan["currentScenario"] is None
    listed = next(iter(ready.client.replication_recovery_plans.list(GROUP, VAULT)))
    assert listed["properties"]["groups"] == []


def test_a_plan_fails_over_boot_group_after_boot_group(ready: Any) -> None:
    ready.protect("db1", "web1")
    make_plan(ready, ["db1"], ["web1"])
    plans = ready.client.replication_recovery_plans
    job_id = ready.job_id(plans.begin_unplanned_failover, "shop", failover_input())
    order = []
    for _ in range(100):
        for name in ("db1", "web1"):
            found = ready.control.get(f"/control/resources?id={VMS}/{name}").status_code == 200
            if found and name not in order:
                order.append(name)
        if ready.job(job_id)["state"] == "Succeeded":
            break
        ready.advance(10)
    assert order == ["db1", "web1"]
    job = ready.job(job_id)
    group = next(task for task in job["tasks"] if task["friendlyName"] == "Recovery plan failover")
    assert len(group["groupTaskCustomDetails"]["childTasks"]) == 2
    assert ready.item("db1")["protectionState"] == "UnplannedFailoverCommitPendingStatesBegin"
    assert plans.get(GROUP, VAULT, "shop")["properties"]["allowedOperations"] == ["Commit"]
    plans.begin_failover_commit(GROUP, VAULT, "shop", polling=ready.poll()).result()
    assert ready.item("web1")["protectionState"] == "UnplannedFailoverCommitted"


def test_a_manual_action_suspends_the_job_until_it_is_resumed(ready: Any) -> None:
    ready.protect("db1", "web1")
    make_plan(ready, ["db1"], ["web1"], start_actions=[manual_action()])
    job_id = ready.job_id(ready.client.replication_recovery_plans.begin_unplanned_failover, "shop", failover_input())
    job = ready.finish(job_id)
    assert (job["state"], job["allowedActions"]) == ("Suspended", ["Resume", "Cancel"])
    assert ready.item("web1")["protectionState"] == "UnplannedFailoverInitiated"
    task = next(task for task in job["tasks"] if task["state"] == "InProgress")
    assert task["customDetails"]["instructions"] == "look at it"
    ready.advance(86400)
    assert ready.job(job_id)["state"] == "Suspended"
    resume = m.ResumeJobParams(properties=m.ResumeJobParamsProperties(comments="fine"))
    ready.client.replication_jobs.begin_resume(GROUP, VAULT, job_id, resume, polling=ready.poll()).result()
    assert ready.finish(job_id)["state"] == "Succeeded"
    assert ready.item("web1")["activeLocation"] == "Recovery"


def test_one_machine_that_fails_does_not_stop_the_others(ready: Any) -> None:
    ready.protect("db1", "web1")
    make_plan(ready, ["db1", "web1"])
    fault = {"kind": "job-fails", "scenario": "UnplannedFailover", "match": "db1", "code": "28031"}
    ready.ask("POST", "/control/faults", fault)
    job_id = ready.job_id(ready.client.replication_recovery_plans.begin_unplanned_failover, "shop", failover_input())
    job = ready.finish(job_id)
    assert (job["state"], job["stateDescription"]) == ("Failed", "PartiallySucceeded")
    assert job["errors"][0]["serviceErrorDetails"]["code"] == "28031"
    assert ready.item("db1")["protectionStateDescription"] == "Failover failed"
    assert ready.item("web1")["activeLocation"] == "Recovery"


def test_a_plan_is_tested_and_cleaned_up(ready: Any) -> None:
    ready.protect("db1", "web1")
    make_plan(ready, ["db1"], ["web1"])
    plans = ready.client.replication_recovery_plans
    sent = m.RecoveryPlanTestFailoverInput(
        properties=m.RecoveryPlanTestFailoverInputProperties(
            failover_direction="PrimaryToRecovery", network_type="VmNetworkAsInput", network_id=NETWORK
        )
    )
    plans.begin_test_failover(GROUP, VAULT, "shop", sent, polling=ready.poll()).result()
    assert ready.ask("GET", f"/control/resources?id={VMS}/web1-test")["name"] == "web1-test"
    clean = m.RecoveryPlanTestFailoverCleanupInput(properties=m.RecoveryPlanTestFailoverCleanupInputProperties())
    plans.begin_test_failover_cleanup(GROUP, VAULT, "shop", clean, polling=ready.poll()).result()
    assert ready.control.get(f"/control/resources?id={VMS}/web1-test").status_code == 404
    assert ready.item("db1")["testFailoverState"] == "MarkedForDeletion"
    assert plans.get(GROUP, VAULT, "shop")["properties"]["allowedOperations"] == ["UnplannedFailover", "TestFailover"]


def test_a_plan_of_unknown_machines_is_refused_and_one_is_deleted(ready: Any) -> None:
    ready.protect("db1")
    with pytest.raises(HttpResponseError) as problem:
        make_plan(ready, ["nobody"])
    assert problem.value.status_code == 400
    make_plan(ready, ["db1"])
    ready.client.replication_recovery_plans.begin_delete(GROUP, VAULT, "shop", polling=ready.poll()).result()
    assert list(ready.client.replication_recovery_plans.list(GROUP, VAULT)) == []
    rows = [job.properties.friendly_name for job in ready.client.replication_jobs.list(GROUP, VAULT)]
    assert "Delete a recovery plan" in rows


def test_a_cancelled_plan_stops_its_machines_and_goes_no_further(ready: Any) -> None:
    ready.protect("db1", "web1")
    make_plan(ready, ["db1"], ["web1"])
    job_id = ready.job_id(ready.client.replication_recovery_plans.begin_unplanned_failover, "shop", failover_input())
    ready.advance(60)
    ready.client.replication_jobs.begin_cancel(GROUP, VAULT, job_id, polling=ready.poll()).result()
    ready.advance(3600)
    assert ready.job(job_id)["state"] == "Cancelled"
    for name in ("db1", "web1"):
        assert ready.item(name)["protectionStateDescription"] == "Failover failed"
        assert ready.control.get(f"/control/resources?id={VMS}/{name}").status_code == 404


def test_a_plans_own_job_can_be_told_to_fail(ready: Any) -> None:
    ready.protect("db1")
    make_plan(ready, ["db1"])
    ready.ask(
        "POST", "/control/faults", {"kind": "job-fails", "scenario": "RecoveryPlan.UnplannedFailover", "code": "539"}
    )
    job_id = ready.job_id(ready.client.replication_recovery_plans.begin_unplanned_failover, "shop", failover_input())
    job = ready.finish(job_id)
    assert (job["state"], job["errors"][0]["serviceErrorDetails"]["code"]) == ("Failed", "539")
    assert ready.item("db1")["protectionState"] == "Protected"
