"""The watcher of the vault, ticked by hand."""

from shared import waits
from shared.requests import Listed, Ticked, Watch
from tests.activities.ferry import Ferry
from tests.clouds import VAULT

KEY = waits.watch_key(VAULT.id)


def tick(ferry: Ferry, before: Ticked | None = None) -> Ticked:
    """A tick of the watcher: its first, or the one after another."""
    listed = before.listed if before else Listed()
    ticked = ferry.ask("read_vault", Watch(vault=KEY, now=ferry.cloud.now(), listed=listed))
    assert isinstance(ticked, Ticked)
    return ticked
