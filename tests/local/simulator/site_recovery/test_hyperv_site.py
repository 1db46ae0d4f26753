"""A Hyper-V site without VMM: hosts, protectable items, replication, planned failover, with the real client."""

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.recoveryservicessiterecovery import models as m

from tests.local.simulator.site_recovery.hyperv import ACCOUNT, GROUP, HOST, SITE, TARGET, VAULT, HyperV

VMS = f"{TARGET}/providers/Microsoft.Compute/virtualMachines"
PLANNED = {"failoverDirection": "PrimaryToRecovery", "providerSpecificDetails": {"instanceType": "HyperVReplicaAzure"}}


def test_a_site_is_made_in_a_second_and_is_empty_until_a_host_registers(bare: Any) -> None:
    stage = HyperV(bare)
    stage.create_site()
    fabric = bare.client.replication_fabrics.get(GROUP, VAULT, SITE)
    assert fabric["properties"]["customDetails"] == {"instanceType": "HyperVSite", "hyperVHosts": []}
    containers = bare.client.replication_protection_containers
    assert list(containers.list_by_replication_fabrics(GROUP, VAULT, SITE)) == []
    stage.register_host()
    fabric = bare.client.replication_fabrics.get(GROUP, VAULT, SITE)
    host = fabric["properties"]["customDetails"]["hyperVHosts"][0]
    assert (host["id"], host["name"]) == ("hv1_corp_local", HOST)
    container = next(iter(containers.list_by_replication_fabrics(GROUP, VAULT, SITE)))
    assert container.name == f"cloud_{fabric.properties.internal_identifier}"
    assert (container.properties.fabric_type, container.properties.friendly_name) == ("HyperVSite", SITE)
    provider = next(
        iter(bare.client.replication_recovery_services_providers.list_by_replication_fabrics(GROUP, VAULT, SITE))
    )
    assert provider.properties.connection_status == "Connected"


def test_a_host_that_never_registers_shows_nothing(bare: Any) -> None:
    stage = HyperV(bare)
    stage.create_site()
    bare.ask("POST", "/control/faults", {"kind": "appliance-never-registers", "match": HOST, "times": None})
    stage.register_host()
    fabric = bare.client.replication_fabrics.get(GROUP, VAULT, SITE)
    assert fabric["properties"]["customDetails"]["hyperVHosts"] == []


def test_the_policys_retention_reads_back_under_another_name(site: HyperV) -> None:
    policy = site.stage.client.replication_policies.get(GROUP, VAULT, "hours")
    details = policy.properties.provider_specific_details
    assert isinstance(details, m.HyperVReplicaAzurePolicyDetails)
    assert (details.recovery_point_history_duration_in_hours, details.replication_interval) == (24, 300)
    assert "recoveryPointHistoryDuration" not in details


def test_protectable_items_show_the_disks_by_their_ids(site: HyperV) -> None:
    found = site.add("vm1", osType="Windows", firmware="UEFI")
    details = found.properties.custom_details
    assert isinstance(details, m.HyperVVirtualMachineDetails)
    assert (details.generation, details.hyper_v_host_id) == ("2", "hv1_corp_local")
    assert details.os_details is not None
    assert details.os_details.os_type == "Windows"
    assert details.disk_details is not None
    assert [(disk.vhd_name, disk.max_size_mb) for disk in details.disk_details] == [
        ("vm1-os", 20480),
        ("vm1-data", 10240),
    ]
    assert found.properties.supported_replication_providers == ["HyperVReplicaAzure"]
    protectable = site.stage.client.replication_protectable_items.get(*site.place, found.name)
    assert protectable.properties.protection_status == "Unprotected"


def test_a_machine_is_enabled_and_becomes_protected(site: HyperV) -> None:
    protectable = site.protect()
    item = site.stage.client.replication_protected_items.get(*site.place, "vm1")
    assert item.properties.protected_item_type == "HyperVVirtualMachine"
    assert item.properties.protectable_item_id == protectable.id
    assert item.properties.allowed_operations == [
        "PlannedFailover",
        "UnplannedFailover",
        "DisableProtection",
        "TestFailover",
    ]
    details = item.properties.provider_specific_details
    assert isinstance(details, m.HyperVReplicaAzureReplicationDetails)
    assert details.azure_vm_disk_details is not None
    assert [disk.vhd_type for disk in details.azure_vm_disk_details] == ["OperatingSystem", "DataDisk"]
    assert details.rpo_in_seconds is not None
    assert details.rpo_in_seconds <= 300
    again = site.stage.client.replication_protectable_items.get(*site.place, protectable.name)
    assert again.properties.replication_protected_item_id == item.id


def test_enabling_needs_the_protectable_item_and_disks_of_the_machine(site: HyperV) -> None:
    protectable = site.add()
    items = site.stage.client.replication_protected_items
    body = site.enable_body(protectable, vhdId="11111111-1111-1111-1111-111111111111")
    with pytest.raises(HttpResponseError, match="is not a disk of the machine"):
        items.begin_create(*site.place, "vm1", body, polling=site.stage.poll())
    body = site.enable_body(protectable)
    body["properties"]["protectableItemId"] = ""
    with pytest.raises(HttpResponseError, match="protectable item"):
        items.begin_create(*site.place, "vm1", body, polling=site.stage.poll())


def test_enabling_fails_with_the_code_of_the_host(site: HyperV) -> None:
    protectable = site.add()
    site.stage.ask("POST", "/control/faults", {"kind": "job-fails", "scenario": "EnableDr", "code": "70094"})
    job = site.enable(protectable)
    error = job["errors"][0]
    assert (error["serviceErrorDetails"]["code"], error["providerErrorDetails"]["errorCode"]) == ("70094", 31389)
    assert "0x80004005" in error["providerErrorDetails"]["errorMessage"]
    assert site.item()["protectionState"] == "EnablingFailed"


def test_a_planned_failover_shuts_down_loses_nothing_and_is_completed(site: HyperV) -> None:
    site.protect()
    job = site.act("plannedFailover", PLANNED)
    assert (job["scenarioName"], job["friendlyName"], job["state"]) == (
        "PlannedFailover",
        "Planned failover",
        "Succeeded",
    )
    assert [task["taskId"] for task in job["tasks"]] == [
        "PlannedFailoverPreflightChecksTask",
        "ShutdownVmOnPrimary",
        "PrepareForFailoverTask",
        "FailoverTask",
        "StartVmOnSecondary",
    ]
    off = next(task["endTime"] for task in job["tasks"] if task["taskId"] == "ShutdownVmOnPrimary")
    assert job["customDetails"]["protectedItemDetails"][0]["recoveryPointTime"] > off
    assert not site.powered_on()
    item = site.item()
    assert (item["activeLocation"], item["protectionState"]) == ("Recovery", "CommitPendingStatesBegin")
    assert "CompleteMigration" in item["allowedOperations"]
    assert site.stage.ask("GET", f"/control/resources?id={VMS}/vm1")["name"] == "vm1"

    items = site.stage.client.replication_protected_items
    done = m.DisableProtectionInput(
        properties=m.DisableProtectionInputProperties(disable_protection_reason="MigrationComplete")
    )
    assert items.begin_delete(*site.place, "vm1", done, polling=site.stage.poll()).result() is None
    with pytest.raises(ResourceNotFoundError):
        items.get(*site.place, "vm1")


def test_a_machine_that_cannot_be_shut_down_stays_protected(site: HyperV) -> None:
    site.protect(shutdown="fails")
    job = site.act("plannedFailover", PLANNED)
    assert job["state"] == "Failed"
    assert "could not be shut down" in job["errors"][0]["serviceErrorDetails"]["message"]
    assert site.powered_on()
    assert site.item()["protectionState"] == "Protected"
    assert site.stage.control.get(f"/control/resources?id={VMS}/vm1").status_code == 404


def test_a_last_synchronisation_that_fails_leaves_the_item_protected_and_the_source_off(site: HyperV) -> None:
    site.protect()
    fault = {"kind": "job-fails", "scenario": "PlannedFailover", "task": "PrepareForFailoverTask"}
    site.stage.ask("POST", "/control/faults", fault)
    assert site.act("plannedFailover", PLANNED)["state"] == "Failed"
    assert (site.item()["protectionState"], site.powered_on()) == ("Protected", False)


def test_a_planned_failover_is_cancelled_before_it_is_committed(site: HyperV) -> None:
    site.protect()
    site.act("plannedFailover", PLANNED)
    assert site.act("failoverCancel")["state"] == "Succeeded"
    assert site.item()["protectionState"] == "Protected"
    assert site.stage.control.get(f"/control/resources?id={VMS}/vm1").status_code == 404


def test_an_unplanned_failover_works_without_the_source_and_is_committed(site: HyperV) -> None:
    site.protect()
    site.stage.ask("PATCH", "/control/machines/vm1", {"poweredOn": False})
    details = {"failoverDirection": "PrimaryToRecovery", "sourceSiteOperations": "NotRequired", **PLANNED}
    assert site.act("unplannedFailover", details)["state"] == "Succeeded"
    assert site.item()["protectionState"] == "UnplannedFailoverCommitPendingStatesBegin"
    assert site.act("failoverCommit")["state"] == "Succeeded"
    assert "CompleteMigration" in site.item()["allowedOperations"]


def test_a_test_failover_makes_a_vm_and_cleans_it_up(site: HyperV) -> None:
    site.protect()
    network = site.enable_body(site.add("other"))["properties"]["providerSpecificDetails"]["targetAzureNetworkId"]
    test = {"networkType": "VmNetworkAsInput", "networkId": network, **PLANNED}
    job = site.act("testFailover", test)
    assert job["state"] == "Succeeded"
    assert site.item()["lastSuccessfulTestFailoverTime"] == job["startTime"]
    assert site.item()["failoverRecoveryPointId"], "recorded: set by a test failover, too"
    assert site.powered_on()
    assert site.stage.ask("GET", f"/control/resources?id={VMS}/vm1-test")["name"] == "vm1-test"
    assert site.act("testFailoverCleanup", {"comments": "fine"})["state"] == "Succeeded"
    assert site.item()["testFailoverState"] == "MarkedForDeletion"
    # recorded: a planned failover is accepted in that state
    assert site.act("plannedFailover", PLANNED)["state"] == "Succeeded"


def test_only_the_chosen_disks_are_replicated_and_properties_are_changed(site: HyperV) -> None:
    protectable = site.add()
    chosen = protectable["properties"]["customDetails"]["diskDetails"][0]["vhdId"]
    managed = [{"diskId": chosen, "logStorageAccountId": ACCOUNT, "diskType": "Premium_LRS"}]
    assert site.enable(protectable, disksToIncludeForManagedDisks=managed)["state"] == "Succeeded"
    while site.item()["protectionState"] != "Protected":
        site.stage.advance(300)
    body = {"properties": {"recoveryAzureVMName": "web", "recoveryAzureVMSize": "Standard_D4s_v5"}}
    items = site.stage.client.replication_protected_items
    items.begin_update(*site.place, "vm1", body, polling=site.stage.poll()).result()
    site.act("plannedFailover", PLANNED)
    vm = site.stage.ask("GET", f"/control/resources?id={VMS}/web")
    assert vm["properties"]["hardwareProfile"]["vmSize"] == "Standard_D4s_v5"
    storage = vm["properties"]["storageProfile"]
    assert (storage["osDisk"]["managedDisk"]["storageAccountType"], storage["dataDisks"]) == ("Premium_LRS", [])
