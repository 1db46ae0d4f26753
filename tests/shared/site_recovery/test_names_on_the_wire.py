"""Every name that we read or write is one that Microsoft's own models know: a typo would read as "not known"."""

from typing import Any

import pytest
from azure.mgmt.recoveryservicessiterecovery import models

from shared.site_recovery import (
    a2a,
    configuration_server,
    fabrics,
    hyperv,
    hyperv_replica_azure,
    in_mage_azure_v2,
    inmage_rcm,
    items,
    jobs,
    mappings,
    migration_items,
    operating_systems,
    plan_actions,
    plan_groups,
    policies,
    provider,
    recovery_plans,
    recovery_points,
    regions,
    vmware_cbt,
    wire,
)
from shared.site_recovery.provider import PolicySettings, ReplicationSource, ReplicationTarget, SourceDisk

# named by us: which part of an appliance it is, all its parts, the accounts of a configuration server
OURS = {"kind", "components", "accounts"}
VIEWS = [
    (fabrics.Component, "ProcessServerDetails"),
    (fabrics.Fabric, "Fabric FabricProperties"),
    (fabrics.FabricDetails, "InMageRcmFabricSpecificDetails AzureFabricSpecificDetails"),
    (fabrics.Container, "ProtectionContainer ProtectionContainerProperties"),
    (fabrics.RegisteredAppliance, "InMageRcmApplianceDetails"),
    (wire.HealthError, "HealthError"),
    (policies.ReplicationPolicy, "Policy PolicyProperties"),
    (mappings.Mapping, "ProtectionContainerMapping ProtectionContainerMappingProperties"),
    (items.Item, "ReplicationProtectedItem ReplicationProtectedItemProperties"),
    (items.Scenario, "CurrentScenarioDetails"),
    (jobs.Job, "Job JobProperties"),
    (jobs.JobTask, "ASRTask"),
    (jobs.JobError, "JobErrorDetails"),
    (jobs.ServiceError, "ServiceError ProviderError"),
    (recovery_points.RecoveryPoint, "RecoveryPoint RecoveryPointProperties"),
    (recovery_plans.RecoveryPlan, "RecoveryPlan RecoveryPlanProperties"),
    (plan_groups.Group, "RecoveryPlanGroup"),
    (plan_groups.PlannedItem, "RecoveryPlanProtectedItem"),
    (plan_actions.PlanAction, "RecoveryPlanAction"),
    (
        plan_actions.ActionDetails,
        "RecoveryPlanManualActionDetails RecoveryPlanAutomationRunbookActionDetails RecoveryPlanScriptActionDetails",
    ),
    (jobs.TaskDetails, "ManualActionTaskDetails"),
    (operating_systems.OperatingSystem, "SupportedOSDetails"),
    (operating_systems.Version, "OSVersionWrapper"),
    (regions.RegionNetworkMapping, "NetworkMapping NetworkMappingProperties"),
    (provider.ReplicatedDisk, "InMageRcmProtectedDiskDetails"),
    (configuration_server._Details, "VMwareDetails"),  # noqa: SLF001 - how its fabric is read
    (configuration_server._Server, "ProcessServer MasterTargetServer"),  # noqa: SLF001 - how its servers are read
    (configuration_server._Account, "RunAsAccount"),  # noqa: SLF001 - how its accounts are read
    (hyperv._Host, "RecoveryServicesProvider RecoveryServicesProviderProperties"),  # noqa: SLF001 - how hosts are read
    (hyperv.HyperVMachine, "ProtectableItem ProtectableItemProperties HyperVVirtualMachineDetails"),
    (hyperv.VirtualDisk, "DiskDetails"),
    (hyperv.HyperVOs, "OSDetails"),
]
HYPERV = hyperv_replica_azure.HyperVReplicaAzure()
RCM, V2A, CBT = inmage_rcm.InMageRcm(), in_mage_azure_v2.InMageAzureV2(), vmware_cbt.VMwareCbt()
GATEWAY = vmware_cbt.Gateway(**dict.fromkeys(vmware_cbt.Gateway.model_fields, "x"))
NIC = provider.ReplicatedNic(
    **{name: "x" for name, field in provider.ReplicatedNic.model_fields.items() if field.annotation is str}
)
DISK = provider.DiskPlacement(disk_id="d", name="n", disk_type="Premium_LRS", encryption_set_id="e")
FULL = ReplicationTarget(
    **{
        name: {"a": "b"} if "tags" in name else "x"
        for name in ReplicationTarget.model_fields
        if name not in ("nics", "disks")
    },
    nics=(NIC,),
    disks=(DISK,),
)
WHOLE = FULL.replace(disks=())
OWN = tuple(SourceDisk(id=each, type="t") for each in ("x", "y"))
SOURCE = ReplicationSource(
    **{name: "x" for name in ReplicationSource.model_fields if name not in ("disks", "auto_resync")}, disks=OWN
)
A2A = a2a.AzureToAzure()
BODIES = [
    (RCM.policy(PolicySettings()), "InMageRcmPolicyCreationInput"),
    (RCM.mapping(), "ReplicationProviderSpecificContainerMappingInput"),
    (RCM.enable(SOURCE, FULL), "InMageRcmEnableProtectionInput"),
    (RCM.enable(SOURCE, WHOLE)["disksDefault"], "InMageRcmDisksDefaultInput"),
    (RCM.enable(SOURCE, FULL)["disksToInclude"][0], "InMageRcmDiskInput"),
    (RCM.enable(SOURCE, FULL)["targetVmTags"][0], "UserCreatedResourceTag"),
    (RCM.update(FULL), "UpdateReplicationProtectedItemInputProperties"),
    (RCM.update(FULL)["providerSpecificDetails"], "InMageRcmUpdateReplicationProtectedItemInput"),
    (RCM.update(FULL)["providerSpecificDetails"]["vmNics"][0], "InMageRcmNicInput"),
    (RCM.update(FULL)["providerSpecificDetails"]["vmDisks"][0], "UpdateDiskInput"),
    (RCM.test_failover("n", "p"), "InMageRcmTestFailoverInput"),
    (RCM.failover("p", shut_down=True), "InMageRcmUnplannedFailoverInput"),
    (RCM.plan_failover("Latest"), "RecoveryPlanInMageRcmFailoverInput"),
    (V2A.policy(PolicySettings()), "InMageAzureV2PolicyInput"),
    (V2A.mapping(), "ReplicationProviderSpecificContainerMappingInput"),
    (V2A.enable(SOURCE, FULL), "InMageAzureV2EnableProtectionInput"),
    (V2A.enable(SOURCE, FULL)["disksToInclude"][0], "InMageAzureV2DiskInputDetails"),
    (V2A.update(FULL), "UpdateReplicationProtectedItemInputProperties"),
    (V2A.update(FULL)["providerSpecificDetails"], "InMageAzureV2UpdateReplicationProtectedItemInput"),
    (V2A.update(FULL)["vmNics"][0], "VMNicInputDetails"),
    (V2A.update(FULL)["vmNics"][0]["ipConfigs"][0], "IPConfigInputDetails"),
    (V2A.test_failover("n", "p"), "InMageAzureV2TestFailoverInput"),
    (V2A.failover("p", shut_down=True), "InMageAzureV2UnplannedFailoverInput"),
    (V2A.plan_failover("Latest"), "RecoveryPlanInMageAzureV2FailoverInput"),
    (A2A.policy(PolicySettings()), "A2APolicyCreationInput"),
    (A2A.mapping(), "A2AContainerMappingInput"),
    (A2A.enable(SOURCE, WHOLE), "A2AEnableProtectionInput"),
    (A2A.enable(SOURCE, WHOLE)["vmManagedDisks"][0], "A2AVmManagedDiskInputDetails"),
    (A2A.update(FULL), "UpdateReplicationProtectedItemInputProperties"),
    (A2A.update(FULL)["providerSpecificDetails"], "A2AUpdateReplicationProtectedItemInput"),
    (A2A.update(FULL)["providerSpecificDetails"]["managedDiskUpdateDetails"][0], "A2AVmManagedDiskUpdateDetails"),
    (A2A.test_failover("n", "p"), "A2ATestFailoverInput"),
    (A2A.failover("p", shut_down=True), "A2AUnplannedFailoverInput"),
    (A2A.plan_failover("Latest"), "RecoveryPlanA2AFailoverInput"),
    (V2A.disable(), "InMageDisableProtectionProviderSpecificInput"),
    (HYPERV.policy(PolicySettings()), "HyperVReplicaAzurePolicyInput"),
    (HYPERV.mapping(), "ReplicationProviderSpecificContainerMappingInput"),
    (HYPERV.enable(SOURCE, FULL), "HyperVReplicaAzureEnableProtectionInput"),
    (HYPERV.enable(SOURCE, FULL)["disksToIncludeForManagedDisks"][0], "HyperVReplicaAzureDiskInputDetails"),
    (HYPERV.update(FULL), "UpdateReplicationProtectedItemInputProperties"),
    (HYPERV.update(FULL)["providerSpecificDetails"], "HyperVReplicaAzureUpdateReplicationProtectedItemInput"),
    (HYPERV.test_failover("n", "p"), "HyperVReplicaAzureTestFailoverInput"),
    (HYPERV.failover("p", shut_down=True), "HyperVReplicaAzureUnplannedFailoverInput"),
    (HYPERV.failover("", shut_down=True), "HyperVReplicaAzurePlannedFailoverProviderInput"),
    (HYPERV.plan_failover("Latest"), "RecoveryPlanHyperVReplicaAzureFailoverInput"),
    (CBT.policy(PolicySettings()), "VMwareCbtPolicyCreationInput"),
    (CBT.mapping_through(GATEWAY), "VMwareCbtContainerMappingInput"),
    (CBT.enable(SOURCE, FULL), "VMwareCbtEnableMigrationInput"),
    (CBT.enable(SOURCE, FULL)["disksToInclude"][0], "VMwareCbtDiskInput"),
    (CBT.update(FULL), "UpdateMigrationItemInputProperties"),
    (CBT.update(FULL)["providerSpecificDetails"], "VMwareCbtUpdateMigrationItemInput"),
    (CBT.update(FULL)["providerSpecificDetails"]["vmNics"][0], "VMwareCbtNicInput"),
    (CBT.update(FULL)["providerSpecificDetails"]["vmDisks"][0], "VMwareCbtUpdateDiskInput"),
    (CBT.test_failover("n", "p"), "VMwareCbtTestMigrateInput"),
    (CBT.failover("p", shut_down=True), "VMwareCbtMigrateInput"),
]


def known(names: str) -> set[str]:
    """Give the wire's names of these models of the SDK."""
    made = [getattr(models, name)({}) for name in names.split()]
    return {field._rest_name for model in made for field in model._attr_to_rest_field.values()}  # noqa: SLF001 - its only list


@pytest.mark.parametrize(("view", "names"), VIEWS, ids=lambda value: getattr(value, "__name__", None))
def test_a_view_reads_names_of_the_wire(view: Any, names: str) -> None:
    read = {field.alias or name for name, field in view.model_fields.items()}
    assert read - known(names) - OURS == set()


def test_the_providers_details_are_read_by_names_of_the_wire() -> None:
    own = {field.alias or name for name, field in provider.ReplicationStatus.model_fields.items()}
    shared = known("InMageRcmReplicationDetails")
    assert set(inmage_rcm._READ.values()) <= shared  # noqa: SLF001 - the table of names
    renamed = {"agentVersion", "disks", "replicaDisks", "cards", *inmage_rcm._READ}  # noqa: SLF001 - the table of names
    assert own - renamed - shared == set()


def test_the_details_between_regions_are_read_by_names_of_the_wire() -> None:
    assert set(a2a._READ.values()) <= known("A2AReplicationDetails")  # noqa: SLF001 - as above


def test_the_retired_providers_details_are_read_by_names_of_the_wire() -> None:
    assert set(in_mage_azure_v2._READ.values()) <= known("InMageAzureV2ReplicationDetails")  # noqa: SLF001 - as above


def test_the_details_of_hyperv_are_read_by_names_of_the_wire() -> None:
    read = {name.lower() for name in hyperv_replica_azure._READ.values()}  # noqa: SLF001 - as above
    assert read <= {name.lower() for name in known("HyperVReplicaAzureReplicationDetails")}


def test_a_migration_item_is_read_by_names_of_the_wire() -> None:
    assert set(migration_items._RENAMED.values()) <= known("MigrationItemProperties")  # noqa: SLF001 - as above
    assert set(vmware_cbt._READ.values()) <= known("VMwareCbtMigrationDetails")  # noqa: SLF001 - as above
    assert set(migration_items.STATES) <= {each.value for each in models.MigrationState}
    assert set(migration_items.TESTS) <= {each.value for each in models.TestMigrationState}
    assert set(migration_items.OPERATIONS) <= {each.value for each in models.MigrationItemOperation}


@pytest.mark.parametrize(("body", "name"), BODIES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_body_is_filled_with_names_of_the_wire(body: dict[str, Any], name: str) -> None:
    assert set(body) - known(name) == set()
