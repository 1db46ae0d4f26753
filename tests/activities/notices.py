"""Who is told in tests of activities: one channel that hears everything, and what stands in the outbox."""

import pytest

from shared.notifications import wake_ups
from shared.notifications.outbox_row import TABLE, Notice
from shared.settings import settings
from tests.activities.migration_harness import MigrationHarness


def listen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have everything told; nothing is sent."""
    for name, value in {
        "CHANNELS": "ops:webhook",
        "TELL": "ops",
        "CHANNEL_OPS_URL": "https://x.example.com",
        "CHANNEL_OPS_KEY": "k",
    }.items():
        monkeypatch.setenv(f"AZFERRY_{name}", value)
    monkeypatch.setattr(wake_ups, "soon", lambda _: None)
    settings.cache_clear()


def notices(ferry: MigrationHarness) -> list[Notice]:
    """What people are to be told, the oldest first."""
    return [row.notice for row in TABLE.of(ferry.migration) if row.notice is not None]


def topics(ferry: MigrationHarness) -> list[tuple[str, str]]:
    """The topic and the machine of each."""
    return sorted((each.topic.value, each.machine) for each in notices(ferry))
