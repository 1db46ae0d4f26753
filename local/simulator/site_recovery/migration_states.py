"""The state machines of an agentless migration item (VMwareCbt), as tables; rows marked [R] are recorded."""

from .rows import Action, State, Test

STOP = "DisableMigration"
MIGRATION_ROWS: dict[str, State] = {
    "enabling": State("EnableMigrationInProgress", "Enabling replication"),
    "enabling-failed": State("EnableMigrationFailed", "Replication couldn't be enabled", (STOP,)),
    "initial": State("InitialSeedingInProgress", "Initial replication", (STOP,)),  # [R]
    "finalizing": State("InitialSeedingInProgress", "Initial replication", (STOP,)),
    "protected": State("Replicating", "Ready to migrate", (STOP, "TestMigrate", "Migrate", "PauseReplication")),  # [R]
    "migrating": State("MigrationInProgress", "Migration in progress"),
    # the description is recorded
    "migration-failed": State("MigrationFailed", "Ready to migrate", (STOP, "TestMigrate", "Migrate")),
    # recorded of an item long after its migration; what it shows right behind it stands in no recording: assumed the same
    "migrated": State("MigrationSucceeded", "Migrated", (STOP, "ResumeReplication"), "Recovery"),
    "suspending": State("SuspendingProtection", "Pausing replication"),
    "suspended": State("ProtectionSuspended", "Paused", (STOP, "ResumeReplication")),  # [R]
    "resuming": State("ResumeInProgress", "Resuming replication"),
    "resume-initiated": State("ResumeInitiated", "Resuming replication", (STOP,)),
    "disabling": State("DisableMigrationInProgress", "Stopping replication"),
    "disabling-failed": State("DisableMigrationFailed", "Replication couldn't be stopped", (STOP,)),
}

# What an item shows beside its state: replicationStatus.
REPLICATION = {
    "protected": "Delta sync",  # [R]
    "suspended": "Paused",  # [R]
    "migrated": "Paused",  # as above
    "initial": "Initial replication",
    "finalizing": "Initial replication",
    "resuming": "Resuming",
    "resume-initiated": "Resuming",
    "migrating": "Delta sync",
    "migration-failed": "Delta sync",
}

MIGRATION_TESTS: dict[str, Test] = {
    "none": Test("None", "None"),  # [R]
    "initiated": Test("TestMigrationInProgress", "Test migration in progress", ()),  # [R]
    "completed": Test("TestMigrationSucceeded", "Test clean up pending", (STOP, "TestMigrateCleanup")),  # [R]
    "failed": Test("TestMigrationFailed", "Test migration pending", (STOP, "TestMigrate", "TestMigrateCleanup")),  # [R]
    "cleaning": Test("TestMigrationCleanupInProgress", "Test clean up in progress", ()),
    "cleanup-failed": Test("TestMigrationSucceeded", "Test clean up pending", (STOP, "TestMigrateCleanup")),
}

# recorded: the item calls its test job TestFailover, the job itself is a TestMigrate
MIGRATION_ACTIONS: dict[str, Action] = {
    "testMigrate": Action(
        "TestMigrate", "TestMigrate", "TestFailover", "initiated", "completed", "failed", on_test=True
    ),
    "testMigrateCleanup": Action(
        "TestMigrateCleanup",
        "TestMigrateCleanup",
        "TestFailoverCleanup",
        "cleaning",
        "none",
        "cleanup-failed",
        on_test=True,
    ),
    "migrate": Action("Migrate", "Migrate", "Migrate", "migrating", "migrated", "migration-failed"),
    "pauseReplication": Action(
        "PauseReplication", "PauseReplication", "PauseReplication", "suspending", "suspended", "protected"
    ),
    "resumeReplication": Action(
        "ResumeReplication", "ResumeReplication", "ResumeReplication", "resuming", "resume-initiated", "suspended"
    ),
    # recorded: accepted though it is not in allowedOperations
    "resync": Action("", "MigrationStartResync", "MigrationStartResync"),
    "updateMigration": Action("", "UpdateVmProperties", "UpdateVmProperties"),
}
