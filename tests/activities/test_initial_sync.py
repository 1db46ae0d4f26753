"""Initial sync: settled when a failover would be possible, and not a minute before."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from activities.flow.replication_ready import in_step
from activities.initial_sync import poll_sync
from shared.contracts.requests import Poll
from shared.coordination import operator_intents, waits
from shared.coordination.operator_intents import Control, Intent
from shared.ledger import events, machines
from shared.problems import CloudRefused, Interrupted
from shared.site_recovery.items import Item
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness
from tests.activities.repeating import after_many_deaths, patiently
from tests.activities.watcher import tick
from tests.clouds import VAULT

PHASE = "initial_sync"


@pytest.fixture
def enabled(prepared: MigrationHarness) -> MigrationHarness:
    """A machine that is being copied: it has just begun."""
    prepared.walk("web1", until="enable_replication")
    patiently(prepared, "start_replication", prepared.look("web1", "enable_replication"))
    prepared.ask("enter", prepared.look("web1", PHASE))
    prepared.cloud.later(1_800)
    return prepared


def second(ferry: MigrationHarness) -> Poll:
    """A look after the one that armed the wait."""
    look: Poll = ferry.look("web1", PHASE, turn=2)
    return look.replace(since=look.now - timedelta(minutes=1))


def waiting(ferry: MigrationHarness) -> list[str]:
    return [wait.kind.value for wait in waits.of_watch(waits.watch_key(VAULT.id)) if wait.kind == "protected"]


def test_the_first_look_only_arms_the_wait_and_costs_no_call(enabled: MigrationHarness) -> None:
    enabled.cloud.ask("DELETE", "log")
    assert not poll_sync(enabled.look("web1", PHASE)).settled
    assert waiting(enabled) == ["protected"]
    assert enabled.cloud.log() == []


def test_it_waits_and_shows_how_far_it_is(enabled: MigrationHarness) -> None:
    enabled.cloud.later(600)  # of its first minutes nothing is told
    seen = poll_sync(second(enabled))
    row = enabled.row("web1")
    assert (seen.settled, waiting(enabled)) == (False, ["protected"])
    assert row.percent is not None
    assert "first copy" in row.waiting_for


def test_it_settles_through_all_deaths_once_a_failover_is_possible(
    enabled: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    first = enabled.look("web1", PHASE)
    poll_sync(first)
    enabled.cloud.later(7_200)
    look = first.replace(now=enabled.cloud.now(), event="look:2")
    assert after_many_deaths(dying, lambda: poll_sync(look)).settled
    row = enabled.row("web1")
    assert (row.percent, row.waiting_for, row.eta) == (100.0, "", None)
    assert waiting(enabled) == []


def test_a_copy_that_stood_still_and_is_through_by_the_next_look_is_told_to_have_got_on(
    enabled: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    first = enabled.look("web1", PHASE)
    poll_sync(first)
    machines.change(first, None, stalled=True)
    enabled.cloud.later(7_200)
    look = first.replace(now=enabled.cloud.now(), event="look:2")
    after_many_deaths(dying, lambda: poll_sync(look))

    happened = [each.what for each in events.page(enabled.migration)[0]]
    assert [happened.count("replication-goes-on"), happened.count("in-step")] == [1, 1]


def test_what_a_listing_has_just_shown_is_not_read_again_and_what_it_showed_before_is(
    enabled: MigrationHarness,
) -> None:
    first = enabled.look("web1", PHASE)
    poll_sync(first)
    enabled.cloud.later(7_200)
    announced = [each.event for each in tick(enabled).announcements]
    seen_at = enabled.cloud.now()
    assert first.event in announced
    enabled.cloud.ask("DELETE", "log")

    late = first.replace(now=seen_at + timedelta(hours=1), event="look:3")
    anew = first.replace(since=seen_at, now=seen_at + timedelta(seconds=9), event="look:4")
    for look, calls in ((first.replace(now=seen_at, event="look:2"), 0), (late, 1), (anew, 1)):
        assert poll_sync(look).settled
        assert len(enabled.cloud.log()) == calls
        enabled.cloud.ask("DELETE", "log")


def test_one_whose_enabling_failed_is_told_in_site_recoverys_words(prepared: MigrationHarness) -> None:
    prepared.cloud.fault("job-fails", scenario="EnableDr", code="310056")
    prepared.walk("web1", until="enable_replication")
    patiently(prepared, "start_replication", prepared.look("web1", "enable_replication"))
    prepared.cloud.later(2_400)
    with pytest.raises(CloudRefused) as refused:
        poll_sync(second(prepared))
    assert refused.value.facts.code == "310056"
    assert refused.value.facts.advice


def test_one_that_somebody_removed_or_stopped_is_told(enabled: MigrationHarness) -> None:
    operator_intents.set_intent(
        Control(migration=enabled.migration, machine="web1", intent=Intent.CANCEL, at=enabled.cloud.now())
    )
    with pytest.raises(Interrupted):
        poll_sync(second(enabled))
    operator_intents.set_intent(Control(migration=enabled.migration, machine="web1", at=enabled.cloud.now()))
    gone = enabled.cloud.control.delete(
        f"{enabled.row('web1').item_id}?api-version=2025-08-01", headers={"Authorization": "Bearer x"}
    )
    gone.raise_for_status()
    enabled.cloud.later(60)
    with pytest.raises(CloudRefused, match="not protected any more"):
        poll_sync(second(enabled))


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, True),
        ({"protectionState": "InitialReplicationInProgress"}, False),
        ({"replicationHealth": "Critical"}, False),
        ({"replicationHealth": "Warning"}, True),
        ({"lastRecoveryPointReceived": None}, False),
        ({"resyncRequired": "true"}, False),
    ],
)
def test_protected_is_not_enough(changes: dict[str, Any], wanted: bool) -> None:
    details = {"instanceType": "InMageRcm", "lastRecoveryPointReceived": "2026-11-21T05:00:00Z"}
    raw = {"id": "/a", "name": "a", "protectionState": "Protected", "replicationHealth": "Normal"}
    details |= {
        name: value for name, value in changes.items() if name in ("lastRecoveryPointReceived", "resyncRequired")
    }
    raw |= {name: value for name, value in changes.items() if name not in details}
    assert in_step(Item.model_validate({**raw, "providerSpecificDetails": details})) is wanted
