"""Migration items: machines that replicate without an agent (`VMwareCbt`), told as protected items are told.

Azure Migrate's agentless road has resources, operations and state names of its own. The tables here say what each is
called for a protected item, so that nobody above has to know both.

| operation | role action |
| --- | --- |
| read | …/replicationProtectionContainers/replicationMigrationItems/read |
| read_all | Microsoft.RecoveryServices/vaults/replicationMigrationItems/read |
| enable, update | …/replicationProtectionContainers/replicationMigrationItems/write |
| test, clean_up_test | …/replicationMigrationItems/testMigrate/action, …/testMigrateCleanup/action |
| migrate | …/replicationMigrationItems/migrate/action |
| delete, purge | …/replicationProtectionContainers/replicationMigrationItems/delete |
| read_points | …/replicationMigrationItems/migrationRecoveryPoints/read |
"""

from typing import Any

from shared.azure import clients
from shared.azure.arm import submit
from shared.azure.refusals import asking, found
from shared.site_recovery.vault import VaultRef
from shared.site_recovery.wire import Json, Resource

Path = tuple[str, str, str]  # fabric, container, item

# The SDK's MigrationState. What has no line keeps its name: it is no state that anybody asks for.
STATES = {
    "EnableMigrationInProgress": "UnprotectedStatesBegin",
    "EnableMigrationFailed": "EnablingFailed",
    "DisableMigrationInProgress": "DisablingProtection",
    "DisableMigrationFailed": "DisablingFailed",
    "InitialSeedingInProgress": "InitialReplicationInProgress",
    "InitialSeedingFailed": "InitialReplicationFailed",
    "Replicating": "Protected",
    "MigrationInProgress": "UnplannedFailoverInitiated",
    "MigrationFailed": "UnplannedFailoverFailed",
    "MigrationSucceeded": "UnplannedFailoverCommitted",
    # unknown: assumed to be a machine that runs in Azure, where only something beside it (a script) went wrong
    "MigrationCompletedWithInformation": "UnplannedFailoverCommitted",
    "MigrationPartiallySucceeded": "UnplannedFailoverCommitted",
}
MIGRATED = "UnplannedFailoverCommitted"
# The SDK's TestMigrationState.
TESTS = {
    "TestMigrationInProgress": "TestFailoverInitiated",
    "TestMigrationSucceeded": "TestFailoverCompleted",
    "TestMigrationCompletedWithInformation": "TestFailoverCompleted",
    "TestMigrationPartiallySucceeded": "TestFailoverCompleted",
    "TestMigrationFailed": "TestFailoverFailed",
    "TestMigrationCleanupInProgress": "TestFailoverCleanupInitiated",
}
# The SDK's MigrationItemOperation; the end of a migrated machine's replication completes its migration.
OPERATIONS = {
    "DisableMigration": "DisableProtection",
    "TestMigrate": "TestFailover",
    "TestMigrateCleanup": "TestFailoverCleanup",
    "Migrate": "UnplannedFailover",
}
# The names of an item's current job. Recorded: a test migration's is TestFailover; the others may be either.
JOBS = {
    "EnableMigration": "EnableProtection",
    "DisableMigration": "DisableProtection",
    "TestMigrate": "TestFailover",
    "TestMigrateCleanup": "TestFailoverCleanup",
    "Migrate": "UnplannedFailover",
}
_RENAMED = {
    "friendlyName": "machineName",
    "policyId": "policyId",
    "protectionStateDescription": "migrationStateDescription",
    "replicationHealth": "health",
    "testFailoverStateDescription": "testMigrateStateDescription",
    "lastSuccessfulFailoverTime": "lastMigrationTime",
    "lastSuccessfulTestFailoverTime": "lastTestMigrationTime",
    "providerSpecificDetails": "providerSpecificDetails",
}


def _items(vault: VaultRef) -> Any:
    return clients.site_recovery(vault.subscription).replication_migration_items


def read(vault: VaultRef, path: Path) -> Json | None:
    """Give one item as a protected item would be told, or None when there is none."""
    return found(f"reading item {path[-1]}", lambda: as_protected(_items(vault).get(*vault.place, *path)))


def read_all(vault: VaultRef) -> tuple[Json, ...]:
    """Give every item of the vault, page by page, without disks and cards (LIST leaves them out, recorded)."""
    with asking(f"listing the migration items of {vault.name}"):
        return tuple(as_protected(each) for each in _items(vault).list(*vault.place))


def as_protected(resource: Resource) -> Json:
    """Tell a migration item in the names of a protected item."""
    raw = resource.as_dict()
    properties: Json = raw.get("properties") or {}
    state = STATES.get(str(properties.get("migrationState")), properties.get("migrationState"))
    job: Json = properties.get("currentJob") or {}
    return {
        "id": raw.get("id"),
        "name": raw.get("name"),
        **{ours: properties.get(theirs) for ours, theirs in _RENAMED.items()},
        "protectionState": state,
        "activeLocation": "Recovery" if state == MIGRATED else "Primary",
        "testFailoverState": TESTS.get(str(properties.get("testMigrateState")), properties.get("testMigrateState")),
        "allowedOperations": _allowed(properties.get("allowedOperations") or (), migrated=state == MIGRATED),
        "healthErrors": [_error(each, str(properties.get("health"))) for each in properties.get("healthErrors") or ()],
        "currentScenario": {
            "scenarioName": JOBS.get(str(job.get("jobName")), job.get("jobName")),
            "jobId": job.get("jobId"),
            "startTime": job.get("startTime"),
        },
    }


def _allowed(operations: Any, *, migrated: bool) -> list[str]:
    allowed = [OPERATIONS.get(str(each), str(each)) for each in operations]
    return [*allowed, "CompleteMigration"] if migrated and "DisableProtection" in allowed else allowed


def _error(error: Json, health: str) -> Json:
    """Give an error; beside normal health it is a hint (recorded: `No successful test migration has been done`)."""
    return {**error, "errorLevel": "Warning"} if health == "Normal" else error


def enable(vault: VaultRef, path: Path, policy_id: str, details: Json, request: str) -> str:
    """Start replicating a machine; give the job."""
    body = {"properties": {"policyId": policy_id, "providerSpecificDetails": details}}
    send = _items(vault).begin_create
    return submit(f"enabling replication of {path[-1]}", request, send, *vault.place, *path, body).job


def update(vault: VaultRef, path: Path, properties: Json, request: str) -> str:
    """Change what a machine becomes; give the job."""
    send, body = _items(vault).begin_update, {"properties": properties}
    return submit(f"updating {path[-1]}", request, send, *vault.place, *path, body).job


def test(vault: VaultRef, path: Path, details: Json, request: str) -> str:
    """Start a test VM in an isolated network; give the job."""
    send, body = _items(vault).begin_test_migrate, {"properties": {"providerSpecificDetails": details}}
    return submit(f"testing the migration of {path[-1]}", request, send, *vault.place, *path, body).job


def clean_up_test(vault: VaultRef, path: Path, comment: str, request: str) -> str:
    """Delete the test VM; give the job."""
    send, body = _items(vault).begin_test_migrate_cleanup, {"properties": {"comments": comment}}
    return submit(f"cleaning up the test of {path[-1]}", request, send, *vault.place, *path, body).job


def migrate(vault: VaultRef, path: Path, details: Json, request: str) -> str:
    """Migrate a machine: with its shut-down the last changes are sent after it, so that nothing is lost; give the job."""
    send, body = _items(vault).begin_migrate, {"properties": {"providerSpecificDetails": details}}
    return submit(f"migrating {path[-1]}", request, send, *vault.place, *path, body).job


def delete(vault: VaultRef, path: Path, request: str) -> str:
    """Stop replicating a machine, whether or not it was migrated; what was migrated stays; give the job."""
    return submit(
        f"removing the replication of {path[-1]}", request, _items(vault).begin_delete, *vault.place, *path
    ).job


def purge(vault: VaultRef, path: Path, request: str) -> str:
    """Force the removal as the last resort; give the job."""

    def send(*arguments: Any, **options: Any) -> Any:
        return _items(vault).begin_delete(*arguments, delete_option="force", **options)

    return submit(f"purging {path[-1]}", request, send, *vault.place, *path).job


def read_points(vault: VaultRef, path: Path) -> tuple[Resource, ...]:
    """Give the recovery points; they are not for a migration to choose from, only for a test."""
    points = clients.site_recovery(vault.subscription).migration_recovery_points
    with asking(f"listing the recovery points of {path[-1]}"):
        return tuple(points.list_by_replication_migration_items(*vault.place, *path))
