"""Azure to Azure: fabrics, containers, mappings and networks of two regions; enabling, and what it refuses."""

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

from local.simulator.services.compute.sizes import SIZES

from .regions import CACHE, FROM, GROUP, SOURCE_RG, SUBSCRIPTION, TARGET_RG, TO, VAULT, VAULT_ID, prepared


@pytest.fixture
def regions(bare: Any) -> Any:
    return prepared(bare)


def test_a_fabric_of_a_region_takes_about_seventy_seconds(bare: Any) -> None:
    body = {"properties": {"customDetails": {"instanceType": "Azure", "location": "East US"}}}
    job_id = bare.job_id(bare.client.replication_fabrics.begin_create, "asr-east", body)
    bare.advance(60)
    assert bare.job(job_id)["state"] == "InProgress"
    bare.advance(15)
    fabric = bare.client.replication_fabrics.get(GROUP, VAULT, "asr-east").properties
    assert (fabric.friendly_name, fabric.bcdr_state, fabric.health) == ("East US", "Valid", "Normal")
    assert fabric.custom_details.location == "eastus"


def test_a_listing_of_fabrics_tells_neither_containers_nor_zones(regions: Any) -> None:
    rows = regions.stage.arm("GET", f"{VAULT_ID}/replicationFabrics").json()["value"]
    assert {row["name"] for row in rows} == {FROM, TO}
    for row in rows:
        read = regions.stage.arm("GET", row["id"]).json()
        assert (read["properties"]["customDetails"]["zones"], row["id"]) == ([], read["id"])
        assert read["properties"]["customDetails"]["containerIds"]
        listed = row["properties"]["customDetails"]
        assert listed == {"instanceType": "Azure", "location": listed["location"], "containerIds": None}


def test_what_pairs_two_regions_may_be_put_again(regions: Any) -> None:
    path = f"{regions.container(FROM)}/replicationProtectionContainerMappings/{FROM}-pair"
    properties = regions.stage.arm("GET", path).json()["properties"]
    sent = {name: properties[name] for name in ("policyId", "targetProtectionContainerId")}
    sent["providerSpecificInput"] = {"instanceType": "A2A", "agentAutoUpdateStatus": "Disabled"}
    assert regions.stage.arm("PUT", path, {"properties": sent}).status_code == 202
    again = {"properties": {"providerSpecificInput": [{"instanceType": "A2ACrossClusterMigration"}]}}
    assert regions.stage.arm("PUT", regions.container(FROM), again).status_code == 202
    regions.stage.advance(120)
    assert regions.stage.arm("GET", path).json()["properties"] == properties
    other = {**sent, "targetProtectionContainerId": regions.container(FROM)}
    assert regions.stage.arm("PUT", path, {"properties": other}).status_code == 409


def test_the_containers_are_paired_in_both_directions(regions: Any) -> None:
    found = list(regions.client.replication_protection_container_mappings.list(GROUP, VAULT))
    assert {each.properties.target_fabric_friendly_name for each in found} == {"North Europe", "West Europe"}
    assert {each.properties.provider_specific_details.agent_auto_update_status for each in found} == {"Disabled"}
    held = regions.client.replication_protection_containers.list(GROUP, VAULT)
    assert {each.properties.pairing_status for each in held} == {"Paired"}


def test_a_network_mapping_keeps_its_own_case_and_tells_its_networks_in_lower_case(regions: Any) -> None:
    found = next(iter(regions.client.replication_network_mappings.list(GROUP, VAULT)))
    assert found.name == "Source-To-Target"
    assert found.id.startswith("/Subscriptions/")
    assert found.id.endswith("/replicationNetworkMappings/Source-To-Target")
    properties = found.properties
    assert properties.primary_network_id == properties.primary_network_id.lower()
    assert properties.recovery_network_id == properties.recovery_network_id.lower()
    assert (properties.primary_network_friendly_name, properties.recovery_network_friendly_name) == (
        "vnet-source",
        "vnet-target",
    )
    assert properties.fabric_specific_settings.recovery_fabric_location == "westeurope"
    networks = regions.client.replication_networks.list_by_replication_fabrics(GROUP, VAULT, FROM)
    assert [each.name for each in networks] == ["azureNetwork"]
    again = regions.client.replication_network_mappings.get(GROUP, VAULT, FROM, "azureNetwork", "SOURCE-to-target")
    assert again.id == found.id
    regions.do(regions.client.replication_network_mappings.begin_delete, FROM, "azureNetwork", "source-to-target")
    assert list(regions.client.replication_network_mappings.list(GROUP, VAULT)) == []


def test_a_container_in_use_stays_and_a_free_one_goes(regions: Any) -> None:
    containers = regions.client.replication_protection_containers
    with pytest.raises(HttpResponseError):
        regions.do(containers.begin_delete, FROM, f"{FROM}-container")
    mappings = regions.client.replication_protection_container_mappings
    regions.do(mappings.begin_delete, FROM, f"{FROM}-container", f"{FROM}-pair", {"properties": {}})
    regions.do(containers.begin_delete, FROM, f"{FROM}-container")
    assert list(containers.list_by_replication_fabrics(GROUP, VAULT, FROM)) == []


def test_the_policy_reads_back_as_the_service_writes_it(regions: Any) -> None:
    properties = regions.client.replication_policies.get(GROUP, VAULT, "day").properties.provider_specific_details
    assert (properties.recovery_point_history, properties.crash_consistent_frequency_in_minutes) == (1440, 5)
    assert properties.multi_vm_sync_status == "Enabled"


def test_enabling_takes_seven_minutes_and_the_copy_goes_on_behind_it(regions: Any) -> None:
    disks = [{"name": "web-os", "sizeGb": 127, "osDisk": True}, {"name": "web-data", "sizeGb": 64}]
    body = regions.enable_body(regions.add_vm("web", disks=disks))
    job_id = regions.enable("web", body)
    item = regions.item("web")
    assert (item["protectionState"], item["allowedOperations"]) == ("UnprotectedStatesBegin", [])
    states = {disk["diskState"] for disk in item["providerSpecificDetails"]["protectedManagedDisks"]}
    assert states == {"InitialReplicationPending"}
    regions.stage.advance(430)
    assert regions.stage.job(job_id)["state"] == "Succeeded"
    regions.stage.advance(600)
    item = regions.item("web")
    assert (item["protectionState"], item["allowedOperations"]) == (
        "InitialReplicationInProgress",
        ["DisableProtection"],
    )
    assert 0 < item["providerSpecificDetails"]["monitoringPercentageCompletion"] < 100
    regions.stage.advance(3600)
    item = regions.item("web")
    assert item["protectionState"] == "Protected"
    details = item["providerSpecificDetails"]
    assert (details["monitoringPercentageCompletion"], details["monitoringJobType"]) == (88, "InitialReplication")
    assert {disk["monitoringJobType"] for disk in details["protectedManagedDisks"]} == {None}
    jobs = [row.properties.scenario_name for row in regions.client.replication_jobs.list(GROUP, VAULT)]
    assert jobs[:3] == ["SecondaryIrCompletion", "PrimaryIrCompletion", "EnableDr"]


def test_an_item_names_both_regions_its_disks_and_its_network(regions: Any) -> None:
    regions.protect("web", tags={"app": "shop"})
    found = regions.client.replication_protected_items.get(GROUP, VAULT, FROM, f"{FROM}-container", "web").properties
    assert (found.primary_fabric_friendly_name, found.recovery_fabric_friendly_name) == ("North Europe", "West Europe")
    assert found.recovery_fabric_id.endswith(f"/replicationFabrics/{TO}")
    assert found.recovery_container_id.lower() == regions.container(TO).lower()
    details = found.provider_specific_details
    assert details.fabric_object_id == f"{SOURCE_RG}/providers/Microsoft.Compute/virtualMachines/web".lower()
    assert (details.primary_fabric_location, details.recovery_fabric_location) == ("northeurope", "westeurope")
    assert details.selected_recovery_azure_network_id.endswith("/vnet-target")
    assert details.vm_nics[0].ip_configs[0].recovery_subnet_name == "default"
    disk = details.protected_managed_disks[0]
    assert (disk.disk_state, disk.primary_staging_azure_storage_account_id) == ("Protected", CACHE)
    assert disk.recovery_replica_disk_id.endswith("/disks/web-os-ASRReplica")
    assert disk.recovery_orignal_target_disk_id is None
    assert details.rpo_in_seconds <= 300


def test_a_listing_shows_items_as_they_are_read(regions: Any) -> None:
    regions.protect("web")
    rows = regions.stage.arm("GET", f"{VAULT_ID}/replicationProtectedItems").json()["value"]
    assert rows == [regions.stage.arm("GET", regions.path("web")).json()]


def test_two_vms_of_one_name_are_replicated_side_by_side(regions: Any) -> None:
    first = regions.add_vm("web")
    second = regions.add_vm("web", resourceGroup="rg-other")
    regions.enable("web-1", regions.enable_body(first))
    regions.enable("web-2", regions.enable_body(second))
    with pytest.raises(HttpResponseError):
        regions.enable("web-3", regions.enable_body(second))


def test_an_enable_call_that_lacks_something_is_refused(regions: Any) -> None:
    vm_id = regions.add_vm("web")
    for change in (
        {"fabricObjectId": ""},
        {"fabricObjectId": f"{SOURCE_RG}/providers/Microsoft.Compute/virtualMachines/nobody"},
        {"recoveryContainerId": ""},
        {"recoveryContainerId": f"{VAULT_ID}/replicationFabrics/{TO}/replicationProtectionContainers/other"},
        {"recoveryResourceGroupId": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/none"},
        {"vmManagedDisks": []},
        {"vmManagedDisks": [{"diskId": "/x"}]},
    ):
        with pytest.raises(HttpResponseError) as problem:
            regions.enable("web", {"properties": properties_of(regions.enable_body(vm_id), change)})
        assert problem.value.status_code == 400, change
    assert list(regions.client.replication_protected_items.list(GROUP, VAULT)) == []


def properties_of(body: Any, change: Any) -> Any:
    properties = body["properties"]
    return {**properties, "providerSpecificDetails": {**properties["providerSpecificDetails"], **change}}


def test_the_cache_account_lies_in_the_region_of_the_source(regions: Any) -> None:
    body = regions.enable_body(regions.add_vm("web"))
    for account in (f"{TARGET_RG}/providers/Microsoft.Storage/storageAccounts/backcache", "/none"):
        disk = body["properties"]["providerSpecificDetails"]["vmManagedDisks"][0]
        disk["primaryStagingAzureStorageAccountId"] = account
        with pytest.raises(HttpResponseError, match="cache storage account"):
            regions.enable("web", body)


def test_a_vm_of_another_region_and_one_with_unmanaged_disks_are_refused(regions: Any) -> None:
    for name, more in (("far", {"region": "eastus"}), ("old", {"unmanagedDisks": True})):
        with pytest.raises(HttpResponseError):
            regions.enable(name, regions.enable_body(regions.add_vm(name, **more)))


def test_a_vault_in_the_region_of_the_source_protects_nothing(regions: Any) -> None:
    container = regions.container(FROM)
    swapped = regions.enable_body(regions.add_vm("web", region="westeurope"), recoveryContainerId=container)
    create = regions.client.replication_protected_items.begin_create
    with pytest.raises(HttpResponseError, match="region"):
        regions.stage.job_id(create, TO, f"{TO}-container", "web", swapped)


def test_what_is_wrong_with_a_vm_fails_its_enabling_by_code(regions: Any) -> None:
    wrong: dict[str, dict[str, Any]] = {
        "151066": {"connectivity": "root-certificates"},
        "151195": {"connectivity": "dns"},
        "150019": {"provisioningState": "Failed"},
        "150039": {"disks": [{"name": "raw", "sizeGb": 4, "osDisk": True, "initialised": False}]},
        "150010": {"ineligible": [{"code": "150010", "message": "no"}]},
    }
    begun = {code: regions.enable(code, regions.enable_body(regions.add_vm(code, **wrong[code]))) for code in wrong}
    for code, job_id in begun.items():
        job = regions.stage.finish(job_id)
        assert job["errors"][0]["serviceErrorDetails"]["code"] == code
        item = regions.item(code)
        assert (item["protectionState"], item["allowedOperations"]) == ("EnablingFailed", ["DisableProtection"])
        assert [each["errorCode"] for each in item["healthErrors"]] == [code]


def test_a_vm_that_is_off_fails_its_enabling_and_the_item_must_be_removed(regions: Any) -> None:
    job = regions.stage.finish(regions.enable("web", regions.enable_body(regions.add_vm("web", power="deallocated"))))
    assert job["errors"][0]["serviceErrorDetails"]["code"] == "150019"
    remove = regions.client.replication_protected_items.begin_delete
    regions.do(remove, FROM, f"{FROM}-container", "web", {"properties": {}})
    assert regions.stage.arm("GET", regions.path("web")).status_code == 404


def test_a_target_region_without_room_fails_enabling_with_150097(regions: Any) -> None:
    regions.stage.ask("POST", "/control/quotas", {"location": "westeurope", "name": "cores", "limit": 1})
    job = regions.stage.finish(regions.enable("web", regions.enable_body(regions.add_vm("web"))))
    assert job["errors"][0]["serviceErrorDetails"]["code"] == "150097"


def test_a_size_that_the_target_region_lacks_becomes_the_nearest(regions: Any) -> None:
    regions.stage.ask("POST", "/control/quotas", {"location": "westeurope", "missingSizes": ["Standard_D2s_v5"]})
    regions.protect("web")
    chosen = regions.item("web")["providerSpecificDetails"]["recoveryAzureVMSize"]
    assert chosen != "Standard_D2s_v5"
    assert (SIZES[chosen.lower()].cores, SIZES[chosen.lower()].memory_gb) == (2, 8)


@pytest.mark.parametrize(
    ("size", "why"),
    [
        ("Standard_D2ps_v5", "CPU architecture"),
        ("Standard_D2_v3", "storage account type Premium_LRS"),
        ("Standard_DC2as_v5", "Hypervisor Generation"),
    ],
)
def test_a_size_that_cannot_run_the_vm_fails_its_test_failover(regions: Any, size: str, why: str) -> None:
    regions.protect("web")
    items = regions.client.replication_protected_items
    sent = {"recoveryAzureVMSize": size, "providerSpecificDetails": {"instanceType": "A2A"}}
    regions.do(items.begin_update, FROM, f"{FROM}-container", "web", {"properties": sent})
    assert why in str(regions.fail_over("web")["errors"])


def test_points_that_stop_coming_are_told_as_153007(regions: Any) -> None:
    regions.protect("web")
    regions.stage.ask("POST", "/control/faults", {"kind": "no-recovery-points", "match": "web", "times": None})
    regions.stage.advance(7200)
    item = regions.item("web")
    assert item["replicationHealth"] == "Critical"
    assert "153007" in {each["errorCode"] for each in item["healthErrors"]}


def test_replication_stands_while_its_vm_is_off(regions: Any) -> None:
    regions.protect("web")
    vm_id = regions.item("web")["providerSpecificDetails"]["fabricObjectId"]
    regions.stage.arm("POST", f"{vm_id}/deallocate?api-version=2024-07-01")
    regions.stage.advance(1800)
    before = regions.item("web")["providerSpecificDetails"]["rpoInSeconds"]
    assert before > 1200
    regions.stage.arm("POST", f"{vm_id}/start?api-version=2024-07-01")
    regions.stage.advance(900)
    assert regions.item("web")["providerSpecificDetails"]["rpoInSeconds"] < 600


def test_eligibility_is_read_under_the_vm_itself(regions: Any) -> None:
    regions.add_vm("web")
    regions.add_vm("bad", ineligible=[{"code": "150010", "message": "not supported", "recommendedAction": "upgrade"}])
    results = regions.client.replication_eligibility_results
    fine = results.get("rg-source", "web")
    assert (fine.name, fine.properties.errors) == ("default", [])
    assert fine.properties.client_request_id
    refused = results.list("rg-source", "bad").value[0].properties.errors[0]
    assert (refused.code, refused.message, refused.recommended_action) == ("150010", "not supported", "upgrade")
    with pytest.raises(HttpResponseError) as problem:
        results.get("rg-source", "nobody")
    assert problem.value.status_code == 404


def test_operating_systems_of_this_provider_are_told(regions: Any) -> None:
    found = regions.client.supported_operating_systems.get(GROUP, VAULT, instance_type="A2A")
    assert [each.instance_type for each in found.properties.supported_os_list] == ["A2A"]
