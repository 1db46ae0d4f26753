"""Agentless migration of VMware machines (VMwareCbt), with the real client."""

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.recoveryservicessiterecovery import models as m

from tests.local.simulator.site_recovery.agentless import VMS, Agentless, mapping, prepared
from tests.local.simulator.site_recovery.hyperv import GROUP, NETWORK, VAULT


@pytest.fixture
def cbt(bare: Any) -> Agentless:
    return prepared(bare)


def test_a_mapping_needs_storage_account_and_region(cbt: Agentless) -> None:
    pairs = cbt.stage.client.replication_protection_container_mappings
    with pytest.raises(HttpResponseError, match="targetLocation"):
        pairs.begin_create(*cbt.place, "two", mapping(targetLocation=""), polling=cbt.stage.poll())
    found = pairs.get(*cbt.place, "pair").properties.provider_specific_details
    assert isinstance(found, m.VMwareCbtProtectionContainerMappingDetails)
    assert found.target_location == "westeurope"


def test_a_fabric_of_agentless_migration_is_put_and_takes_a_container(bare: Any) -> None:
    details = m.VMwareV2FabricCreationInput(migration_solution_id="/solutions/one", vmware_site_id="/sites/one")
    sent = m.FabricCreationInput(properties=m.FabricCreationInputProperties(custom_details=details))
    fabrics, containers = bare.client.replication_fabrics, bare.client.replication_protection_containers
    made = fabrics.begin_create(GROUP, VAULT, "own", sent, polling=bare.poll()).result()
    assert made.properties.custom_details.vmware_site_id == "/sites/one"
    wanted = m.CreateProtectionContainerInput(
        properties=m.CreateProtectionContainerInputProperties(
            provider_specific_input=[m.VMwareCbtContainerCreationInput()]
        )
    )
    container = containers.begin_create(GROUP, VAULT, "own", "machines", wanted, polling=bare.poll()).result()
    assert (container.name, container.properties.fabric_type) == ("machines", "VMwareV2")


def test_an_item_replicates_and_reads_as_recorded(cbt: Agentless) -> None:
    cbt.replicate(poweredOn=False)
    item = cbt.items.get(*cbt.place, "vm1")
    properties = item.properties
    assert (properties.replication_status, properties.migration_state_description) == (
        "Delta sync",
        "Ready to migrate",
    )
    assert properties.allowed_operations == ["DisableMigration", "TestMigrate", "Migrate", "PauseReplication"]
    # recorded: Normal stands beside an error, and moments that have not come are absent beside a null status
    assert (properties.health, properties.health_errors[0].error_code) == ("Normal", "110084")
    assert "lastTestMigrationTime" not in item["properties"]
    assert item["properties"]["lastTestMigrationStatus"] is None
    details = properties.provider_specific_details
    assert isinstance(details, m.VMwareCbtMigrationDetails)
    assert (details["resyncRequired"], details["performAutoResync"]) == ("false", "false")
    assert [disk.is_os_disk for disk in details.protected_disks] == ["true", "false"]
    assert [disk.target_disk_name for disk in details.protected_disks] == [
        "vm1-azure-OSdisk-00",
        "vm1-azure-datadisk-01",
    ]
    listed = next(iter(cbt.items.list_by_replication_protection_containers(*cbt.place)))
    left_out = {"protectedDisks": [], "vmNics": []}
    recorded = dict(item["properties"]["providerSpecificDetails"])
    assert dict(listed["properties"]["providerSpecificDetails"]) == {**recorded, **left_out}
    jobs = [job.properties.scenario_name for job in cbt.stage.client.replication_jobs.list(GROUP, VAULT)]
    assert {"EnableMigration", "MigrationIrCompletion"} <= set(jobs)


@pytest.mark.parametrize(
    "missing",
    [
        "vmwareMachineId",
        "disksToInclude",
        "dataMoverRunAsAccountId",
        "snapshotRunAsAccountId",
        "targetResourceGroupId",
        "targetNetworkId",
    ],
)
def test_a_required_field_that_is_missing_is_refused(cbt: Agentless, missing: str) -> None:
    body = cbt.body(cbt.discover(), **{missing: None})
    assert cbt.stage.arm("PUT", cbt.path(), body).status_code == 400


def test_disks_must_be_the_machines_with_one_system_disk(cbt: Agentless) -> None:
    body = cbt.body(cbt.discover())
    disks = body["properties"]["providerSpecificDetails"]["disksToInclude"]
    disks[1]["isOSDisk"] = "true"
    assert "Exactly one" in cbt.stage.arm("PUT", cbt.path(), body).text
    disks[1] = {**disks[1], "isOSDisk": "false", "diskId": "6000C298-0000"}
    assert "is not a disk of" in cbt.stage.arm("PUT", cbt.path(), body).text


def test_a_test_migration_shows_its_job_until_it_is_cleaned_up(cbt: Agentless) -> None:
    cbt.replicate()
    job_id = cbt.submit("testMigrate", {"providerSpecificDetails": {"instanceType": "VMwareCbt", "networkId": NETWORK}})
    assert cbt.read()["testMigrateState"] == "TestMigrationInProgress"
    assert cbt.read()["allowedOperations"] == []
    job = cbt.stage.finish(job_id)
    # recorded: the job is a TestMigrate, the item calls it TestFailover
    assert (job["scenarioName"], job["friendlyName"], job["state"]) == ("TestMigrate", "Test migration", "Succeeded")
    item = cbt.read()
    assert (item["testMigrateState"], item["testMigrateStateDescription"]) == (
        "TestMigrationSucceeded",
        "Test clean up pending",
    )
    assert item["allowedOperations"] == ["DisableMigration", "TestMigrateCleanup"]
    assert (item["currentJob"]["jobName"], item["currentJob"]["jobId"].rpartition("/")[2]) == ("TestFailover", job_id)
    assert item["lastTestMigrationTime"] == job["startTime"]
    assert cbt.stage.ask("GET", f"/control/resources?id={VMS}/vm1-azure-test")["name"] == "vm1-azure-test"
    assert cbt.powered_on()
    assert cbt.act("testMigrateCleanup")["state"] == "Succeeded"
    assert cbt.read()["testMigrateState"] == "None"
    assert cbt.read()["currentJob"]["jobName"] == "None"
    assert cbt.stage.control.get(f"/control/resources?id={VMS}/vm1-azure-test").status_code == 404


def test_while_it_is_seeded_the_description_is_that_of_an_initial_replication(cbt: Agentless) -> None:
    cbt.start()
    for _ in range(60):
        item = cbt.read()
        if item["migrationState"] == "InitialSeedingInProgress":
            break
        cbt.stage.advance(60)
    assert item["migrationStateDescription"] == "Initial replication"


def test_after_a_failed_test_all_of_test_clean_up_and_disabling_are_allowed(cbt: Agentless) -> None:
    cbt.replicate()
    cbt.stage.ask("POST", "/control/faults", {"kind": "job-fails", "scenario": "TestMigrate", "code": "28092"})
    sent = {"providerSpecificDetails": {"instanceType": "VMwareCbt", "networkId": NETWORK}}
    job_id = cbt.submit("testMigrate", sent)
    job = cbt.stage.finish(job_id)
    assert job["state"] == "Failed"
    item = cbt.read()
    assert item["testMigrateStateDescription"] == "Test migration pending"
    assert set(item["allowedOperations"]) == {"DisableMigration", "TestMigrate", "TestMigrateCleanup"}
    assert (item["lastTestMigrationStatus"], item["lastTestMigrationTime"]) == ("Failed", job["startTime"])
    assert item["currentJob"]["jobId"].rpartition("/")[2] == job_id, "it goes on naming the job that failed"


def test_a_migration_shuts_down_makes_the_vm_and_is_stopped(cbt: Agentless) -> None:
    cbt.replicate()
    sent = m.MigrateInput(
        properties=m.MigrateInputProperties(provider_specific_details=m.VMwareCbtMigrateInput(perform_shutdown="true"))
    )
    done = cbt.items.begin_migrate(*cbt.place, "vm1", sent, polling=cbt.stage.poll()).result()
    assert (done.properties.migration_state, done.properties.migration_state_description) == (
        "MigrationSucceeded",
        "Migrated",
    )
    assert (done.properties.replication_status, done.properties.last_migration_status) == ("Paused", "Succeeded")
    assert done.properties.allowed_operations == ["DisableMigration", "ResumeReplication"]
    assert not cbt.powered_on()
    vm = cbt.stage.ask("GET", f"/control/resources?id={VMS}/vm1-azure")
    storage = vm["properties"]["storageProfile"]
    assert (storage["osDisk"]["name"], len(storage["dataDisks"])) == ("vm1-azure-OSdisk-00", 1)
    rows = cbt.stage.arm("GET", f"{cbt.site}/machines?api-version=2023-06-06").json()["value"]
    assert rows[0]["properties"]["powerStatus"] == "OFF"
    assert cbt.items.begin_delete(*cbt.place, "vm1", polling=cbt.stage.poll()).result() is None
    with pytest.raises(ResourceNotFoundError):
        cbt.items.get(*cbt.place, "vm1")
    assert cbt.stage.ask("GET", f"/control/resources?id={VMS}/vm1-azure")["name"] == "vm1-azure"


def test_a_migration_without_shutdown_skips_that_task(cbt: Agentless) -> None:
    cbt.replicate()
    job = cbt.act("migrate", {"performShutdown": "false"})
    states = {task["taskId"]: task["stateDescription"] for task in job["tasks"]}
    assert (job["scenarioName"], states["ShutdownVmOnPrimary"]) == ("Migrate", "Skipped")
    assert states["PrepareForInPlaceOSUpgradeTask"] == states["PostMigrationScriptTask"] == "Skipped"
    assert cbt.powered_on()


def test_a_migration_that_cannot_shut_down_fails_and_is_tried_again(cbt: Agentless) -> None:
    cbt.replicate(shutdown="fails")
    assert cbt.act("migrate", {"performShutdown": "true"})["state"] == "Failed"
    assert (cbt.read()["migrationState"], cbt.powered_on()) == ("MigrationFailed", True)
    assert cbt.act("migrate", {"performShutdown": "false"})["state"] == "Succeeded"


def test_replication_is_paused_and_resumed_by_two_jobs(cbt: Agentless) -> None:
    cbt.replicate()
    sent = m.PauseReplicationInput(properties=m.PauseReplicationInputProperties(instance_type="VMwarecbt"))
    paused = cbt.items.begin_pause_replication(*cbt.place, "vm1", sent, polling=cbt.stage.poll()).result()
    assert (paused.properties.migration_state, paused.properties.health) == ("ProtectionSuspended", "None")
    assert paused.properties.allowed_operations == ["DisableMigration", "ResumeReplication"]
    points = cbt.stage.client.migration_recovery_points
    before = list(points.list_by_replication_migration_items(*cbt.place, "vm1"))
    cbt.stage.advance(86400)
    assert cbt.stage.arm("POST", f"{cbt.path()}/migrate", {"properties": {}}).status_code == 400
    assert cbt.act("resumeReplication")["state"] == "Succeeded"
    assert cbt.read()["migrationState"] == "ResumeInitiated"
    cbt.stage.advance(300)
    assert cbt.read()["migrationState"] == "Replicating"
    after = list(points.list_by_replication_migration_items(*cbt.place, "vm1"))
    assert {point.name for point in after} <= {point.name for point in before}
    cbt.stage.advance(3700)
    fresh = next(iter(points.list_by_replication_migration_items(*cbt.place, "vm1")))
    assert (
        points.get(*cbt.place, "vm1", fresh.name).properties.recovery_point_time
        > before[0].properties.recovery_point_time
    )


def test_a_resynchronisation_is_accepted_though_it_is_not_allowed(cbt: Agentless) -> None:
    cbt.replicate()
    assert "StartResync" not in cbt.read()["allowedOperations"]
    job = cbt.act("resync", {"skipCbtReset": "true"})
    assert (job["scenarioName"], job["state"]) == ("MigrationStartResync", "Succeeded")


def test_a_running_item_is_stopped_by_force_only(cbt: Agentless) -> None:
    cbt.replicate()
    cbt.submit("migrate", {"providerSpecificDetails": {"instanceType": "VMwareCbt", "performShutdown": "false"}})
    assert cbt.stage.arm("DELETE", cbt.path()).status_code == 409
    cbt.items.begin_delete(*cbt.place, "vm1", delete_option="force", polling=cbt.stage.poll()).result()
    assert list(cbt.items.list(GROUP, VAULT)) == []


def test_properties_are_changed_before_the_migration(cbt: Agentless) -> None:
    cbt.replicate()
    sent = m.UpdateMigrationItemInput(
        properties=m.UpdateMigrationItemInputProperties(
            provider_specific_details=m.VMwareCbtUpdateMigrationItemInput(
                target_vm_name="web", target_vm_size="Standard_D4s_v5"
            )
        )
    )
    changed = cbt.items.begin_update(*cbt.place, "vm1", sent, polling=cbt.stage.poll()).result()
    assert changed.properties.provider_specific_details.target_vm_name == "web"
    cbt.act("migrate", {"performShutdown": "false"})
    vm = cbt.stage.ask("GET", f"/control/resources?id={VMS}/web")
    assert vm["properties"]["hardwareProfile"]["vmSize"] == "Standard_D4s_v5"
