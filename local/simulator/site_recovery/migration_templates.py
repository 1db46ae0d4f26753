"""The job templates of agentless migration (VMwareCbt)."""

from .template_rows import TaskRow, Template, single_task

MIGRATION_TEMPLATES: tuple[Template, ...] = (
    # Agentless migration (VMwareCbt): scenarios, names and the tasks' ids of these are recorded, but for the clean-up's
    # and the resynchronisation's
    Template(
        "TestMigrate",
        "Test migration",
        (
            TaskRow(
                "TestFailoverPreflightChecksTask",
                "VmTfoPrerequisitesCheck",
                "Prerequisites check for test migration",
            ),
            TaskRow("BeginTestFailoverTask", "VmTfoInitiateFailover", "Preparing for test migration"),
            TaskRow("PrepareTestProtectedEntitiesTask", "VmTfoPrepareTestVm", "Creating test virtual machine"),
            TaskRow("BootTestProtectedEntitiesTask", "VmTfoBootTestVm", "Starting test virtual machine"),
        ),
        "PrepareTestProtectedEntitiesTask",
    ),
    Template(
        "TestMigrateCleanup",
        "Test migration cleanup",
        (
            TaskRow(
                "TestFailoverCleanupPreflightChecksTask",
                "VmTfoCleanupPreflightsCheck",
                "Prerequisites check for test migration cleanup",
            ),
            TaskRow("CleanupTestProtectedEntitiesTask", "VmTfoDeleteTestVm", "Clean up the test virtual machine"),
        ),
        "CleanupTestProtectedEntitiesTask",
    ),
    Template(
        "Migrate",
        "Migrate",
        (
            TaskRow(
                "PlannedFailoverPreflightChecksTask", "VmPfoPrerequisitesCheck", "Prerequisites check for migration"
            ),
            TaskRow("ShutdownVmOnPrimary", "VmShutdownVmOnPrimary", "Shut down the virtual machine"),
            TaskRow("PrepareForFailoverTask", "VmPrepareForFailover", "Preparing for migration"),
            TaskRow("PrepareProtectedEntitiesTask", "VmPrepareProtectedEntitiesTask", "Creating Azure virtual machine"),
            TaskRow(
                "PrepareForInPlaceOSUpgradeTask",
                "VmPrepareForInPlaceOSUpgradeTask",
                "Upgrading operating system (OS)",
            ),
            TaskRow(
                "PrepareForTVMConversionTask",
                "VmPrepareForTVMConversionTask",
                "Converting VM security type to Trusted launch",
            ),
            TaskRow("StartVmOnSecondary", "VmFoStartVmOnSecondary", "Starting Azure virtual machine"),
            TaskRow("PostMigrationScriptTask", "VmPostMigrationScriptTask", "Executing the scripts"),
        ),
        "PrepareProtectedEntitiesTask",
    ),
    Template(
        "PauseReplication",
        "Pause replication",
        (
            TaskRow(
                "PauseReplicationPreflightChecksTask",
                "PauseReplicationPreflightChecksTask",
                "Prerequisites check for pause replication",
            ),
            TaskRow("PauseReplicationTask", "PauseReplicationTask", "Starting pause replication"),
        ),
        "PauseReplicationTask",
        cancellable=False,
    ),
    Template(
        "DisableMigration",
        "Stop replication",
        (
            TaskRow("DisableProtectionOnPrimaryTask", "DisableProtectionOnPrimary", "Disabling migration"),
            TaskRow("UpdateDraStateTask", "UpdateDraState", "Updating the provider states"),
        ),
        "DisableProtectionOnPrimaryTask",
    ),
    Template(
        "EnableMigration",
        "Start replication",
        (
            TaskRow(
                "EnableProtectionPreflightChecksTask",
                "EnableProtectionPrerequisitesCheck",
                "Prerequisites check for enabling protection",
            ),
            TaskRow("CreateProtectionTargetTask", "CreateProtectionTarget", "Preparing the replication target"),
            TaskRow("StartInitialReplicationTask", "VmStartInitialReplication", "Starting initial replication"),
            TaskRow("UpdateDraStateTask", "UpdateDraState", "Updating the provider states"),
        ),
        "CreateProtectionTargetTask",
    ),
    single_task("MigrationIrCompletion", "Completing initial replication", "CompleteInitialReplicationTask"),
    Template(
        "ResumeReplication",
        "Resume replication",
        (
            TaskRow(
                "ResumeReplicationPreflightChecksTask",
                "ResumeReplicationPreflightChecksTask",
                "Prerequisites check for resume replication",
            ),
            TaskRow("CancelFailoverRecovery", "CancelFailoverRecovery", "Cancel the migration"),
            TaskRow("ResumeReplicationTask", "ResumeReplicationTask", "Starting resume replication"),
        ),
        "ResumeReplicationTask",
        cancellable=False,
        never=("CancelFailoverRecovery",),
    ),
    single_task("CompleteResume", "Completing resume replication", "CompleteResumeTask"),
    single_task("MigrationStartResync", "Resynchronize replication", "StartResyncTask"),
)
