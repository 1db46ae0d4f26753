"""Things that go wrong on order, as the real service would let them go wrong."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from azure.core.exceptions import HttpResponseError, ServiceResponseError

GROUP, VAULT, FABRIC = "rg-ferry", "rsv-ferry", "rsv-ferry-vmwarefabric"


def failover(stage: Any, name: str = "web1", **headers: str) -> Any:
    sent = {"failoverDirection": "PrimaryToRecovery", "providerSpecificDetails": {"instanceType": "InMageRcm"}}
    return stage.act("unplannedFailover", name, sent, **headers)


def job_of(answer: Any) -> str:
    return str(answer.headers["x-ms-request-id"].rpartition("/")[2])


def test_a_job_fails_with_an_asr_code_and_its_provider_error_beside_it(ready: Any) -> None:
    ready.protect("web1")
    ready.ask("POST", "/control/faults", {"kind": "job-fails", "scenario": "UnplannedFailover", "code": "28031"})
    answer = failover(ready)
    job = ready.finish(job_of(answer))
    assert (job["state"], job["allowedActions"]) == ("Failed", [])
    first, second = job["errors"]
    assert (first["serviceErrorDetails"]["code"], second["serviceErrorDetails"]["code"]) == ("28031", "539")
    assert set(first["serviceErrorDetails"]) == {"code", "message", "possibleCauses", "recommendedAction", "activityId"}
    assert first["serviceErrorDetails"]["recommendedAction"].endswith("http://aka.ms/ASRErrorCode-28031")
    assert first["providerErrorDetails"]["errorCode"] == 0
    assert (first["errorLevel"], first["taskId"]) == ("Error", "FailoverTask")
    status = ready.arm("GET", answer.headers["Azure-AsyncOperation"]).json()
    assert status["status"] == "Failed"
    assert set(status["error"]) == {"code", "message", "details"}
    assert ready.item("web1")["protectionStateDescription"] == "Failover failed"
    assert "UnplannedFailover" in ready.item("web1")["allowedOperations"]
    assert ready.finish(job_of(failover(ready)))["state"] == "Succeeded"


def test_the_poller_raises_a_failed_operation_with_its_code(ready: Any) -> None:
    ready.protect("web1")
    ready.ask(
        "POST", "/control/faults", {"kind": "job-fails", "task": "BootTestProtectedEntitiesTask", "code": "28092"}
    )
    items = ready.client.replication_protected_items
    sent = {"properties": {"failoverDirection": "PrimaryToRecovery"}}
    with pytest.raises(HttpResponseError) as problem:
        items.begin_test_failover(GROUP, VAULT, FABRIC, ready.container, "web1", sent, polling=ready.poll()).result()
    assert problem.value.error.code == "28092"
    assert ready.item("web1")["allowedOperations"] == ["TestFailoverCleanup"]


def test_a_failed_job_offers_no_restart_and_refuses_one(ready: Any) -> None:
    ready.protect("web1")
    ready.ask("POST", "/control/faults", {"kind": "job-fails", "scenario": "UnplannedFailover", "code": "28031"})
    job_id = job_of(failover(ready))
    assert ready.finish(job_id)["state"] == "Failed"
    with pytest.raises(HttpResponseError, match="'Restart' is not allowed"):
        ready.client.replication_jobs.begin_restart(GROUP, VAULT, job_id, polling=False)


def test_a_running_job_can_be_cancelled(ready: Any) -> None:
    ready.protect("web1")
    answer = ready.act("testFailover", "web1")
    ready.advance(30)
    cancelled = ready.client.replication_jobs.begin_cancel(GROUP, VAULT, job_of(answer), polling=ready.poll()).result()
    assert cancelled.properties.state == "Cancelled"
    assert ready.arm("GET", answer.headers["Azure-AsyncOperation"]).json()["status"] == "Canceled"
    with pytest.raises(HttpResponseError):
        ready.client.replication_jobs.begin_cancel(GROUP, VAULT, job_of(answer), polling=False)


def test_a_hydration_failure_is_170010(ready: Any) -> None:
    ready.protect("web1", boot="hydration-fails")
    job = ready.finish(job_of(failover(ready)))
    assert job["errors"][0]["serviceErrorDetails"]["code"] == "170010"


def test_a_connection_dropped_before_the_effect_leaves_nothing(ready: Any) -> None:
    ready.protect("web1")
    ready.ask("POST", "/control/faults", {"kind": "drop-before", "operation": "*/unplannedFailover/action"})
    with pytest.raises(httpx.RemoteProtocolError):
        failover(ready)
    assert ready.item("web1")["protectionState"] == "Protected"
    assert failover(ready).status_code == 202


def test_an_effect_behind_a_dropped_connection_is_found_by_the_clients_id(ready: Any) -> None:
    ready.protect("web1")
    ready.ask("POST", "/control/faults", {"kind": "drop-after", "operation": "*/unplannedFailover/action"})
    client_id = "7d1f0c1e-0000-4000-8000-00000000abcd"
    with pytest.raises(httpx.RemoteProtocolError):
        failover(ready, **{"x-ms-client-request-id": client_id})
    assert failover(ready).status_code == 409
    running = ready.item("web1")["currentScenario"]
    job = ready.job(running["jobId"].rpartition("/")[2])
    assert job["activityId"].startswith(client_id)
    entry = ready.ask("GET", f"/control/log?client_request_id={client_id}")["entries"][0]
    assert (entry["status"], entry["fault"]) == (0, "drop-after")


def test_the_sdk_sees_a_dropped_connection_as_an_error_of_the_service(ready: Any) -> None:
    ready.ask("POST", "/control/faults", {"kind": "drop-before", "operation": "*/replicationFabrics/read"})
    with pytest.raises(ServiceResponseError):
        list(ready.client.replication_fabrics.list(GROUP, VAULT))


def test_a_429_says_how_long_and_ends_after_its_count(ready: Any) -> None:
    order = {"kind": "throttle", "operation": "*/replicationFabrics/read", "retryAfter": 17, "times": 2}
    ready.ask("POST", "/control/faults", order)
    path = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-ferry/providers/Microsoft.RecoveryServices/vaults/rsv-ferry/replicationFabrics"
    answers = [ready.arm("GET", path) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "17"
    assert answers[0].json()["error"]["code"] == "TooManyRequests"


def test_a_5xx_does_nothing(ready: Any) -> None:
    ready.protect("web1")
    ready.ask("POST", "/control/faults", {"kind": "server-error", "status": 503, "operation": "*/remove/action"})
    assert ready.act("remove", "web1").status_code == 503
    assert ready.item("web1")["protectionState"] == "Protected"


def test_a_stalled_replication_makes_no_progress_until_the_fault_is_taken_away(ready: Any) -> None:
    ready.ask("POST", "/control/faults", {"kind": "stalled-replication", "match": "web1", "times": None})
    ready.finish(ready.enable("web1", "10.0.2.15"))
    ready.advance(7200)
    details = ready.item("web1")["providerSpecificDetails"]
    assert (details["initialReplicationProgressPercentage"], details["initialReplicationProgressHealth"]) == (
        0,
        "NoProgress",
    )
    ready.ask("DELETE", "/control/faults")
    ready.advance(3600)
    assert ready.item("web1")["protectionState"] == "Protected"


def test_a_slow_replication_takes_its_factor_longer(ready: Any) -> None:
    ready.ask("POST", "/control/faults", {"kind": "slow-replication", "match": "web1", "factor": 4, "times": None})
    ready.finish(ready.enable("web1", "10.0.2.15"), step=10)
    ready.advance(60 * 60)
    item = ready.item("web1")
    assert item["protectionState"] == "InitialReplicationInProgress"
    assert 50 < item["providerSpecificDetails"]["initialReplicationProgressPercentage"] < 65


def test_recovery_points_grow_as_the_policy_says(ready: Any) -> None:
    ready.protect("web1")
    before = list(
        ready.client.recovery_points.list_by_replication_protected_items(GROUP, VAULT, FABRIC, ready.container, "web1")
    )
    ready.advance(3600)
    points = list(
        ready.client.recovery_points.list_by_replication_protected_items(GROUP, VAULT, FABRIC, ready.container, "web1")
    )
    new = {point.name for point in points} - {point.name for point in before}
    kinds = [point.properties.recovery_point_type for point in points if point.name in new]
    assert (kinds.count("CrashConsistent"), kinds.count("ApplicationConsistent")) == (12, 1)
    newest = ready.item("web1")["providerSpecificDetails"]
    assert newest["lastRpoInSeconds"] < 300
    assert newest["lastRecoveryPointId"].rpartition("/")[2] == points[0].name


def test_missing_recovery_points_turn_the_health_critical(ready: Any) -> None:
    ready.protect("web1")
    ready.advance(300)
    assert ready.item("web1")["replicationHealth"] == "Normal"
    assert [error["errorCode"] for error in ready.item("web1")["healthErrors"]] == ["161011"]
    ready.ask("POST", "/control/faults", {"kind": "no-recovery-points", "match": "web1", "times": None})
    ready.advance(3700)
    item = ready.item("web1")
    # recorded: Protected and Critical stand side by side
    assert (item["protectionState"], item["replicationHealth"]) == ("Protected", "Critical")
    assert "325091" in [error["errorCode"] for error in item["healthErrors"]]


def test_a_machine_that_is_off_makes_no_points_and_fails_over_to_the_last(ready: Any) -> None:
    ready.protect("web1")
    ready.advance(600)
    ready.ask("PATCH", "/control/machines/web1", {"poweredOn": False})
    last = ready.item("web1")["providerSpecificDetails"]["lastRecoveryPointId"]
    ready.advance(1800)
    assert ready.item("web1")["providerSpecificDetails"]["lastRecoveryPointId"] == last
    ready.finish(job_of(failover(ready)))
    assert ready.item("web1")["failoverRecoveryPointId"] == last


def test_a_failover_takes_the_point_it_is_given_and_refuses_an_unknown_one(ready: Any) -> None:
    ready.protect("web1")
    ready.advance(1800)
    points = list(
        ready.client.recovery_points.list_by_replication_protected_items(GROUP, VAULT, FABRIC, ready.container, "web1")
    )
    unknown = ready.act(
        "unplannedFailover", "web1", {"providerSpecificDetails": {"recoveryPointId": "/x/recoveryPoints/nope"}}
    )
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (400, "RecoveryPointNotFound")
    chosen = points[2]
    answer = ready.act("unplannedFailover", "web1", {"providerSpecificDetails": {"recoveryPointId": chosen.id}})
    ready.finish(job_of(answer))
    assert ready.item("web1")["failoverRecoveryPointId"].endswith(chosen.name)
    other = ready.act(
        "applyRecoveryPoint",
        "web1",
        {"recoveryPointId": points[1].id, "providerSpecificDetails": {"instanceType": "InMageRcm"}},
    )
    ready.finish(job_of(other))
    assert ready.item("web1")["failoverRecoveryPointId"].endswith(points[1].name)


def test_an_appliance_gets_healthy_component_by_component_within_15_minutes(bare: Any) -> None:
    vault = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-ferry/providers/Microsoft.RecoveryServices/vaults/rsv-ferry"
    bare.ask("POST", "/control/appliances", {"vaultId": vault, "name": "ferry"})
    assert list(bare.client.replication_fabrics.list(GROUP, VAULT)) == []
    healthy = []
    for _ in range(15):
        bare.advance(60)
        found = bare.ask("GET", "/control/appliances")["appliances"]
        healthy.append(sum(state == "Normal" for state in found[0]["components"].values()) if found else -1)
    assert healthy[0] == -1
    assert healthy == sorted(healthy)
    assert healthy[-1] == 7


def test_an_appliance_that_never_registers_shows_no_fabric(bare: Any) -> None:
    vault = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-ferry/providers/Microsoft.RecoveryServices/vaults/rsv-ferry"
    bare.ask("POST", "/control/faults", {"kind": "appliance-never-registers", "match": "ferry", "times": None})
    bare.ask("POST", "/control/appliances", {"vaultId": vault, "name": "ferry"})
    bare.advance(7200)
    assert list(bare.client.replication_fabrics.list(GROUP, VAULT)) == []
    bare.ask("DELETE", "/control/faults")
    bare.advance(960)
    assert bare.ask("GET", "/control/appliances")["appliances"][0]["health"] == "Normal"


def test_jobs_are_filtered_by_time_state_and_kind(ready: Any) -> None:
    ready.protect("web1")
    now = datetime.fromisoformat(ready.ask("GET", "/control/clock")["now"])
    ready.act("testFailover", "web1")
    ready.advance(5)
    since = (now - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    recent = f"StartTime eq '{since}' and AffectedObjectTypes eq 'VirtualMachine'"
    assert [
        job.properties.scenario_name for job in ready.client.replication_jobs.list(GROUP, VAULT, filter=recent)
    ] == ["TestFailover"]
    running = list(ready.client.replication_jobs.list(GROUP, VAULT, filter="JobStatus eq 'InProgress'"))
    assert [job.properties.scenario_name for job in running] == ["TestFailover"]
    with pytest.raises(HttpResponseError):
        list(ready.client.replication_jobs.list(GROUP, VAULT, filter="nonsense"))


def test_the_retired_provider_is_refused(ready: Any) -> None:
    body = ready.enable_body(ready.add_machine("web1", "10.0.2.15"))
    body["properties"]["providerSpecificDetails"]["instanceType"] = "InMageAzureV2"
    assert ready.arm("PUT", ready.item_path("web1"), body).status_code == 400


def test_one_machine_is_replicated_only_once(ready: Any) -> None:
    ready.enable("web1", "10.0.2.15")
    body = ready.enable_body(ready.add_machine("web1", "10.0.2.15"))
    assert ready.arm("PUT", ready.item_path("web1"), body).status_code == 409
    assert ready.arm("PUT", ready.item_path("web1-again"), body).status_code == 409


@pytest.mark.parametrize(
    ("field", "value"),
    [("processServerId", "nobody"), ("fabricDiscoveryMachineId", "/x/machines/nobody"), ("targetResourceGroupId", "")],
)
def test_an_enable_call_with_a_wrong_input_is_refused(ready: Any, field: str, value: str) -> None:
    body = ready.enable_body(ready.add_machine("web1", "10.0.2.15"))
    body["properties"]["providerSpecificDetails"][field] = value
    answer = ready.arm("PUT", ready.item_path("web1"), body)
    assert answer.status_code == 400
    assert ready.arm("GET", ready.item_path("web1")).status_code == 404


def test_a_purge_removes_an_item_in_any_state_and_says_where_there_is_none(ready: Any) -> None:
    ready.enable("web1", "10.0.2.15")
    ready.advance(60)
    assert ready.arm("DELETE", ready.item_path("web1")).status_code == 202
    ready.advance(60)
    assert ready.arm("GET", ready.item_path("web1")).status_code == 404
    gone = ready.arm("DELETE", ready.item_path("web1"))
    (detail,) = gone.json()["error"]["details"]
    assert (gone.status_code, gone.json()["error"]["code"], detail["code"]) == (
        404,
        "NotFound",
        "ArmResourceDoesNotExist",
    )
    assert detail["message"] == "Specified resource with name 'web1' does not exist."


def test_an_old_failed_job_is_not_restarted_over_a_newer_success(ready: Any) -> None:
    ready.protect("web1")
    ready.ask("POST", "/control/faults", {"kind": "job-fails", "scenario": "UnplannedFailover", "code": "28031"})
    old = job_of(failover(ready))
    ready.finish(old)
    ready.finish(job_of(failover(ready)))
    with pytest.raises(HttpResponseError) as problem:
        ready.client.replication_jobs.begin_restart(GROUP, VAULT, old, polling=False)
    assert problem.value.status_code == 400
    assert ready.job(old)["state"] == "Failed"


def test_a_job_that_hangs_can_be_cancelled(ready: Any) -> None:
    ready.protect("web1")
    ready.ask("POST", "/control/faults", {"kind": "job-hangs", "scenario": "TestFailover"})
    job_id = job_of(ready.act("testFailover", "web1"))
    ready.advance(86400)
    assert ready.job(job_id)["state"] == "InProgress"
    ready.client.replication_jobs.begin_cancel(GROUP, VAULT, job_id, polling=ready.poll()).result()
    assert ready.item("web1")["allowedOperations"] == ["TestFailoverCleanup"]


def test_a_vault_that_is_deleted_takes_its_replication_along(ready: Any) -> None:
    ready.protect("web1")
    vault = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-ferry/providers/Microsoft.RecoveryServices/vaults/rsv-ferry"
    ready.ask("DELETE", f"/control/resources?id={vault}")
    assert ready.arm("GET", f"{vault}/replicationFabrics").status_code == 404
    ready.ask("POST", "/control/resources", {"id": vault, "location": "westeurope", "properties": {}})
    assert ready.arm("GET", f"{vault}/replicationFabrics").json()["value"] == []


@pytest.mark.parametrize("stay", [False, True])
def test_the_disks_that_hold_a_copy_are_there_while_it_replicates_and_go_with_it_unless_they_stay(
    ready: Any, stay: bool
) -> None:
    ready.protect("web1")
    details = ready.item("web1")["providerSpecificDetails"]["protectedDisks"]
    ids = [disk["seedManagedDiskId"] for disk in details]
    states = [ready.arm("GET", each).json()["properties"]["diskState"] for each in ids]
    assert set(states) == {"ActiveSAS"}
    if stay:
        ready.ask("POST", "/control/faults", {"kind": "replica-disks-stay", "match": "web1", "times": None})

    ready.act("remove", "web1", {"disableProtectionReason": "NotSpecified", "replicationProviderInput": {}})
    ready.advance(3600)

    found = [ready.arm("GET", each) for each in ids]
    assert [each.status_code for each in found] == [200 if stay else 404] * len(ids)
    assert all(each.json()["properties"]["diskState"] == "Unattached" for each in found if stay)
