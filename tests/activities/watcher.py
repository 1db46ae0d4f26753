"""The watcher of the vault, ticked by hand."""

from shared.contracts.watcher import VaultListings, Watch, WatcherTick
from shared.coordination import waits
from tests.activities.migration_harness import MigrationHarness
from tests.clouds import VAULT

KEY = waits.watch_key(VAULT.id)


def tick(ferry: MigrationHarness, before: WatcherTick | None = None) -> WatcherTick:
    """A tick of the watcher: its first, or the one after another."""
    listed = before.listed if before else VaultListings()
    ticked = ferry.ask("read_vault", Watch(vault=KEY, now=ferry.cloud.now(), listed=listed))
    assert isinstance(ticked, WatcherTick)
    return ticked
