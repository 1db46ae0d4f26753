"""What recordings of the real service say, fact by fact, where no other test says it."""

import re
from typing import Any

import pytest
from azure.mgmt.recoveryservicessiterecovery import models as m

from tests.local.simulator.site_recovery.regions import (
    FROM,
    GROUP,
    SOURCE_RG,
    TARGET_RG,
    VAULT,
    VAULT_ID,
    Regions,
    prepared,
)

GUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
FABRIC = "rsv-ferry-vmwarefabric"
NOTHING = (None, None)


@pytest.fixture
def regions(bare: Any) -> Regions:
    return prepared(bare)


def details(regions: Regions, name: str = "web") -> dict[str, Any]:
    return dict(regions.item(name)["providerSpecificDetails"])


def progress(told: dict[str, Any]) -> tuple[Any, Any]:
    return told["monitoringPercentageCompletion"], told["monitoringJobType"]


def copying(regions: Regions, **more: Any) -> str:
    """Enable a VM and come to the beginning of its first copy; give its id."""
    disks = [{"name": "web-os", "sizeGb": 127, "osDisk": True}, {"name": "web-data", "sizeGb": 64}]
    vm_id = regions.add_vm("web", disks=disks, tags={"app": "shop"})
    job_id = regions.enable("web", regions.enable_body(vm_id, **more))
    assert progress(details(regions)) == NOTHING
    assert regions.stage.finish(job_id, 10)["state"] == "Succeeded"
    return vm_id


def test_between_regions_only_the_items_own_state_tells_that_it_is_copied(regions: Regions) -> None:
    copying(regions)
    seen, percents = [], []
    for _ in range(20):
        item = regions.item("web")
        told = item["providerSpecificDetails"]
        seen.append((item["protectionState"], told["vmProtectionState"], told["vmProtectionStateDescription"]))
        percents.append(told["monitoringPercentageCompletion"])
        regions.stage.advance(300)
    enabling = ("UnprotectedStatesBegin", "Enabling protection")
    assert list(dict.fromkeys(seen)) == [
        ("InitialReplicationInProgress", *enabling),
        ("InitialReplicationRecoveryCompletionPending", *enabling),
        ("Protected", "Protected", "Protected"),
    ]
    told = [each for each in percents if each is not None]
    assert percents[0] is None, "nothing at first"
    assert told == sorted(told)
    assert max(told) < 100
    assert progress(details(regions)) == (told[-1], "InitialReplication"), "the last ones stay"
    assert {progress(disk) for disk in details(regions)["protectedManagedDisks"]} == {NOTHING}


def test_between_regions_much_is_empty_until_the_machine_is_protected(regions: Regions) -> None:
    copying(regions)
    regions.stage.advance(600)
    item = regions.item("web")
    told = item["providerSpecificDetails"]
    assert (told["vmNics"], told["vmSyncedConfigDetails"]["tags"]) == ([], {})
    assert (told["selectedRecoveryAzureNetworkId"], told["lifecycleId"]) == NOTHING
    assert "agentCertificateExpiryDate" not in told
    assert {disk["diskState"] for disk in told["protectedManagedDisks"]} == {"InitialReplicationPending"}
    assert (item["failoverHealth"], item["replicationHealth"]) == ("Normal", "Normal")


def test_between_regions_cards_and_disks_are_told_as_recorded(regions: Regions) -> None:
    network = f"{TARGET_RG}/providers/Microsoft.Network/virtualNetworks/vnet-target"
    vm_id = copying(regions, recoveryAzureNetworkId=network)
    regions.stage.advance(7200)
    told = details(regions)
    (card,) = told["vmNics"]
    assert GUID.match(card["nicId"])
    assert card["vMNetworkName"] == f"{SOURCE_RG}/providers/Microsoft.Network/virtualNetworks/vnet-source"
    assert card["selectionType"] == "SelectedByUserOverride"
    system, data = told["protectedManagedDisks"]
    assert (system["diskType"], system["failoverDiskName"], system["tfoDiskName"]) == (
        "OperatingSystem",
        "web-os",
        "web-os-ASRtest",
    )
    assert data["tfoDiskName"] == "web-data-ASRtest"
    assert (system["recoveryTargetDiskId"], system["diskId"]) == (None, system["diskId"].lower())
    assert told["fabricObjectId"] == vm_id.lower()
    assert told["multiVmGroupName"] == ""
    unasked = ("initialPrimaryZone", "recoveryAvailabilityZone", "recoveryAvailabilitySet", "recoveryCloudService")
    assert [told[name] for name in unasked] == [None] * len(unasked)


def test_between_regions_an_item_names_its_provider_and_warns_in_its_own_type(regions: Regions) -> None:
    regions.protect("web")
    item = regions.item("web")
    assert item["primaryFabricProvider"] == "AzureFabric"
    assert item["recoveryServicesProviderId"].startswith(
        f"{VAULT_ID.replace('/sub', '/Sub')}/replicationFabrics/{FROM}/"
    )
    (warning,) = [each for each in item["healthErrors"] if each["errorCode"] == "161011"]
    assert (warning["errorType"], warning["errorId"]) == ("8010", "6:8010")


def test_a_policy_between_regions_is_taken_without_any_number(regions: Regions) -> None:
    sent = {"properties": {"providerSpecificInput": {"instanceType": "A2A", "multiVmSyncStatus": "Enable"}}}
    regions.do(regions.client.replication_policies.begin_create, "bare", sent)
    policy = regions.stage.arm("GET", f"{VAULT_ID}/replicationPolicies/bare").json()
    assert list(policy["properties"]["providerSpecificDetails"].items()) == [
        ("instanceType", "A2A"),
        ("recoveryPointThresholdInMinutes", 0),
        ("recoveryPointHistory", 0),
        ("appConsistentFrequencyInMinutes", 0),
        ("multiVmSyncStatus", "Enabled"),
        ("crashConsistentFrequencyInMinutes", 5),
    ]


def test_a_container_that_others_lead_to_alone_is_on_the_recovery_side(regions: Regions) -> None:
    pairs = regions.client.replication_protection_container_mappings
    there = "asr-westeurope"
    regions.do(pairs.begin_purge, there, f"{there}-container", f"{there}-pair")
    read = regions.client.replication_protection_containers.get
    one, other = (read(GROUP, VAULT, name, f"{name}-container").properties for name in (FROM, there))
    assert [(each.pairing_status, each.role) for each in (one, other)] == [
        ("Paired", "Primary"),
        ("Paired", "Recovery"),
    ]


def test_while_the_first_point_is_waited_for_what_was_copied_stands_still(ready: Any) -> None:
    ready.finish(ready.enable("web1", "10.0.2.15"))
    names = (
        "initialReplicationProgressPercentage",
        "initialReplicationProcessedBytes",
        "initialReplicationProgressHealth",
    )
    seen: dict[str, list[tuple[Any, ...]]] = {}
    for _ in range(80):
        item = ready.item("web1")
        told = item["providerSpecificDetails"]
        seen.setdefault(item["protectionState"], []).append(tuple(told[name] for name in names))
        if item["protectionState"] == "InitialReplicationInProgress":
            assert {disk["irDetails"]["progressHealth"] for disk in told["protectedDisks"]} == {"Queued"}
            assert item["failoverHealth"] == "Normal"
        ready.advance(60)
    (frozen,) = set(seen["InitialReplicationRecoveryCompletionPending"])
    assert frozen[:2] >= seen["InitialReplicationInProgress"][-1][:2], "the last ones that were told"
    assert 0 < frozen[0] < 100
    assert set(seen["Protected"]) == {(None, None, "None")}
    assert "irDetails" not in ready.item("web1")["providerSpecificDetails"]["protectedDisks"][0]


def test_an_appliance_brings_three_policies_and_three_mappings(ready: Any) -> None:
    policies = {
        each.name: each.properties.provider_specific_details
        for each in ready.client.replication_policies.list(GROUP, VAULT)
    }
    assert set(policies) == {
        "24-hour-replication-policy",
        "appconsistency-policy-failback",
        "crashconsistency-policy-failback",
        "day",
    }
    day = policies["24-hour-replication-policy"]
    numbers = ("recoveryPointHistoryInMinutes", "appConsistentFrequencyInMinutes", "crashConsistentFrequencyInMinutes")
    assert [day[name] for name in numbers] == [4320, 240, 5]
    rows = ready.arm("GET", f"{VAULT_ID}/replicationProtectionContainerMappings").json()["value"]
    told = {row["name"]: row["properties"] for row in rows}
    assert told["default-failover-containerpairing"]["targetProtectionContainerId"] == "Microsoft Azure"
    home = ready.arm("GET", f"{VAULT_ID}/replicationFabrics/{FABRIC}/replicationProtectionContainers").json()["value"][
        0
    ]
    for kind in ("appconsistency", "crashconsistency"):
        back = told[f"{kind}-failback-containerpairing"]
        assert (back["targetProtectionContainerId"], back["providerSpecificDetails"]) == (home["id"], None)


def test_a_policy_with_a_consistent_point_every_900_minutes_is_taken(ready: Any) -> None:
    settings = {
        "instanceType": "InMageRcm",
        "recoveryPointHistoryInMinutes": 1440,
        "appConsistentFrequencyInMinutes": 900,
    }
    sent = {"properties": {"providerSpecificInput": {**settings, "crashConsistentFrequencyInMinutes": 5}}}
    ready.client.replication_policies.begin_create(GROUP, VAULT, "rare", sent, polling=ready.poll()).result()
    assert ready.arm("GET", f"{VAULT_ID}/replicationPolicies/rare").status_code == 200


def test_calls_that_do_not_name_their_job_name_client_and_date(ready: Any) -> None:
    mine = {"x-ms-client-request-id": "11111111-2222-3333-4444-555555555555"}
    settings = {
        "instanceType": "InMageRcm",
        "recoveryPointHistoryInMinutes": 60,
        "crashConsistentFrequencyInMinutes": 5,
    }
    path = f"{VAULT_ID}/replicationPolicies/new"
    made = ready.arm("PUT", path, {"properties": {"providerSpecificInput": settings}}, **mine)
    ready.advance(60)
    changed = ready.arm("PATCH", path, {"properties": {"replicationProviderSettings": settings}}, **mine)
    for answer in (made, changed):
        assert answer.status_code == 202
        assert re.match(rf"^{mine['x-ms-client-request-id']} \d+/\d+/\d{{4}} ", answer.headers["x-ms-request-id"])
    gone = ready.arm("DELETE", path, **mine)
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
        told = row["properties"]
        names[told["scenarioName"]] = (told["friendlyName"], told["targetInstanceType"], told["targetObjectId"])
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
    told = job["customDetails"]
    assert (job["state"], told["testFailoverStatus"]) == ("Succeeded", "Active")
    assert GUID.match(told["protectedItemDetails"][0]["recoveryPointId"])
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
