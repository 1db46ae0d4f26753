"""Protected items: machines that replicate, as Site Recovery sees them.

A machine that replicates without an agent is a migration item; its reference says so, and migration_items.py speaks
for it.

| operation | role action |
| --- | --- |
| get_item | …/replicationProtectionContainers/replicationProtectedItems/read |
| list_items | Microsoft.RecoveryServices/vaults/replicationProtectedItems/read |
| enable, update_item | …/replicationProtectionContainers/replicationProtectedItems/write |
"""

from collections.abc import Container
from typing import Any, Literal

from pydantic import Field, field_validator

from shared.azure import clients
from shared.azure.arm import submit
from shared.azure.refusals import found
from shared.models import Model
from shared.site_recovery import migration_items
from shared.site_recovery.listings import list_raw
from shared.site_recovery.provider import Provider, ReplicationSource, ReplicationStatus, ReplicationTarget
from shared.site_recovery.providers import replication
from shared.site_recovery.vault import VaultRef
from shared.site_recovery.wire import FromWire, HealthError, Moment, segment

IDLE = "none"
COPYING = "InitialReplicationInProgress"
FIRST_POINT = "InitialReplicationRecoveryCompletionPending"  # "Waiting for first recovery point", 20 minutes (recorded)
ItemKind = Literal["replicationProtectedItems", "replicationMigrationItems"]
PROTECTED: ItemKind = "replicationProtectedItems"
MIGRATING: ItemKind = "replicationMigrationItems"
_KINDS: dict[str, ItemKind] = {"VMwareCbt": MIGRATING}


def kind_of(provider: str) -> ItemKind:
    """Give the kind of a provider's items, as the last part of their ids' path names it."""
    return _KINDS.get(provider, PROTECTED)


class ItemRef(Model):
    """Which protected item, or migration item."""

    fabric: str
    container: str
    name: str
    kind: ItemKind = PROTECTED

    @property
    def migrates(self) -> bool:
        """Tell whether it is a migration item."""
        return self.kind == MIGRATING

    @property
    def path(self) -> tuple[str, str, str]:
        """The arguments that follow the vault in every call about an item."""
        return self.fabric, self.container, self.name

    def id(self, vault: VaultRef) -> str:
        """Give the item's ARM id."""
        return (
            f"{vault.id}/replicationFabrics/{self.fabric}"
            f"/replicationProtectionContainers/{self.container}/{self.kind}/{self.name}"
        )


def item_of(arm_id: str) -> ItemRef:
    """Read an item's reference, and of which kind it is, from its ARM id."""
    kind = MIGRATING if segment(arm_id, MIGRATING) else PROTECTED
    return ItemRef(
        fabric=segment(arm_id, "replicationFabrics"),
        container=segment(arm_id, "replicationProtectionContainers"),
        name=segment(arm_id, kind),
        kind=kind,
    )


class Scenario(FromWire):
    """What is going on with an item."""

    scenario_name: str = ""
    job_id: str = ""
    start_time: Moment | None = None


class Item(FromWire):
    """A protected item. Its states are no closed list: judge by prefix, active location and allowed operations."""

    id: str
    name: str
    friendly_name: str = ""
    protection_state: str = ""
    protection_state_description: str = ""
    active_location: str = Field(default="", description="Primary or Recovery")
    allowed_operations: tuple[str, ...] = ()
    replication_health: str = ""
    failover_health: str = ""
    health_errors: tuple[HealthError, ...] = ()
    test_failover_state: str = Field(default="", description="stays MarkedForDeletion after a clean-up (recorded)")
    test_failover_state_description: str = ""
    policy_id: str = ""
    current_scenario: Scenario = Scenario()
    failover_recovery_point_id: str = ""
    last_successful_failover_time: Moment | None = None
    last_successful_test_failover_time: Moment | None = None
    replication: ReplicationStatus = Field(default=ReplicationStatus(), alias="providerSpecificDetails")

    @field_validator("replication", mode="before")
    @classmethod
    def _by_provider(cls, details: Any) -> Any:
        return details if isinstance(details, ReplicationStatus) else replication(details)

    @property
    def ref(self) -> ItemRef:
        """Which item it is."""
        return item_of(self.id)

    @property
    def running_job(self) -> str:
        """Id of the job that has the item, empty when nothing goes on."""
        busy = self.current_scenario.scenario_name.lower() not in ("", IDLE)
        job = segment(self.current_scenario.job_id, "replicationJobs")
        return job if busy and job.lower() != IDLE else ""

    @property
    def protected(self) -> bool:
        """Tell whether the initial replication is through and no failover was made."""
        return self.protection_state == "Protected"

    @property
    def progress(self) -> int | None:
        """Percent of the first copy while it runs, judged by the item's own state; None at all other times.

        Recorded: some providers go on telling the last percentage, and a VM's own state may say "enabling" meanwhile.
        """
        return self.replication.progress if self.protection_state == COPYING else None

    @property
    def awaits_first_point(self) -> bool:
        """Tell whether the copy is through, and Site Recovery makes the first recovery point of it."""
        return self.protection_state == FIRST_POINT

    @property
    def failed_over(self) -> bool:
        """Tell whether the machine lives in Azure now."""
        return self.active_location == "Recovery"

    def allows(self, operation: str) -> bool:
        """Tell whether Site Recovery would take an operation now."""
        return operation.lower() in {each.lower() for each in self.allowed_operations}


def get_item(vault: VaultRef, item: ItemRef) -> Item | None:
    """Give one item in full, or None when it is not (or no longer) protected."""
    if item.migrates:
        body = migration_items.read(vault, item.path)
        return Item.model_validate(body) if body is not None else None
    items = clients.site_recovery(vault.subscription).replication_protected_items
    return found(f"reading item {item.name}", lambda: Item.of(items.get(*vault.place, *item.path)))


def list_items(vault: VaultRef, kind: ItemKind = PROTECTED, only: Container[str] | None = None) -> tuple[Item, ...]:
    """Give every item of a kind in the vault, page by page, without disks (LIST leaves them out, recorded).

    `only` = the ids, in lower case, of those that are of interest: the others are not read.
    """
    raw = migration_items.read_all(vault) if kind == MIGRATING else list_raw(vault, "replicationProtectedItems")
    return tuple(Item.model_validate(each) for each in raw if only is None or str(each["id"]).lower() in only)


class Enabling(Model):
    """What to protect, with which policy, as what."""

    policy_id: str
    source: ReplicationSource
    target: ReplicationTarget


def enable(vault: VaultRef, item: ItemRef, provider: Provider, enabling: Enabling, request: str) -> str:
    """Start protecting a machine; give the job. The job ends long before the initial replication does."""
    details = provider.enable(enabling.source, enabling.target)
    if item.migrates:
        return migration_items.enable(vault, item.path, enabling.policy_id, details, request)
    properties = {
        "policyId": enabling.policy_id,
        "protectableItemId": provider.protectable_item(enabling.source),
        "providerSpecificDetails": details,
    }
    send = clients.site_recovery(vault.subscription).replication_protected_items.begin_create
    body = {"properties": properties}
    return submit(f"enabling replication of {item.name}", request, send, *vault.place, *item.path, body).job


def update_item(vault: VaultRef, item: ItemRef, provider: Provider, target: ReplicationTarget, request: str) -> str:
    """Change what a protected machine becomes; give the job."""
    if item.migrates:
        return migration_items.update(vault, item.path, provider.update(target), request)
    body = {"properties": provider.update(target)}
    send = clients.site_recovery(vault.subscription).replication_protected_items.begin_update
    return submit(f"updating {item.name}", request, send, *vault.place, *item.path, body).job
