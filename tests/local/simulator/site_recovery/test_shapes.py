"""Shapes as recorded from the real service: keys, nulls, casing, status codes, headers."""

import json
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.mgmt.recoveryservicessiterecovery import SiteRecoveryManagementClient

GROUP, VAULT, FABRIC = "rg-ferry", "rsv-ferry", "rsv-ferry-vmwarefabric"
BIG = "/Subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-ferry/providers/Microsoft.RecoveryServices/vaults/rsv-ferry"
SMALL = BIG.replace("/Subscriptions", "/subscriptions")


def test_an_action_answers_202_with_an_empty_body_and_both_urls(ready: Any) -> None:
    ready.protect("web1")
    answer = ready.act("testFailover", "web1", {"failoverDirection": "PrimaryToRecovery"})
    assert (answer.status_code, answer.content) == (202, b"")
    job = answer.headers["x-ms-request-id"].rpartition("/")[2]
    item = f"{BIG}/replicationFabrics/{FABRIC}/replicationProtectionContainers/{ready.container}/replicationProtectedItems/web1"
    assert answer.headers["Location"] == f"{ready.url}{item}/operationresults/{job}?api-version=2025-08-01"
    assert (
        answer.headers["Azure-AsyncOperation"]
        == f"{ready.url}{BIG}/replicationOperationStatus/{job}?api-version=2025-08-01"
    )
    assert answer.headers["Retry-After"] == "30"
    assert answer.headers["x-ms-request-id"] == f"{BIG}/replicationJobs/{job}"
    names = [name.decode() for name, _ in answer.headers.raw]
    assert "Location" in names
    assert "Azure-AsyncOperation" in names


def test_an_operation_status_has_the_recorded_keys_from_start_to_end(ready: Any) -> None:
    ready.protect("web1")
    url = ready.act("testFailover", "web1").headers["Azure-AsyncOperation"]
    first = ready.arm("GET", url).json()
    name = url.partition("?")[0].rpartition("/")[2]
    assert first == {
        "error": None,
        "id": None,
        "name": name,
        "properties": None,
        "status": "InProgress",
        "startTime": first["startTime"],
        "endTime": None,
        "percentComplete": None,
    }
    assert first["startTime"].endswith("Z")
    assert len(first["startTime"].rpartition(".")[2]) == len("2800065Z")
    ready.finish(name)
    last = ready.arm("GET", url).json()
    assert last["status"] == "Succeeded"
    assert last["endTime"].endswith(".0000000Z")


def test_signed_urls_are_about_three_kilobytes_and_work(ready: Any) -> None:
    ready.protect("web1")
    ready.ask("PATCH", "/control/settings", {"signed_urls": True})
    answer = ready.act("testFailover", "web1")
    assert 2800 < len(answer.headers["Location"]) < 4000
    assert "&t=" in answer.headers["Location"]
    assert ready.arm("GET", answer.headers["Azure-AsyncOperation"]).json()["status"] == "InProgress"
    assert ready.arm("GET", answer.headers["Location"]).status_code == 202


def test_newer_services_send_no_retry_after(ready: Any) -> None:
    ready.protect("web1")
    ready.ask("PATCH", "/control/settings", {"retry_after": None})
    assert "Retry-After" not in ready.act("testFailover", "web1").headers


def test_a_failed_over_item_has_the_recorded_keys_in_their_order(ready: Any) -> None:
    ready.protect("web1")
    answer = ready.act("unplannedFailover", "web1", {"providerSpecificDetails": {"instanceType": "InMageRcm"}})
    ready.finish(answer.headers["x-ms-request-id"].rpartition("/")[2])
    body = ready.arm("GET", ready.item_path("web1")).json()
    assert list(body) == ["id", "name", "type", "properties"]
    assert body["id"].startswith(f"{BIG}/replicationFabrics/")
    item = body["properties"]
    assert list(item) == [
        "friendlyName",
        "protectedItemType",
        "protectableItemId",
        "recoveryServicesProviderId",
        "primaryFabricFriendlyName",
        "primaryFabricProvider",
        "recoveryFabricFriendlyName",
        "recoveryFabricId",
        "primaryProtectionContainerFriendlyName",
        "recoveryProtectionContainerFriendlyName",
        "protectionState",
        "protectionStateDescription",
        "activeLocation",
        "testFailoverState",
        "testFailoverStateDescription",
        "switchProviderState",
        "switchProviderStateDescription",
        "allowedOperations",
        "replicationHealth",
        "failoverHealth",
        "healthErrors",
        "policyId",
        "policyFriendlyName",
        "lastSuccessfulFailoverTime",
        "currentScenario",
        "failoverRecoveryPointId",
        "providerSpecificDetails",
        "recoveryContainerId",
        "eventCorrelationId",
    ]
    wanted = {
        "protectedItemType": "",
        "protectableItemId": None,
        "primaryFabricProvider": "InMageRcmFabric",
        "recoveryFabricFriendlyName": "Microsoft Azure",
        "recoveryFabricId": "Microsoft Azure",
        "protectionState": "UnplannedFailoverCommitPendingStatesBegin",
        "protectionStateDescription": "Failover completed",
        "activeLocation": "Recovery",
        "testFailoverState": "None",
        "allowedOperations": ["CompleteMigration", "Commit", "DisableProtection", "ChangePit", "SwitchProtection"],
        "replicationHealth": "Normal",
        "failoverHealth": "Normal",
        "healthErrors": [],
        "currentScenario": {
            "scenarioName": "None",
            "jobId": f"{BIG}/replicationJobs/None",
            "startTime": "1753-01-01T01:01:01Z",
        },
    }
    assert {name: item[name] for name in wanted} == wanted
    # recorded: the service writes its own name of the container into recovery point ids
    assert "/replicationProtectionContainers/cloud_" in item["failoverRecoveryPointId"]
    details = item["providerSpecificDetails"]
    assert (details["resyncRequired"], details["initialReplicationProgressHealth"]) == ("false", "None")
    assert details["initialReplicationProgressPercentage"] is None
    assert details["protectedDisks"][0]["isOSDisk"] == "true"
    assert details["targetResourceGroupId"].startswith("/subscriptions/")


def test_a_listing_of_items_leaves_the_arrays_empty(ready: Any) -> None:
    ready.protect("web1")
    row = ready.arm("GET", f"{SMALL}/replicationProtectedItems").json()["value"][0]["properties"][
        "providerSpecificDetails"
    ]
    assert (row["protectedDisks"], row["vmNics"], row["agentUpgradeBlockingErrorDetails"]) == ([], [], [])
    full = ready.item("web1")["providerSpecificDetails"]
    assert full["protectedDisks"]
    assert full["vmNics"]
    assert full["agentUpgradeBlockingErrorDetails"]


def test_keys_that_come_late_are_absent_until_set(ready: Any) -> None:
    ready.enable("web1", "10.0.2.15")
    item = ready.item("web1")
    assert "lastSuccessfulFailoverTime" not in item
    assert "lastRecoveryPointReceived" not in item["providerSpecificDetails"]
    assert item["providerSpecificDetails"]["lastRecoveryPointId"] is None
    assert (item["protectionState"], item["protectionStateDescription"]) == (
        "UnprotectedStatesBegin",
        "Enabling protection",
    )
    assert item["currentScenario"]["scenarioName"] == "EnableProtection"


def test_a_job_is_a_placeholder_first_and_then_has_tasks(ready: Any) -> None:
    job_id = ready.enable("web1", "10.0.2.15")
    first = ready.job(job_id)
    assert (first["state"], first["scenarioName"], first["friendlyName"], first["tasks"]) == (
        "NotStarted",
        None,
        None,
        [],
    )
    assert first["customDetails"] == {"instanceType": "AsrJobDetails", "affectedObjectDetails": {}}
    assert "startTime" not in first
    assert "endTime" not in first
    ready.advance(5)
    job = ready.job(job_id)
    assert (job["state"], job["scenarioName"], job["friendlyName"]) == ("InProgress", "EnableDr", "Enable replication")
    assert job["allowedActions"] == ["Cancel"]
    assert list(job["tasks"][0]) == [
        "taskId",
        "name",
        "startTime",
        "endTime",
        "allowedActions",
        "friendlyName",
        "state",
        "stateDescription",
        "taskType",
        "customDetails",
        "groupTaskCustomDetails",
        "errors",
    ]
    assert job["tasks"][1]["startTime"] == "0001-01-01T00:00:00"
    assert job["tasks"][0]["customDetails"] == {"instanceType": "TaskDetails"}
    done = ready.finish(job_id)
    assert (done["state"], done["stateDescription"], done["allowedActions"]) == ("Succeeded", "Completed", [])
    assert "." not in done["endTime"]
    assert done["targetInstanceType"] == "ProtectionEntity"


def test_a_failover_job_skips_the_shutdown_of_a_physical_machine(ready: Any) -> None:
    ready.protect("web1")
    answer = ready.act("unplannedFailover", "web1", {"providerSpecificDetails": {"performShutdown": "true"}})
    job = ready.finish(answer.headers["x-ms-request-id"].rpartition("/")[2])
    assert [(task["taskId"], task["state"], task["stateDescription"]) for task in job["tasks"]] == [
        ("UnplannedFailoverPreflightChecksTask", "Succeeded", "Completed"),
        ("ShutdownVmOnPrimaryForUFO", "Other", "Skipped"),
        ("FailoverTask", "Succeeded", "Completed"),
        ("StartVmOnSecondary", "Succeeded", "Completed"),
    ]
    assert job["tasks"][1]["endTime"] == "0001-01-01T00:00:00"
    # recorded: stays empty even once the failover has Succeeded
    assert job["customDetails"]["protectedItemDetails"] == []
    assert job["customDetails"]["affectedObjectDetails"]["primaryFabricProviderId"] == "InMageRcm"


def test_a_test_failover_job_names_its_vm_only_once_it_succeeded(ready: Any) -> None:
    ready.protect("web1")
    job_id = ready.act("testFailover", "web1").headers["x-ms-request-id"].rpartition("/")[2]
    ready.advance(60)
    running = ready.job(job_id)
    assert running["customDetails"]["protectedItemDetails"] == []
    assert (running["customDetails"]["testFailoverStatus"], running["customDetails"]["comments"]) == ("Active", None)
    assert [(task["taskId"], task["name"]) for task in running["tasks"]] == [
        ("TestFailoverPreflightChecksTask", "VmTfoPrerequisitesCheck"),
        ("BeginTestFailoverTask", "VmTfoInitiateFailover"),
        ("PrepareTestProtectedEntitiesTask", "VmTfoPrepareTestVm"),
        ("BootTestProtectedEntitiesTask", "VmTfoBootTestVm"),
    ]
    details = ready.finish(job_id)["customDetails"]
    assert details["instanceType"] == "TestFailoverJobDetails"
    assert details["protectedItemDetails"][0]["testVmName"] == "web1-test"
    assert details["protectedItemDetails"][0]["networkConnectionStatus"] == "Disconnected"
    ready.finish(ready.act("testFailoverCleanup", "web1").headers["x-ms-request-id"].rpartition("/")[2])
    assert ready.job(job_id)["customDetails"]["protectedItemDetails"] == details["protectedItemDetails"]
    assert details["protectedItemDetails"][0]["recoveryPointId"]


def test_a_listing_of_jobs_has_no_activity_tasks_and_details(ready: Any) -> None:
    job_id = ready.enable("web1", "10.0.2.15")
    ready.advance(60)
    row = next(row for row in ready.arm("GET", f"{SMALL}/replicationJobs").json()["value"] if row["name"] == job_id)
    properties = row["properties"]
    assert (properties["activityId"], properties["tasks"], properties["customDetails"]) == (None, [], None)
    assert properties["scenarioName"] == "EnableDr"


def test_the_clients_own_request_id_comes_back_in_the_jobs_activity(ready: Any) -> None:
    ready.protect("web1")
    client_id = "0b2c8b52-5a1c-4f0e-8c2e-3f2f1d9a7c11"
    answer = ready.act("testFailover", "web1", **{"x-ms-client-request-id": client_id})
    assert answer.headers["x-ms-client-request-id"] == client_id
    job = ready.finish(answer.headers["x-ms-request-id"].rpartition("/")[2])
    assert job["activityId"].startswith(f"{client_id} ActivityId: ")


def test_finalizing_is_a_job_of_its_own_with_the_same_client_part(ready: Any) -> None:
    enable = ready.finish(ready.enable("web1", "10.0.2.15"))
    for _ in range(60):
        if ready.item("web1")["protectionState"] == "Protected":
            break
        ready.advance(60)
    rows = ready.client.replication_jobs.list(GROUP, VAULT, filter="JobName eq 'SecondaryIrCompletion'")
    final = ready.job(next(iter(rows)).name)
    assert final["friendlyName"] == "Finalize protection on the recovery virtual machine"
    assert final["activityId"].partition(" ")[0] == enable["activityId"].partition(" ")[0]
    assert final["activityId"] != enable["activityId"]


def test_a_fabric_listing_empties_every_agent_array(ready: Any) -> None:
    full = ready.arm("GET", f"{SMALL}/replicationFabrics/{FABRIC}").json()
    listed = ready.arm("GET", f"{SMALL}/replicationFabrics").json()
    assert listed["nextLink"] is None
    agents = (
        "processServers",
        "rcmProxies",
        "pushInstallers",
        "replicationAgents",
        "reprotectAgents",
        "marsAgents",
        "dras",
    )
    short, whole = listed["value"][0]["properties"]["customDetails"], full["properties"]["customDetails"]
    assert all(short[name] == [] for name in agents)
    assert short["sourceAgentIdentityDetails"] is None
    assert all(len(whole[name]) == 1 for name in agents)
    assert whole["agentDetails"] == []
    assert whole["processServers"][0]["health"] == "Normal"
    assert whole["physicalSiteId"].startswith("/subscriptions/")
    assert full["properties"]["bcdrState"] == "Valid"


def test_a_policy_reads_back_with_lower_case_booleans_as_text(ready: Any) -> None:
    policy = ready.arm("GET", f"{SMALL}/replicationPolicies/day").json()
    assert policy["properties"]["providerSpecificDetails"] == {
        "instanceType": "InMageRcm",
        "recoveryPointHistoryInMinutes": 1440,
        "appConsistentFrequencyInMinutes": 60,
        "crashConsistentFrequencyInMinutes": 5,
        "enableMultiVmSync": "true",
    }
    beside = ("status", "associatedItemsCount", "dataSourceType")
    assert [policy["properties"][name] for name in beside] == [False, 0, "VM"]


def test_a_policy_is_changed_through_replication_provider_settings(ready: Any) -> None:
    sent = {
        "properties": {
            "replicationProviderSettings": {
                "instanceType": "InMageRcm",
                "appConsistentFrequencyInMinutes": 120,
                "enableMultiVmSync": "False",
            }
        }
    }
    changed = ready.client.replication_policies.begin_update(GROUP, VAULT, "day", sent, polling=ready.poll()).result()
    details = changed["properties"]["providerSpecificDetails"]
    assert (details["appConsistentFrequencyInMinutes"], details["enableMultiVmSync"]) == (120, "false")


def test_a_policy_of_bad_values_fails_with_150261(bare: Any) -> None:
    sent = {
        "properties": {
            "providerSpecificInput": {
                "instanceType": "InMageRcm",
                "recoveryPointHistoryInMinutes": 60,
                "crashConsistentFrequencyInMinutes": 5,
                "appConsistentFrequencyInMinutes": 1000,
            }
        }
    }
    with pytest.raises(HttpResponseError) as problem:
        bare.client.replication_policies.begin_create(GROUP, VAULT, "bad", sent, polling=bare.poll()).result()
    assert problem.value.error.code == "150261"
    assert bare.arm("GET", f"{SMALL}/replicationPolicies/bad").status_code == 404


def test_a_mapping_to_azure_has_the_recorded_shape(ready: Any) -> None:
    mapping = ready.client.replication_protection_container_mappings.get(GROUP, VAULT, FABRIC, ready.container, "pair")
    properties = mapping["properties"]
    assert properties["targetProtectionContainerId"] == "Microsoft Azure"
    assert properties["providerSpecificDetails"] == {"instanceType": "InMageRcm", "enableAgentAutoUpgrade": "true"}
    assert (properties["health"], properties["state"]) == ("Normal", "Paired")


def test_routes_match_in_any_case(ready: Any) -> None:
    path = f"{SMALL}/replicationFabrics/{FABRIC}".upper()
    assert ready.arm("GET", path).json()["name"] == FABRIC


def test_a_wrong_or_missing_api_version_is_refused(bare: Any) -> None:
    wrong = bare.arm("GET", f"{SMALL}/replicationFabrics?api-version=2018-01-10")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "InvalidApiVersionParameter")
    none = bare.arm("GET", f"{SMALL}/replicationFabrics?x=1")
    assert none.json()["error"]["code"] == "MissingApiVersionParameter"


def test_a_call_without_a_token_gets_401(bare: Any) -> None:
    class Silent:
        def on_request(self, request: Any) -> None:
            """Signs nothing."""

    answer = bare.control.get(f"{SMALL}/replicationFabrics?api-version=2025-08-01")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    client = SiteRecoveryManagementClient(object(), "s", base_url=bare.url, authentication_policy=_silent())
    with pytest.raises(ClientAuthenticationError):
        list(client.replication_fabrics.list(GROUP, VAULT))
    client.close()


def _silent() -> Any:
    from azure.core.pipeline.policies import SansIOHTTPPolicy  # noqa: PLC0415

    return SansIOHTTPPolicy()


def test_items_are_paged_by_skip_token(ready: Any) -> None:
    ready.ask("PATCH", "/control/settings", {"page_size": 2})
    for number in range(5):
        ready.enable(f"web{number}", f"10.0.3.{number + 1}")
    names = [item.name for item in ready.client.replication_protected_items.list(GROUP, VAULT)]
    assert names == ["web0", "web1", "web2", "web3", "web4"]
    pages = [
        row
        for row in ready.ask("GET", "/control/log?operation=*/replicationProtectedItems/read")["entries"]
        if "VAULT" not in row
    ]
    assert len(pages) == 3


def test_supported_systems_name_the_provider(bare: Any) -> None:
    found = bare.client.supported_operating_systems.get(GROUP, VAULT, instance_type="InMageRcm")
    listed = found.properties.supported_os_list
    assert [each.instance_type for each in listed] == ["InMageRcm"]
    assert "Ubuntu" in json.dumps(listed[0].as_dict())


def test_appliances_vault_health_settings_and_alerts_can_be_read(ready: Any) -> None:
    appliances = list(ready.client.replication_appliances.list(GROUP, VAULT))
    details = appliances[0].properties.provider_specific_details
    assert details["appliances"][0]["name"] == "ferry"
    assert details["appliances"][0]["processServer"]["health"] == "Normal"
    health = ready.client.replication_vault_health.get(GROUP, VAULT)
    assert health.properties.fabrics_health.resource_count == 1
    setting = {"properties": {"vmwareToAzureProviderType": "InMageRcm"}}
    kept = ready.client.replication_vault_setting.begin_create(
        GROUP, VAULT, "default", setting, polling=ready.poll()
    ).result()
    assert kept.properties.vmware_to_azure_provider_type == "InMageRcm"
    alert = {"properties": {"sendToOwners": "DoNotSend", "customEmailAddresses": ["a@b.c"], "locale": "en-US"}}
    assert ready.client.replication_alert_settings.create(GROUP, VAULT, "default", alert).name == "default"
    assert [each.name for each in ready.client.replication_alert_settings.list(GROUP, VAULT)] == ["default"]


def test_an_update_ignores_a_top_level_licence_and_takes_the_providers(ready: Any) -> None:
    ready.protect("web1")
    sent = {
        "properties": {
            "licenseType": "WindowsServer",
            "providerSpecificDetails": {
                "instanceType": "InMageRcm",
                "targetVmName": "shop-web1",
                "targetVmSize": "Standard_E4s_v5",
            },
        }
    }
    job_id = ready.job_id(ready.client.replication_protected_items.begin_update, FABRIC, ready.container, "web1", sent)
    ready.advance(2)
    # recorded: offers no Cancel while it runs, its tasks have GUIDs
    job = ready.job(job_id)
    assert (job["scenarioName"], job["allowedActions"]) == ("UpdateVmProperties", [])
    assert len(job["tasks"][0]["taskId"]) == 36
    ready.finish(job_id)
    details = ready.item("web1")["providerSpecificDetails"]
    assert (details["licenseType"], details["targetVmName"], details["targetVmSize"]) == (
        "NotSpecified",
        "shop-web1",
        "Standard_E4s_v5",
    )


def test_a_read_is_named_by_the_clients_id_and_the_time(ready: Any) -> None:
    answer = ready.arm("GET", f"{SMALL}/replicationPolicies/day", **{"x-ms-client-request-id": "mine"})
    name, _, moment = answer.headers["x-ms-request-id"].partition(" ")
    assert name == "mine"
    assert moment.startswith("11/21/2026 5:")
    assert moment.endswith(" AM")
    job_id = ready.enable("web1", "10.0.2.15")
    job = ready.arm("GET", f"{SMALL}/replicationJobs/{job_id}")
    assert job.headers["x-ms-request-id"] == f"{BIG}/replicationJobs/{job_id}"


def test_an_untested_item_warns_word_for_word(ready: Any) -> None:
    ready.protect("web1")
    ready.advance(300)
    item = ready.item("web1")
    error = item["healthErrors"][0]
    assert (item["replicationHealth"], item["failoverHealth"]) == ("Normal", "Warning")
    assert error == {
        "innerHealthErrors": [],
        "errorSource": "ReplicationUnitFailoverValidatorError",
        "errorType": "15",
        "errorLevel": "Warning",
        "errorCategory": "TestFailover",
        "errorCode": "161011",
        "summaryMessage": "",
        "errorMessage": "No successful test failover has been done on the virtual machine 'web1'.",
        "possibleCauses": "No successful test failover has been done on the virtual machine after it was replicated.",
        "recommendedAction": "Do a test failover on the virtual machine.",
        "creationTimeUtc": error["creationTimeUtc"],
        "recoveryProviderErrorMessage": None,
        "entityId": item["providerSpecificDetails"]["internalIdentifier"],
        "errorId": "6:15",
        "customerResolvability": "NotAllowed",
    }


def test_pairing_is_a_job_about_the_policy_with_four_tasks(ready: Any) -> None:
    rows = ready.client.replication_jobs.list(GROUP, VAULT, filter="JobName eq 'AssociateProtectionProfile'")
    job = ready.job(next(iter(rows)).name)
    assert [task["taskId"] for task in job["tasks"]] == [
        "CloudPairingWfPreflightChecksTask",
        "CloudPairingWfPrepareSiteTask",
        "CloudPairingWfPrepareCloudForPairingTask",
        "CloudPairingWfPairCloudsTask",
    ]
    assert (job["targetObjectName"], job["targetInstanceType"]) == ("day", "ProtectionProfile")
    about = job["customDetails"]["affectedObjectDetails"]
    assert list(about) == [
        "primaryCloudId",
        "primaryCloudName",
        "recoveryCloudId",
        "recoveryCloudName",
        "primaryVmmId",
        "primaryVmmName",
        "recoveryVmmId",
        "recoveryVmmName",
        "primaryFabricProviderId",
        "recoveryFabricProviderId",
    ]
