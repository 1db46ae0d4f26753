"""Without agents: machines are migration items, nothing is lost without a proof, and copies wait where the mapping says."""

from collections.abc import Callable

import pytest

from activities.flow.wait_rows import arm_vault
from shared.contracts.watcher import VaultListings, Watch
from shared.coordination import waits
from shared.coordination.waits import WaitKind
from shared.ledger import events
from shared.ledger.machine_row import Mark
from shared.plan.model import Plan
from shared.problems import CloudRefused, Refused
from shared.roads.agentless import AgentlessRoad
from shared.site_recovery.mappings import Mapping
from shared.sources.vmware.source_adapter import VmwareSide
from tests.activities import premises
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.activities.repeating import effects, patiently, submits_once
from tests.clouds import VAULT

VAULT_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/Kv1"
ROAD = AgentlessRoad(VmwareSide())


def plan(**agentless):
    replication = {"mode": "agentless", "agentless": agentless}
    return Plan.model_validate(plan_of("web1", scenario="vmware-to-azure", replication=replication))


def mapping_input(wanted, *existing):
    return ROAD.mapping_input(wanted, existing)


def test_copies_wait_in_the_plans_cache_account_of_the_targets_region():
    mapping = mapping_input(plan())
    assert mapping["storageAccountId"].endswith("/storageAccounts/stcache")
    assert mapping["targetLocation"] == "westeurope"
    assert "keyVaultId" not in mapping


def test_a_key_vault_of_the_plan_is_named_with_the_secrets_that_azure_migrate_keeps_there():
    mapping = mapping_input(plan(keyVaultId=VAULT_ID))
    assert mapping["keyVaultId"] == VAULT_ID
    assert mapping["keyVaultUri"] == "https://kv1.vault.azure.net"
    assert mapping["storageAccountSasSecretName"] == "stcache-gwySas"


def test_a_gateway_that_is_there_is_kept_as_it_is():
    made = {
        "instanceType": "VMwareCbt",
        "storageAccountId": "/subscriptions/s/x/migrategwsa1",
        "targetLocation": "northeurope",
        "keyVaultId": VAULT_ID,
        "keyVaultUri": "https://other.vault.azure.net",
        "storageAccountSasSecretName": "gateway",
        "serviceBusConnectionStringSecretName": "bus",
    }
    existing = Mapping(id="m", name="containermapping", provider_specific_details=made)
    assert mapping_input(plan(), existing) == made


# --- the road ------------------------------------------------------------------------------------------------------------

ITEM = "*/replicationMigrationItems"


@pytest.fixture
def ready(ferry: MigrationHarness) -> MigrationHarness:
    """Two machines of a vCenter whose plan's own phases are through: Azure Migrate's appliance shows them."""
    document = premises.plan("vmware-to-azure", "web1", "db1") | {"replication": {"mode": "agentless"}}
    premises.begin(ferry, document)
    return ferry


def happened(ferry: MigrationHarness, machine: str) -> list[str]:
    return [each.what for each in events.page(ferry.migration, size=1_000)[0] if each.machine == machine]


def test_a_machine_goes_all_the_way_and_its_migration_is_the_proof(ready: MigrationHarness) -> None:
    ready.walk("web1")
    assert "proof-left-to-failover" in happened(ready, "web1")
    assert not premises.powered(ready, "web1")
    row = ready.row("web1")
    assert (row.item_id, bool(row.mark(Mark.STOPPED)), row.evidence.item.active_location) == ("", True, "Recovery")
    for verb in ("write", "testMigrate/action", "testMigrateCleanup/action", "migrate/action", "delete"):
        assert len(effects(ready, f"{ITEM}/{verb}")) == 1, verb


@pytest.mark.parametrize(
    ("activity", "phase", "verb"),
    [
        ("start_replication", "enable_replication", "write"),
        ("submit_test_failover", "start_test_failover", "testMigrate/action"),
        ("start_failover", "fail_over", "migrate/action"),
        ("start_completion", "complete_migration", "delete"),
    ],
)
def test_what_cannot_be_repeated_is_asked_once_through_all_deaths(
    ready: MigrationHarness, dying: Callable[..., Dying], activity: str, phase: str, verb: str
) -> None:
    ready.walk("web1", until=phase)
    submits_once(ready, dying, activity, ready.look("web1", phase), f"{ITEM}/{verb}")


def test_the_watcher_lists_migration_items_only_where_somebody_waits_for_one(ready: MigrationHarness) -> None:
    ready.walk("web1", until="initial_sync")
    for row in waits.of_watch(waits.watch_key(VAULT.id)):
        waits.disarm(row.watch, row.id)
    arm_vault(ready.look("web1", "initial_sync"), WaitKind.PROTECTED, VAULT, ready.row("web1").item_id)
    ready.cloud.later(600)
    ready.cloud.ask("DELETE", "log")
    ready.ask("read_vault", Watch(vault=waits.watch_key(VAULT.id), now=ready.cloud.now(), listed=VaultListings()))
    listed = (ready.cloud.log("*replicationMigrationItems/read"), ready.cloud.log("*replicationProtectedItems/read"))
    assert [len(each) for each in listed] == [1, 0]


def test_a_migration_that_could_not_shut_the_source_down_leaves_it_running_and_a_retry_asks_again(
    ready: MigrationHarness,
) -> None:
    ready.walk("web1", until="fail_over")
    ready.cloud.ask("PATCH", "machines/web1", {"shutdown": "fails"})
    with pytest.raises(CloudRefused, match="could not be shut down"):
        ready.step("web1", "fail_over")
    assert premises.powered(ready, "web1")
    assert ready.row("web1").item_id
    ready.cloud.ask("PATCH", "machines/web1", {"shutdown": "ok"})
    ready.round = 2
    ready.stands("web1", round=2)
    ready.step("web1", "fail_over")
    assert len(effects(ready, f"{ITEM}/migrate/action")) == 2
    assert not premises.powered(ready, "web1")


def test_an_account_that_the_appliance_does_not_keep_is_refused_before_anything_is_copied(
    ferry: MigrationHarness,
) -> None:
    replication = {"mode": "agentless", "agentless": {"account": "nobody"}}
    premises.begin(ferry, premises.plan("vmware-to-azure", "web1") | {"replication": replication})
    with pytest.raises(Refused, match="keeps no account nobody"):
        patiently(ferry, "start_replication", ferry.look("web1", "enable_replication"))
    assert effects(ferry, f"{ITEM}/write") == []
