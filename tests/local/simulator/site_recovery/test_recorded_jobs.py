"""What recordings say of jobs, recovery plans' jobs and request ids."""

import re
from typing import Any

from azure.mgmt.recoveryservicessiterecovery import models as m

from tests.local.simulator.site_recovery.regions import (
    GROUP,
    GUID,
    VAULT,
    VAULT_ID,
    Regions,
)

FABRIC = "rsv-ferry-vmwarefabric"


def test_calls_that_do_not_name_their_job_name_client_and_date(ready: Any) -> None:
    client_id = {"x-ms-client-request-id": "11111111-2222-3333-4444-555555555555"}
    settings = {
        "instanceType": "InMageRcm",
        "recoveryPointHistoryInMinutes": 60,
        "crashConsistentFrequencyInMinutes": 5,
    }
    path = f"{VAULT_ID}/replicationPolicies/new"
    made = ready.arm("PUT", path, {"properties": {"providerSpecificInput": settings}}, **client_id)
    ready.advance(60)
    changed = ready.arm("PATCH", path, {"properties": {"replicationProviderSettings": settings}}, **client_id)
    for answer in (made, changed):
        assert answer.status_code == 202
        assert re.match(rf"^{client_id['x-ms-client-request-id']} \d+/\d+/\d{{4}} ", answer.headers["x-ms-request-id"])
    gone = ready.arm("DELETE", path, **client_id)
    assert "/replicationJobs/" in gone.headers["x-ms-request-id"]


def job_behind(ready: Any, answer: Any) -> str:
    return str(answer.headers["Location"].partition("?")[0].rpartition("/")[2])


def test_the_jobs_of_policies_and_networks_are_called_as_recorded(regions: Regions) -> None:
    stage, settings = regions.stage, {"instanceType": "A2A", "multiVmSyncStatus": "Disable"}
    path = f"{VAULT_ID}/replicationPolicies/day"
    changed = stage.finish(
        job_behind(stage, stage.arm("PATCH", path, {"properties": {"replicationProviderSettings": settings}}))
    )
    assert (changed["scenarioName"], changed["friendlyName"]) == (
        "ModifyProtectionProfile",
        "Modify settings of the replication policy",
    )
    first, middle, last = changed["tasks"]
    assert (middle["state"], middle["stateDescription"]) == ("Other", "Skipped")
    assert (first["state"], last["state"]) == ("Succeeded", "Succeeded")
    names = {}
    for row in stage.arm("GET", f"{VAULT_ID}/replicationJobs").json()["value"]:
        properties = row["properties"]
        names[properties["scenarioName"]] = (
            properties["friendlyName"],
            properties["targetInstanceType"],
            properties["targetObjectId"],
        )
    assert names["CreateSite"][:2] == ("Create a site", "Server")
    assert names["CreateCloud"][:2] == ("Create protection container", "ProtectionContainer")
    assert names["NetworkPairing"] == ("Map Networks", "Network", "azureNetwork")
    made = next(
        row
        for row in stage.arm("GET", f"{VAULT_ID}/replicationJobs").json()["value"]
        if row["properties"]["scenarioName"] == "AddProtectionProfile"
    )
    assert [task["taskId"] for task in stage.job(made["name"])["tasks"]] == [
        "AddProtectionProfilePreflightsCheckTask",
        "AddProtectionProfileTask",
    ]


def test_the_first_look_at_a_job_tells_neither_its_target_nor_an_action(ready: Any) -> None:
    ready.protect("web1")
    job = ready.job(job_behind(ready, ready.act("testFailover", "web1")))
    assert (job["scenarioName"], job["friendlyName"], job["targetObjectId"], job["targetObjectName"]) == (None,) * 4
    assert (job["allowedActions"], job["tasks"], "startTime" in job) == ([], [], False)


def test_a_test_failover_stays_active_and_its_moment_is_when_it_began(ready: Any) -> None:
    ready.protect("web1")
    job = ready.finish(job_behind(ready, ready.act("testFailover", "web1")))
    details = job["customDetails"]
    assert (job["state"], details["testFailoverStatus"]) == ("Succeeded", "Active")
    assert GUID.match(details["protectedItemDetails"][0]["recoveryPointId"])
    assert ready.item("web1")["lastSuccessfulTestFailoverTime"] == job["startTime"]


def test_commit_and_update_jobs_are_told_as_recorded(ready: Any) -> None:
    ready.protect("web1")
    sent = {"properties": {"providerSpecificDetails": {"instanceType": "InMageRcm", "targetVmName": "web-1"}}}
    update = ready.finish(job_behind(ready, ready.arm("PATCH", ready.item_path("web1"), sent)))
    assert [task["name"] for task in update["tasks"]] == ["UpdateVmPropertiesTask"]
    failover = ready.finish(job_behind(ready, ready.act("unplannedFailover", "web1")))
    assert ready.item("web1")["lastSuccessfulFailoverTime"] == failover["startTime"]
    commit = ready.finish(job_behind(ready, ready.act("failoverCommit", "web1")))
    assert commit["customDetails"]["instanceType"] == "AsrJobDetails"
    assert commit["tasks"][0]["friendlyName"] == "Prerequisite check"


def test_a_recovery_plans_job_nests_groups_and_machines(ready: Any) -> None:
    ready.protect("web1")
    member = m.RecoveryPlanProtectedItem(id=ready.item_path("web1"), virtual_machine_id="anything")
    group = m.RecoveryPlanGroup(group_type="Boot", replication_protected_items=[member])
    properties = m.CreateRecoveryPlanInputProperties(
        primary_fabric_id=f"{VAULT_ID}/replicationFabrics/{FABRIC}",
        recovery_fabric_id="Microsoft Azure",
        failover_deployment_model="ResourceManager",
        groups=[group],
    )
    plans = ready.client.replication_recovery_plans
    plans.begin_create(
        GROUP, VAULT, "shop", m.CreateRecoveryPlanInput(properties=properties), polling=ready.poll()
    ).result()
    sent = {
        "failoverDirection": "PrimaryToRecovery",
        "sourceSiteOperations": "NotRequired",
        "providerSpecificDetails": [],
    }
    answer = ready.arm("POST", f"{VAULT_ID}/replicationRecoveryPlans/shop/unplannedFailover", {"properties": sent})
    job = ready.finish(job_behind(ready, answer))
    assert GUID.match(job["targetObjectId"])
    assert [each["friendlyName"] for each in job["customDetails"]["protectedItemDetails"]] == ["web1"]
    first, shutdown, failover, boot, last = job["tasks"]
    assert all(GUID.match(task["taskId"]) for task in (first, last))
    for task, name, friendly, kind in (
        (shutdown, "ShutdownAllActionGroup", "All groups shutdown (1)", "Shutdown"),
        (failover, "FailoverAllActionGroup", "Recovery plan failover", "RpFailoverTask"),
        (boot, "Group1", "Group 1: Start (1)", "BootGroup"),
    ):
        inner = task["groupTaskCustomDetails"]
        assert (task["taskId"], task["friendlyName"], task["customDetails"]) == (name, friendly, None)
        assert (inner["name"], inner["groupId"], inner["rpGroupType"]) == (name, name, kind)
    assert shutdown["groupTaskCustomDetails"]["instanceType"] == "RecoveryPlanShutdownGroupTaskDetails"
    (nested,) = shutdown["groupTaskCustomDetails"]["childTasks"]
    assert nested["friendlyName"] == "Shutdown: Group 1 (1)"
    inner = [each["groupTaskCustomDetails"]["childTasks"][0] for each in (nested, failover, boot)]
    for task in inner:
        assert (task["name"], task["taskType"]) == ("Unknown", "VirtualMachineTaskDetails")
        about = task["customDetails"]["jobTask"]
        assert about["jobId"].startswith(f"{VAULT_ID.replace('/sub', '/Sub')}/replicationJobs/")
        assert (about["targetObjectName"], about["targetInstanceType"]) == ("web1", "Vm")


def test_a_refresh_of_a_provider_names_client_and_date(ready: Any) -> None:
    home = f"{VAULT_ID}/replicationFabrics/{FABRIC}/replicationRecoveryServicesProviders"
    (provider,) = ready.arm("GET", home).json()["value"]
    client_id = "11111111-2222-3333-4444-555555555555"
    answer = ready.arm(
        "POST", f"{home}/{provider['name']}/refreshProvider", {}, **{"x-ms-client-request-id": client_id}
    )
    assert answer.status_code == 202
    assert re.match(rf"^{client_id} \d+/\d+/\d{{4}} ", answer.headers["x-ms-request-id"])


def test_the_job_that_looks_at_a_vaults_health_is_about_a_number(ready: Any) -> None:
    answer = ready.arm("POST", f"{VAULT_ID}/replicationVaultHealth/default/refresh")
    job = ready.finish(job_behind(ready, answer))
    assert (job["targetObjectName"], job["targetInstanceType"]) == ("", "Vault")
    assert re.match(r"^\d{19}$", job["targetObjectId"])
    (task,) = job["tasks"]
    assert (task["taskId"], task["friendlyName"]) == ("RefreshFailoverHealthTask", "Refreshing failover health")


def test_a_vaults_health_counts_its_items(ready: Any) -> None:
    ready.protect("web1")
    ready.advance(300)
    health = ready.arm("GET", f"{VAULT_ID}/replicationVaultHealth").json()
    assert (health["name"], health["id"].rpartition("/")[2]) == ("Default", "Default")
    properties = health["properties"]
    counts = properties["protectedItemsHealth"]["categorizedResourceCounts"]
    assert (properties["protectedItemsHealth"]["resourceCount"], len(counts)) == (1, 12)
    assert counts["protectedItemsFailoverHealthWarningCount"] == 1
    assert properties["fabricsHealth"] == {"resourceCount": 1, "issues": [], "categorizedResourceCounts": None}
