"""Job templates: the tasks of each scenario, as recorded (or marked as assumed)."""

from .infrastructure_templates import INFRASTRUCTURE_TEMPLATES
from .migration_templates import MIGRATION_TEMPLATES
from .template_rows import TaskRow, Template, single_task

TEMPLATES: dict[str, Template] = {
    f"{row.scenario}:{row.provider}" if row.provider else row.scenario: row
    for row in (
        *MIGRATION_TEMPLATES,
        Template(
            "EnableDr",
            "Enable replication",
            (
                TaskRow(
                    "EnableProtectionPreflightChecksTask",
                    "EnableProtectionPrerequisitesCheck",
                    "Prerequisites check for enabling protection",
                ),
                TaskRow(
                    "CreateProtectionTargetTask",
                    "CreateProtectionTarget",
                    "Installing Mobility Service and enabling replication",
                ),
                TaskRow("EnableProtectionTask", "EnableProtection", "Enable replication"),
                TaskRow("StartInitialReplicationTask", "VmStartInitialReplication", "Starting initial replication"),
                TaskRow("UpdateDraStateTask", "UpdateDraState", "Updating the provider states"),
            ),
            "CreateProtectionTargetTask",
        ),
        Template(
            "SecondaryIrCompletion",
            "Finalize protection on the recovery virtual machine",
            (
                TaskRow("CompleteInitialReplicationTask", "CompleteInitialReplication", "Complete initial replication"),
                TaskRow(
                    "ReplicaConfigurationPreflightChecksTask",
                    "FailWorkflowOnIRFailureTask",
                    "Prerequisites check for finalizing protection",
                ),
                TaskRow("ReplicaConfigurationTask", "ReplicaConfiguration", "Finalize protection on the replica"),
                TaskRow("UpdateDraStateTask", "UpdateDraState", "Updating the provider states"),
            ),
            "ReplicaConfigurationTask",
        ),
        # unknown: friendly name and task; the scenario is only remembered
        single_task(
            "PrimaryIrCompletion", "Finalize protection on the primary virtual machine", "PrimaryIrCompletionTask"
        ),
        Template(
            "TestFailover",
            "Test failover",
            (
                TaskRow(
                    "TestFailoverPreflightChecksTask",
                    "VmTfoPrerequisitesCheck",
                    "Prerequisites check for test failover",
                ),
                TaskRow("BeginTestFailoverTask", "VmTfoInitiateFailover", "Starting test failover"),
                TaskRow("PrepareTestProtectedEntitiesTask", "VmTfoPrepareTestVm", "Creating test virtual machine"),
                TaskRow("BootTestProtectedEntitiesTask", "VmTfoBootTestVm", "Start the virtual machine"),
            ),
            "PrepareTestProtectedEntitiesTask",
        ),
        Template(
            "TestFailoverCleanup",
            "Test failover cleanup",
            (
                TaskRow(
                    "TestFailoverCleanupPreflightChecksTask",
                    "VmTfoCleanupPreflightsCheck",
                    "Prerequisites check for test failover cleanup",
                ),
                TaskRow("EndTestFailoverTask", "VmTfoEndFailover", "Ending test failover"),
                TaskRow("CleanupTestProtectedEntitiesTask", "VmTfoDeleteTestVm", "Clean up the test virtual machine"),
            ),
            "CleanupTestProtectedEntitiesTask",
        ),
        Template(
            "UnplannedFailover",
            "Failover",
            (
                TaskRow(
                    "UnplannedFailoverPreflightChecksTask",
                    "VmUfoPrerequisitesCheck",
                    "Prerequisites check for failover",
                ),
                TaskRow("ShutdownVmOnPrimaryForUFO", "VmShutdownVmOnPrimary", "Shut down the virtual machine"),
                TaskRow("FailoverTask", "VmFailover", "Start failover"),
                TaskRow("StartVmOnSecondary", "VmFoStartVmOnSecondary", "Starting Azure virtual machine"),
            ),
            "FailoverTask",
        ),
        Template(
            "CommitFailover",
            "Commit",
            (
                TaskRow("", "VmCommitPrerequisitesCheck", "Prerequisite check", "CommitPreflightChecksTask"),
                TaskRow("", "VmCommit", "Commit", "CommitTask"),
            ),
            "CommitTask",
        ),
        # recorded for a Hyper-V site, with its durations
        Template(
            "PlannedFailover",
            "Planned failover",
            (
                TaskRow(
                    "PlannedFailoverPreflightChecksTask",
                    "VmPfoPrerequisitesCheck",
                    "Prerequisites check for planned failover",
                ),
                TaskRow("ShutdownVmOnPrimary", "VmShutdownVmOnPrimary", "Shut down the virtual machine"),
                TaskRow("PrepareForFailoverTask", "VmPrepareForFailover", "Preparing for failover"),
                TaskRow("FailoverTask", "VmFailover", "Start failover"),
                TaskRow("StartVmOnSecondary", "VmFoStartVmOnSecondary", "Start the replica virtual machine"),
            ),
            "FailoverTask",
        ),
        # recorded for a Hyper-V site
        Template(
            "EnableDr",
            "Enable replication",
            (
                TaskRow(
                    "EnableProtectionPreflightChecksTask",
                    "EnableProtectionPrerequisitesCheck",
                    "Prerequisites check for enabling protection",
                ),
                TaskRow("CreateProtectionTargetTask", "CreateProtectionTarget", "Identifying the replication target"),
                TaskRow("EnableProtectionTask", "EnableProtection", "Enable replication"),
                TaskRow("StartInitialReplicationTask", "VmStartInitialReplication", "Starting initial replication"),
                TaskRow("UpdateDraStateTask", "UpdateDraState", "Updating the provider states"),
            ),
            "EnableProtectionTask",
            provider="HyperVReplicaAzure",
        ),
        # unknown from here on: scenario names and tasks are assumed
        single_task("CancelFailover", "Cancel failover", "CancelFailoverTask"),
        single_task("ChangeRecoveryPoint", "Change recovery point", "ChangePitTask"),
        Template(
            "DisableDr",
            "Disable replication",
            (
                TaskRow("DisableProtectionTask", "DisableProtection", "Disable replication"),
                TaskRow("DisableProtectionOnPrimaryTask", "DisableProtectionOnPrimary", "Remove the Mobility service"),
            ),
            "DisableProtectionTask",
        ),
        single_task("PurgeDr", "Remove replication", "PurgeProtectionTask"),
        # recorded: offers no Cancel while it runs, its tasks have GUIDs
        Template(
            "UpdateVmProperties",
            "Update the virtual machine",
            (TaskRow("", "UpdateVmPropertiesTask", "Update the virtual machine properties", "UpdateVmPropertiesTask"),),
            "UpdateVmPropertiesTask",
            cancellable=False,
        ),
        single_task("UpdateMobilityService", "Update mobility service", "UpdateMobilityServiceTask"),
        single_task("ReinstallMobilityService", "Reinstall mobility service", "ReinstallMobilityServiceTask"),
        single_task("RepairReplication", "Resynchronize", "RepairReplicationTask"),
        single_task("ResolveHealthErrors", "Resolve health errors", "ResolveHealthErrorsTask"),
        single_task("AddDisks", "Add disks", "AddDisksTask"),
        single_task("RemoveDisks", "Remove disks", "RemoveDisksTask"),
        single_task("SwitchProtection", "Re-protect", "SwitchProtectionTask"),
        single_task("SwitchAppliance", "Change the appliance", "UpdateApplianceTask"),
        # recorded: making and changing a plan are the same scenario; deleting one is assumed
        Template(
            "SaveRecoveryPlan",
            "Save a recovery plan",
            (TaskRow("", "SaveRecoveryPlanTask", "Save a recovery plan task"),),
            "write",
        ),
        Template(
            "DeleteRecoveryPlan",
            "Delete a recovery plan",
            (TaskRow("", "DeleteRecoveryPlanTask", "Delete a recovery plan task"),),
            "write",
        ),
        single_task("ExportJobs", "Export jobs", "ExportJobsTask"),
        *INFRASTRUCTURE_TEMPLATES,
        single_task("CheckConsistency", "Check consistency", "CheckConsistencyTask"),
        Template(
            "RefreshFabricLayout",
            "Refresh server details",
            (
                TaskRow(
                    "RefreshFabricLayoutPreflightChecksTask",
                    "RefreshFabricLayoutPreflightChecksTask",
                    "Prerequisites check for refresh",
                ),
                TaskRow("RefreshFabricLayoutTask", "RefreshFabricLayoutTask", "Getting details from server"),
            ),
            "RefreshFabricLayoutTask",
        ),
        Template(
            "RefreshVaultHealth",
            "Refresh vault health",
            (TaskRow("RefreshFailoverHealthTask", "RefreshFailoverHealthTask", "Refreshing failover health"),),
            "RefreshFailoverHealthTask",
        ),
        Template(
            "DiscoverPhysicalMachine",
            "Add physical machine",
            (TaskRow("DiscoverPhysicalMachineTask", "DiscoverPhysicalMachineTask", "Adding machine"),),
            "DiscoverPhysicalMachineTask",
            left_open=True,
        ),
        single_task("PairStorageClassifications", "Map storage classifications", "PairStorageClassificationsTask"),
        single_task(
            "UnpairStorageClassifications", "Unmap storage classifications", "UnpairStorageClassificationsTask"
        ),
        single_task("AddVCenter", "Add vCenter server", "AddVCenterTask"),
        single_task("UpdateVCenter", "Update vCenter server", "UpdateVCenterTask"),
        single_task("RemoveVCenter", "Remove vCenter server", "RemoveVCenterTask"),
    )
}


def template_of(scenario: str, provider: str = "") -> Template:
    """Return the template of a scenario: its provider's own, or the one of all."""
    return TEMPLATES.get(f"{scenario}:{provider}") or TEMPLATES[scenario]


# Durations of templates whose keys are named otherwise in durations.py.
SECONDS = {
    "AddProtectionProfile": "policy.create",
    "ModifyProtectionProfile": "policy.update",
    "RemoveProtectionProfile": "policy.delete",
    "AssociateProtectionProfile": "mapping.create",
    "DisassociateProtectionProfile": "mapping.delete",
    "SaveRecoveryPlan": "plan.write",
    "DeleteRecoveryPlan": "plan.write",
    "CreateSite": "fabric.create",
    "DeleteFabric": "fabric.delete",
    "CheckConsistency": "fabric.consistency",
    "CreateCloud": "container.create",
    "RemoveProtectionContainer": "container.create",
    "NetworkPairing": "network.mapping",
    "UnpairNetworks": "network.mapping",
    "DiscoverPhysicalMachine": "container.discover",
    "AddVCenter": "vcenter.write",
    "UpdateVCenter": "vcenter.write",
    "RemoveVCenter": "vcenter.write",
}
