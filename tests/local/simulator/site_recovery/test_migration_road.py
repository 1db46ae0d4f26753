"""The whole road of one machine, with the real client."""

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.recoveryservicessiterecovery import models as m

GROUP, VAULT, FABRIC = "rg-ferry", "rsv-ferry", "rsv-ferry-vmwarefabric"


def test_a_machine_goes_from_enable_to_complete_migration(ready: Any) -> None:
    items = ready.client.replication_protected_items
    where = (GROUP, VAULT, FABRIC, ready.container, "web1")
    body = ready.enable_body(ready.add_machine("web1", "10.0.2.15"))
    created = items.begin_create(*where, body, polling=ready.poll()).result()
    # recorded: the operation Succeeds while the item still replicates and only disabling is allowed
    assert created.properties.protection_state == "InitialReplicationInProgress"
    assert created.properties.allowed_operations == ["DisableProtection"]

    ready.protect()
    for _ in range(60):
        if items.get(*where).properties.protection_state == "Protected":
            break
        ready.advance(60)
    assert items.get(*where).properties.allowed_operations == ["UnplannedFailover", "DisableProtection", "TestFailover"]

    test = m.TestFailoverInput(
        properties=m.TestFailoverInputProperties(
            failover_direction="PrimaryToRecovery",
            network_type="VmNetworkAsInput",
            provider_specific_details=m.InMageRcmTestFailoverInput(),
        )
    )
    tested = items.begin_test_failover(*where, test, polling=ready.poll()).result()
    assert tested.properties.allowed_operations == ["TestFailoverCleanup"]
    test_vm = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-target/providers/Microsoft.Compute/virtualMachines/web1-test"
    assert ready.ask("GET", f"/control/resources?id={test_vm}")["name"] == "web1-test"

    clean = m.TestFailoverCleanupInput(properties=m.TestFailoverCleanupInputProperties(comments="done"))
    cleaned = items.begin_test_failover_cleanup(*where, clean, polling=ready.poll()).result()
    assert cleaned.properties.test_failover_state == "MarkedForDeletion"
    assert ready.control.get(f"/control/resources?id={test_vm}").status_code == 404

    fail = m.UnplannedFailoverInput(
        properties=m.UnplannedFailoverInputProperties(
            failover_direction="PrimaryToRecovery",
            provider_specific_details=m.InMageRcmUnplannedFailoverInput(perform_shutdown="false"),
        )
    )
    failed_over = items.begin_unplanned_failover(*where, fail, polling=ready.poll()).result()
    assert failed_over.properties.protection_state == "UnplannedFailoverCommitPendingStatesBegin"
    assert failed_over.properties.allowed_operations == [
        "CompleteMigration",
        "Commit",
        "DisableProtection",
        "ChangePit",
        "SwitchProtection",
    ]
    committed = items.begin_failover_commit(*where, polling=ready.poll()).result()
    assert committed.properties.protection_state == "UnplannedFailoverCommitted"

    done = m.DisableProtectionInput(
        properties=m.DisableProtectionInputProperties(disable_protection_reason="MigrationComplete")
    )
    assert items.begin_delete(*where, done, polling=ready.poll()).result() is None
    with pytest.raises(ResourceNotFoundError):
        items.get(*where)


def test_a_migration_cannot_be_completed_before_the_failover(ready: Any) -> None:
    ready.protect("web1")
    answer = ready.act("remove", "web1", {"disableProtectionReason": "MigrationComplete"})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["message"]) == ("BadRequest", "The operation has failed.")
    assert set(error["details"][0]) == {
        "code",
        "message",
        "possibleCauses",
        "recommendedAction",
        "clientRequestId",
        "activityId",
    }


def test_a_second_failover_is_refused_while_the_first_runs_and_after_it(ready: Any) -> None:
    ready.protect("web1")
    sent = {"failoverDirection": "PrimaryToRecovery", "providerSpecificDetails": {"instanceType": "InMageRcm"}}
    first = ready.act("unplannedFailover", "web1", sent)
    assert first.status_code == 202
    assert ready.act("unplannedFailover", "web1", sent).status_code == 409
    job = ready.finish(first.headers["x-ms-request-id"].rpartition("/")[2])
    assert job["state"] == "Succeeded"
    assert ready.act("unplannedFailover", "web1", sent).status_code == 400


def test_replication_is_disabled_and_enabled_again(ready: Any) -> None:
    ready.protect("web1")
    items = ready.client.replication_protected_items
    where = (GROUP, VAULT, FABRIC, ready.container, "web1")
    gone = m.DisableProtectionInput(properties=m.DisableProtectionInputProperties())
    items.begin_delete(*where, gone, polling=ready.poll()).result()
    body = ready.enable_body(ready.add_machine("web1", "10.0.2.20"))
    created = items.begin_create(*where, body, polling=ready.poll()).result()
    assert created.properties.protection_state == "InitialReplicationInProgress"


def test_a_failed_enable_leaves_an_item_that_must_be_removed(ready: Any) -> None:
    items = ready.client.replication_protected_items
    where = (GROUP, VAULT, FABRIC, ready.container, "web1")
    body = ready.enable_body(ready.add_machine("web1", "10.0.2.15", agentRegistered=False))
    with pytest.raises(HttpResponseError) as problem:
        items.begin_create(*where, body, polling=ready.poll()).result()
    assert problem.value.error.code == "310056"
    item = ready.item("web1")
    assert (item["protectionState"], item["allowedOperations"]) == ("EnablingFailed", ["DisableProtection"])
    assert item["protectionStateDescription"] == "Protection couldn't be enabled"
    assert item["replicationHealth"] == "Critical"
    assert item["currentScenario"]["scenarioName"] == "EnableProtection"
    assert item["healthErrors"][0]["errorCode"] == "310056"
    assert item["healthErrors"][0]["summaryMessage"] == "Enable replication failed"
    assert ready.arm("PUT", ready.item_path("web1"), body).status_code == 409
    gone = m.DisableProtectionInput(properties=m.DisableProtectionInputProperties())
    items.begin_delete(*where, gone, polling=ready.poll()).result()
    ready.ask("POST", "/control/agents", {"ip": "10.0.2.15"})
    assert items.begin_create(*where, body, polling=ready.poll()).result().name == "web1"


def test_thirty_gigabytes_take_about_25_minutes_and_their_first_point_20_more(ready: Any) -> None:
    ready.finish(ready.enable("web1", "10.0.2.15"), step=10)
    seen = []
    while ready.item("web1")["protectionState"] != "Protected":
        ready.advance(60)
        seen.append(ready.item("web1")["protectionState"])
    assert 20 <= seen.count("InitialReplicationInProgress") <= 30
    assert 19 <= seen.count("InitialReplicationRecoveryCompletionPending") <= 21
