"""What is done to a protected item: drill, failover, commit, completion, end of replication.

Nothing is looked at first in here: callers look (allowed operations, running job) and decide. What a migration item
has another operation for goes to migration_items.py; plans of failovers, commits and points it has none.

| operation | role action under …/replicationProtectedItems |
| --- | --- |
| start_test_failover, clean_up_test_failover | /testFailover/action, /testFailoverCleanup/action |
| fail_over, fail_over_as_planned | /unplannedFailover/action, /plannedFailover/action |
| commit, cancel | /failoverCommit/action, /failoverCancel/action |
| complete_migration, disable | /remove/action |
| purge | /delete |
"""

from typing import Any

from shared.azure import clients
from shared.azure.arm import submit
from shared.site_recovery import migration_items
from shared.site_recovery.items import ItemRef
from shared.site_recovery.provider import Provider
from shared.site_recovery.vault import VaultRef
from shared.site_recovery.wire import Json

FORWARD = "PrimaryToRecovery"


def _items(vault: VaultRef) -> Any:
    return clients.site_recovery(vault.subscription).replication_protected_items


def start_test_failover(
    vault: VaultRef, item: ItemRef, provider: Provider, *, network_id: str, recovery_point_id: str = "", request: str
) -> str:
    """Start a test VM in an isolated network; give the job."""
    details = provider.test_failover(network_id, recovery_point_id)
    if item.migrates:
        return migration_items.test(vault, item.path, details, request)
    properties = {
        "failoverDirection": FORWARD,
        "networkType": "VmNetworkAsInput",
        "networkId": network_id,
        "providerSpecificDetails": details,
    }
    send, body = _items(vault).begin_test_failover, {"properties": properties}
    return submit(f"testing the failover of {item.name}", request, send, *vault.place, *item.path, body).job


def clean_up_test_failover(vault: VaultRef, item: ItemRef, comment: str, request: str) -> str:
    """Delete the test VM; give the job."""
    if item.migrates:
        return migration_items.clean_up_test(vault, item.path, comment, request)
    send, body = _items(vault).begin_test_failover_cleanup, {"properties": {"comments": comment}}
    return submit(f"cleaning up the test of {item.name}", request, send, *vault.place, *item.path, body).job


def fail_over(
    vault: VaultRef, item: ItemRef, provider: Provider, *, shut_down: bool, recovery_point_id: str = "", request: str
) -> str:
    """Fail over to a recovery point (none = the latest); give the job."""
    details = provider.failover(recovery_point_id, shut_down=shut_down)
    if item.migrates:
        return migration_items.migrate(vault, item.path, details, request)
    properties = {
        "failoverDirection": FORWARD,
        "sourceSiteOperations": "Required" if shut_down else "NotRequired",
        "providerSpecificDetails": details,
    }
    send, body = _items(vault).begin_unplanned_failover, {"properties": properties}
    return submit(f"failing over {item.name}", request, send, *vault.place, *item.path, body).job


def fail_over_as_planned(vault: VaultRef, item: ItemRef, provider: Provider, request: str) -> str:
    """Fail over with zero loss: the source is shut down and its last changes are sent first; give the job."""
    body = {
        "properties": {"failoverDirection": FORWARD, "providerSpecificDetails": provider.failover("", shut_down=True)}
    }
    send = _items(vault).begin_planned_failover
    return submit(f"failing over {item.name} as planned", request, send, *vault.place, *item.path, body).job


def commit(vault: VaultRef, item: ItemRef, request: str) -> str:
    """Commit a failover: other recovery points are given up; give the job."""
    send = _items(vault).begin_failover_commit
    return submit(f"committing {item.name}", request, send, *vault.place, *item.path).job


def cancel(vault: VaultRef, item: ItemRef, request: str) -> str:
    """Cancel a failover that has ended and is not committed; one under way must not be (documented); give the job."""
    send = _items(vault).begin_failover_cancel
    return submit(f"cancelling the failover of {item.name}", request, send, *vault.place, *item.path).job


def complete_migration(vault: VaultRef, item: ItemRef, request: str) -> str:
    """Complete the migration: replication is removed, the VM stays, the item is gone; give the job."""
    return _remove(vault, item, {"disableProtectionReason": "MigrationComplete"}, request)


def disable(vault: VaultRef, item: ItemRef, provider: Provider, request: str) -> str:
    """Stop replicating a machine that stays where it is; give the job."""
    properties: Json = {"disableProtectionReason": "NotSpecified"}
    specific = provider.disable()
    return _remove(vault, item, properties | ({"replicationProviderInput": specific} if specific else {}), request)


def _remove(vault: VaultRef, item: ItemRef, properties: Json, request: str) -> str:
    if item.migrates:
        return migration_items.delete(vault, item.path, request)
    send, body = _items(vault).begin_delete, {"properties": properties}
    return submit(f"removing the replication of {item.name}", request, send, *vault.place, *item.path, body).job


def purge(vault: VaultRef, item: ItemRef, request: str) -> str:
    """Force the removal as the last resort: the agent on the source keeps its configuration; give the job."""
    if item.migrates:
        return migration_items.purge(vault, item.path, request)
    return submit(f"purging {item.name}", request, _items(vault).begin_purge, *vault.place, *item.path).job
