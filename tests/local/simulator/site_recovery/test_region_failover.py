"""Azure to Azure: test, failover, change of the point, commit, disabling, the way back, and recovery plans."""

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

from local.simulator.clock import parse_iso

from .regions import (
    BACK_CACHE,
    FROM,
    GROUP,
    NETWORKS,
    SOURCE_RG,
    TARGET_RG,
    TO,
    VAULT,
    VAULT_ID,
    VMS,
    prepared,
)

WEB = f"{SOURCE_RG}/{VMS}/web"
TEST_NETWORK = f"{TARGET_RG}/{NETWORKS}/vnet-test"


@pytest.fixture
def regions(bare: Any) -> Any:
    return prepared(bare)


def act(regions: Any, begin: Any, properties: Any) -> Any:
    return regions.do(begin, FROM, f"{FROM}-container", "web", {"properties": properties})


def commit(regions: Any) -> Any:
    return regions.do(
        regions.client.replication_protected_items.begin_failover_commit, FROM, f"{FROM}-container", "web"
    )


def task(job: Any, wanted: Any) -> Any:
    return next(each for each in job["tasks"] if each["taskId"] == wanted)


def test_a_test_failover_makes_a_vm_beside_the_source_and_the_clean_up_takes_it_away(regions: Any) -> None:
    regions.protect("web")
    items = regions.client.replication_protected_items
    sent = {
        "failoverDirection": "PrimaryToRecovery",
        "networkType": "VmNetworkAsInput",
        "networkId": TEST_NETWORK,
        "providerSpecificDetails": {"instanceType": "A2A", "recoveryPointId": ""},
    }
    act(regions, items.begin_test_failover, sent)
    item = regions.item("web")
    made = item["providerSpecificDetails"]["testFailoverRecoveryFabricObjectId"]
    assert made.endswith("/virtualMachines/web-test")
    assert item["allowedOperations"] == ["TestFailoverCleanup"]
    vm = regions.vm("web-test")
    assert vm["location"] == "westeurope"
    assert regions.power(WEB) == "PowerState/running"
    act(regions, items.begin_test_failover_cleanup, {"comments": "fine"})
    assert regions.stage.arm("GET", f"{made}?api-version=2024-07-01").status_code == 404
    item = regions.item("web")
    assert item["providerSpecificDetails"]["testFailoverRecoveryFabricObjectId"] is None
    assert "UnplannedFailover" in item["allowedOperations"]


def test_a_failover_shuts_the_source_down_and_starts_the_vm_in_the_other_region(regions: Any) -> None:
    regions.protect("web", tags={"app": "shop"}, size="Standard_D4s_v5")
    job = regions.fail_over("web")
    assert (job["state"], task(job, "ShutdownVmOnPrimaryForUFO")["state"]) == ("Succeeded", "Succeeded")
    assert regions.power(WEB) == "PowerState/deallocated"
    item = regions.item("web")
    assert item["protectionState"] == "UnplannedFailoverCommitPendingStatesBegin"
    assert item["allowedOperations"] == ["Commit", "DisableProtection", "ChangePit", "SwitchProtection"]
    assert item["activeLocation"] == "Recovery"
    vm = regions.vm("web")
    assert (vm["location"], vm["tags"]) == ("westeurope", {"app": "shop"})
    assert vm["properties"]["hardwareProfile"]["vmSize"] == "Standard_D4s_v5"
    assert vm["properties"]["storageProfile"]["osDisk"]["managedDisk"]["storageAccountType"] == "Premium_LRS"
    assert item["providerSpecificDetails"]["recoveryFabricObjectId"] == vm["id"]
    nic = regions.stage.ask(
        "GET", f"/control/resources?id={TARGET_RG}/providers/Microsoft.Network/networkInterfaces/web-nic"
    )
    subnet = nic["properties"]["ipConfigurations"][0]["properties"]["subnet"]["id"]
    assert subnet == f"{TARGET_RG}/{NETWORKS}/vnet-target/subnets/default"


def test_the_newest_point_of_a_failover_is_the_moment_of_the_shutdown(regions: Any) -> None:
    regions.protect("web")
    job = regions.fail_over("web")
    chosen = regions.item("web")["failoverRecoveryPointId"].rpartition("/")[2]
    rows = regions.stage.arm("GET", f"{regions.path('web')}/recoveryPoints").json()["value"]
    at = next(row["properties"]["recoveryPointTime"] for row in rows if row["name"] == chosen)
    assert at >= task(job, "ShutdownVmOnPrimaryForUFO")["startTime"]


def test_failover_and_commit_take_less_than_three_minutes_and_a_quarter(regions: Any) -> None:
    regions.protect("web")
    begun = regions.stage.ask("GET", "/control/clock")["now"]
    regions.fail_over("web")
    commit(regions)
    spent = regions.stage.ask("GET", "/control/clock")["now"]
    assert spent > begun
    # the test looks every 10 seconds, the SDK every 30
    assert 120 < (parse_iso(spent) - parse_iso(begun)).total_seconds() < 3 * 60 + 15 + 40


def test_a_source_that_need_not_be_shut_down_runs_on(regions: Any) -> None:
    regions.protect("web")
    job = regions.fail_over("web", "NotRequired")
    assert (job["state"], task(job, "ShutdownVmOnPrimaryForUFO")["state"]) == ("Succeeded", "Other")
    assert regions.power(WEB) == "PowerState/running"


@pytest.mark.parametrize(
    ("vm", "fault"),
    [
        ({"shutdown": "fails"}, None),
        ({}, {"kind": "job-fails", "scenario": "UnplannedFailover", "task": "ShutdownVmOnPrimaryForUFO"}),
    ],
)
def test_a_failover_goes_on_when_the_shutdown_fails(regions: Any, vm: Any, fault: Any) -> None:
    regions.protect("web", **vm)
    if fault:
        regions.stage.ask("POST", "/control/faults", fault)
    job = regions.fail_over("web")
    assert (job["state"], job["stateDescription"]) == ("Succeeded", "CompletedWithInformation")
    failed = task(job, "ShutdownVmOnPrimaryForUFO")
    assert (failed["state"], failed["errors"][0]["errorLevel"]) == ("Failed", "Warning")
    assert regions.power(WEB) == "PowerState/running"
    assert regions.vm("web")["location"] == "westeurope"


def test_a_target_region_that_ran_out_of_room_fails_the_failover(regions: Any) -> None:
    regions.protect("web")
    regions.stage.ask("POST", "/control/quotas", {"location": "westeurope", "name": "cores", "limit": 1})
    job = regions.fail_over("web")
    assert job["errors"][0]["serviceErrorDetails"]["code"] == "28031"
    assert regions.item("web")["protectionStateDescription"] == "Failover failed"
    assert "UnplannedFailover" in regions.item("web")["allowedOperations"]


def test_the_point_is_changed_before_the_commit_and_not_after_it(regions: Any) -> None:
    regions.protect("web")
    regions.stage.advance(3600)
    regions.fail_over("web")
    items, points = regions.client.replication_protected_items, regions.client.recovery_points
    known = list(points.list_by_replication_protected_items(GROUP, VAULT, FROM, f"{FROM}-container", "web"))
    older = {"recoveryPointId": known[-1].id, "providerSpecificDetails": {"instanceType": "A2A"}}
    act(regions, items.begin_apply_recovery_point, older)
    assert regions.item("web")["failoverRecoveryPointId"].endswith(known[-1].name)
    commit(regions)
    assert regions.item("web")["protectionState"] == "UnplannedFailoverCommitted"
    with pytest.raises(HttpResponseError):
        act(regions, items.begin_apply_recovery_point, older)


def test_a_migration_ends_by_commit_and_disabling_and_leaves_the_new_vm(regions: Any) -> None:
    regions.protect("web")
    regions.fail_over("web")
    commit(regions)
    assert regions.item("web")["allowedOperations"] == ["DisableProtection", "SwitchProtection"]
    items = regions.client.replication_protected_items
    with pytest.raises(HttpResponseError):
        act(regions, items.begin_delete, {"disableProtectionReason": "MigrationComplete"})
    act(regions, items.begin_delete, {"disableProtectionReason": "NotSpecified"})
    assert regions.stage.arm("GET", regions.path("web")).status_code == 404
    assert regions.vm("web")["location"] == "westeurope"
    assert regions.power(f"{TARGET_RG}/{VMS}/web") == "PowerState/running"


def test_an_item_is_forced_away_before_its_commit(regions: Any) -> None:
    regions.protect("web")
    regions.fail_over("web")
    regions.do(regions.client.replication_protected_items.begin_purge, FROM, f"{FROM}-container", "web")
    assert regions.stage.arm("GET", regions.path("web")).status_code == 404


def test_what_an_update_says_holds_for_the_vm_that_is_made(regions: Any) -> None:
    regions.protect("web", disks=[{"name": "os", "sizeGb": 30, "osDisk": True}, {"name": "data", "sizeGb": 64}])
    details = regions.item("web")["providerSpecificDetails"]
    data = next(each["diskId"] for each in details["protectedManagedDisks"] if each["diskName"] == "data")
    sent = {
        "recoveryAzureVMName": "web-west",
        "recoveryAzureVMSize": "Standard_E2s_v5",
        "vmNics": [{"nicId": details["vmNics"][0]["nicId"], "ipConfigs": [{"recoverySubnetName": "web"}]}],
        "providerSpecificDetails": {
            "instanceType": "A2A",
            "recoveryAvailabilityZone": "3",
            "managedDiskUpdateDetails": [
                {"diskId": data, "recoveryTargetDiskAccountType": "StandardSSD_LRS", "failoverDiskName": "data-west"}
            ],
        },
    }
    subnet = {"id": f"{TARGET_RG}/{NETWORKS}/vnet-target/subnets/web", "properties": {"addressPrefix": "10.0.1.0/24"}}
    regions.stage.ask("POST", "/control/resources", subnet)
    act(regions, regions.client.replication_protected_items.begin_update, sent)
    details = regions.item("web")["providerSpecificDetails"]
    assert (details["recoveryAzureVMName"], details["recoveryAvailabilityZone"]) == ("web-west", "3")
    regions.fail_over("web")
    vm = regions.vm("web-west")
    assert (vm["zones"], vm["properties"]["hardwareProfile"]["vmSize"]) == (["3"], "Standard_E2s_v5")
    disks = {each["name"]: each["managedDisk"] for each in vm["properties"]["storageProfile"]["dataDisks"]}
    assert disks["data-west"]["storageAccountType"] == "StandardSSD_LRS"
    nic = vm["properties"]["networkProfile"]["networkInterfaces"][0]["id"]
    config = regions.stage.ask("GET", f"/control/resources?id={nic}")["properties"]["ipConfigurations"][0]
    assert config["properties"]["subnet"]["id"].endswith("/subnets/web")


def test_an_availability_set_is_kept_where_it_was_asked_for(regions: Any) -> None:
    wanted = f"{TARGET_RG}/providers/Microsoft.Compute/availabilitySets/set"
    regions.stage.ask("POST", "/control/resources", {"id": wanted, "location": "westeurope", "properties": {}})
    body = regions.enable_body(regions.add_vm("web"), recoveryAvailabilitySetId=wanted)
    regions.stage.finish(regions.enable("web", body))
    regions.stage.advance(7200)
    regions.fail_over("web")
    assert regions.vm("web")["properties"]["availabilitySet"] == {"id": wanted}


def back(regions: Any) -> Any:
    """Return the body that turns replication round."""
    vm = regions.vm("web")
    disk = {
        "diskId": vm["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"],
        "primaryStagingAzureStorageAccountId": BACK_CACHE,
        "recoveryResourceGroupId": SOURCE_RG,
    }
    details = {
        "instanceType": "A2A",
        "recoveryContainerId": regions.container(FROM),
        "recoveryResourceGroupId": SOURCE_RG,
        "policyId": f"{VAULT_ID}/replicationPolicies/day",
        "vmManagedDisks": [disk],
    }
    return {"properties": {"replicationProtectedItemName": "web", "providerSpecificDetails": details}}


def test_protection_turned_round_moves_the_item_to_the_other_fabric(regions: Any) -> None:
    regions.protect("web")
    regions.fail_over("web")
    commit(regions)
    switch = regions.client.replication_protection_containers.begin_switch_protection
    job_id = regions.stage.job_id(switch, FROM, f"{FROM}-container", back(regions))
    regions.stage.advance(500)
    assert regions.stage.job(job_id)["state"] == "InProgress"
    assert regions.stage.finish(job_id, 5)["state"] == "Succeeded"
    assert regions.stage.arm("GET", regions.path("web")).status_code == 404
    item = regions.item("web", TO)
    assert (item["activeLocation"], item["recoveryFabricFriendlyName"]) == ("Primary", "North Europe")
    regions.stage.advance(7200)
    item = regions.item("web", TO)
    assert item["protectionState"] == "Protected"
    details = item["providerSpecificDetails"]
    assert details["fabricObjectId"] == f"{TARGET_RG}/{VMS}/web".lower()
    assert (details["primaryFabricLocation"], details["recoveryFabricLocation"]) == ("westeurope", "northeurope")
    assert (details["initialPrimaryFabricLocation"], details["initialRecoveryFabricLocation"]) == (
        "northeurope",
        "westeurope",
    )
    assert details["protectedManagedDisks"][0]["recoveryOrignalTargetDiskId"] == ""


def test_protection_is_turned_round_only_after_a_failover_and_with_managed_disks(regions: Any) -> None:
    regions.protect("web")
    switch = regions.client.replication_protection_containers.begin_switch_protection
    empty = {"replicationProtectedItemName": "web", "providerSpecificDetails": {"instanceType": "A2A"}}
    with pytest.raises(HttpResponseError):
        regions.do(switch, FROM, f"{FROM}-container", {"properties": empty})
    regions.fail_over("web")
    body = back(regions)
    body["properties"]["providerSpecificDetails"]["vmManagedDisks"] = []
    with pytest.raises(HttpResponseError, match="Managed disk details not provided"):
        regions.do(switch, FROM, f"{FROM}-container", body)


def test_a_vm_that_a_failover_made_is_replicated_on(regions: Any) -> None:
    regions.protect("web")
    regions.fail_over("web")
    commit(regions)
    items = regions.client.replication_protected_items
    act(regions, items.begin_delete, {"disableProtectionReason": "NotSpecified"})
    regions.stage.ask("DELETE", f"/control/resources?id={VAULT_ID}")
    regions.stage.ask("POST", "/control/resources", {"id": VAULT_ID, "location": "northeurope", "properties": {}})
    regions.make_fabrics()
    regions.pair()
    body = regions.enable_body(
        f"{TARGET_RG}/{VMS}/web",
        recoveryContainerId=regions.container(FROM),
        recoveryResourceGroupId=SOURCE_RG,
        recoveryAzureNetworkId=f"{SOURCE_RG}/{NETWORKS}/vnet-source",
    )
    for disk in body["properties"]["providerSpecificDetails"]["vmManagedDisks"]:
        disk["primaryStagingAzureStorageAccountId"] = BACK_CACHE
    job_id = regions.stage.job_id(items.begin_create, TO, f"{TO}-container", "web", body)
    assert regions.stage.finish(job_id)["state"] == "Succeeded"
    regions.stage.advance(7200)
    assert regions.item("web", TO)["protectionState"] == "Protected"


def plan(regions: Any, *names: str) -> None:
    groups = [
        {
            "groupType": "Boot",
            "replicationProtectedItems": [{"id": regions.path(name), "virtualMachineId": f"{SOURCE_RG}/{VMS}/{name}"}],
        }
        for name in names
    ]
    properties = {
        "primaryFabricId": f"{VAULT_ID}/replicationFabrics/{FROM}",
        "recoveryFabricId": f"{VAULT_ID}/replicationFabrics/{TO}",
        "failoverDeploymentModel": "ResourceManager",
        "groups": groups,
    }
    regions.do(regions.client.replication_recovery_plans.begin_create, "shop", {"properties": properties})


def test_a_recovery_plan_fails_its_vms_over_and_shuts_the_sources_down(regions: Any) -> None:
    regions.protect("db", "web")
    plan(regions, "db", "web")
    plans = regions.client.replication_recovery_plans
    properties = plans.get(GROUP, VAULT, "shop").properties
    assert properties.recovery_fabric_friendly_name == "West Europe"
    assert properties.replication_providers == ["A2A"]
    details = {"instanceType": "A2A", "recoveryPointType": "Latest", "multiVmSyncPointOption": "UsePerVmRecoveryPoint"}
    sent = {
        "failoverDirection": "PrimaryToRecovery",
        "sourceSiteOperations": "Required",
        "providerSpecificDetails": [details],
    }
    regions.do(plans.begin_unplanned_failover, "shop", {"properties": sent})
    assert {regions.power(f"{SOURCE_RG}/{VMS}/{name}") for name in ("db", "web")} == {"PowerState/deallocated"}
    assert {regions.vm(name)["location"] for name in ("db", "web")} == {"westeurope"}
    regions.do(plans.begin_failover_commit, "shop")
    assert regions.item("db")["protectionState"] == "UnplannedFailoverCommitted"


def test_a_plan_goes_on_when_one_of_its_sources_cannot_be_shut_down(regions: Any) -> None:
    regions.protect("web", shutdown="fails")
    plan(regions, "web")
    details = {"instanceType": "A2A", "recoveryPointType": "Latest"}
    sent = {
        "failoverDirection": "PrimaryToRecovery",
        "sourceSiteOperations": "Required",
        "providerSpecificDetails": [details],
    }
    begin = regions.client.replication_recovery_plans.begin_unplanned_failover
    job = regions.stage.finish(regions.stage.job_id(begin, "shop", {"properties": sent}), 30)
    assert job["state"] == "Succeeded"
    assert regions.power(WEB) == "PowerState/running"
    assert regions.vm("web")["location"] == "westeurope"


def test_a_plan_between_regions_names_a_recovery_fabric_of_the_vault(regions: Any) -> None:
    regions.protect("web")
    properties = {
        "primaryFabricId": f"{VAULT_ID}/replicationFabrics/{FROM}",
        "recoveryFabricId": "Microsoft Azure",
        "groups": [{"groupType": "Boot", "replicationProtectedItems": [{"id": regions.path("web")}]}],
    }
    with pytest.raises(HttpResponseError):
        regions.do(regions.client.replication_recovery_plans.begin_create, "shop", {"properties": properties})
