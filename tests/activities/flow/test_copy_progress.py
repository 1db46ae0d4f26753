"""Progress: percent, estimate, and what is wrong, in plain words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.flow.copy_progress import estimate, tell_progress, waiting_text, worth_a_look_in
from activities.flow.wait_rows import arm
from shared.contracts.watcher import NEAR
from shared.coordination.waits import Wait, WaitKind
from shared.ledger import events
from shared.scheduling.poll_schedule import SELDOM
from shared.site_recovery.items import Item
from tests.activities.migration_harness import MigrationHarness

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def item(percent: int | None = 40, health: str = "InProgress", **more: Any) -> Item:
    details = {
        "instanceType": "InMageRcm",
        "initialReplicationProgressPercentage": percent,
        "initialReplicationProgressHealth": health,
    }
    copying = {"protectionState": "InitialReplicationInProgress"}
    return Item.model_validate({"id": "/a", "name": "a", "providerSpecificDetails": details, **copying, **more})


FIRST_POINT = "InitialReplicationRecoveryCompletionPending"
BETWEEN = {
    "instanceType": "A2A",
    "vmProtectionState": "UnprotectedStatesBegin",
    "monitoringPercentageCompletion": 43,
    "monitoringJobType": "InitialReplication",
}
HOSTED = {
    "instanceType": "HyperVReplicaAzure",
    "vmProtectionState": "UnprotectedStatesBegin",
    "initialReplicationDetails": {"initialReplicationProgressPercentage": "43"},
}


@pytest.mark.parametrize("details", [BETWEEN, HOSTED])
@pytest.mark.parametrize(
    ("state", "percent", "words"),
    [
        ("InitialReplicationInProgress", 43, "the first copy: 43 %"),
        (FIRST_POINT, None, "the first recovery point"),
        ("Protected", None, "protection to be finished"),
    ],
)
def test_the_items_own_state_says_whether_a_percentage_is_of_a_copy_that_runs(
    details: dict[str, Any], state: str, percent: int | None, words: str
) -> None:
    seen = Item.model_validate({"id": "/a", "name": "a", "protectionState": state, "providerSpecificDetails": details})
    assert (seen.progress, words in waiting_text(seen)) == (percent, True)


def test_while_the_first_point_is_made_nothing_is_estimated_of_what_stands_still(enlisted: MigrationHarness) -> None:
    enlisted.stands("web1", phase="initial_sync", percent=64.0)
    wait = arm(enlisted.look("web1", "initial_sync").replace(now=NOON), WaitKind.PROTECTED, "vault.v", subject="/a")
    seen = item(64, protectionState=FIRST_POINT)
    tell_progress({wait: seen}, NOON + HOUR)
    row = enlisted.row("web1")
    assert (row.percent, row.eta) == (100.0, None)
    assert "the copy is through" in row.waiting_for
    assert worth_a_look_in(wait, seen, NOON + HOUR) == SELDOM


def test_a_percentage_that_is_not_told_for_a_while_stays_what_it_was(enlisted: MigrationHarness) -> None:
    enlisted.stands("web1", phase="initial_sync")
    wait = arm(enlisted.look("web1", "initial_sync").replace(now=NOON), WaitKind.PROTECTED, "vault.v", subject="/a")
    shown = []
    for percent, state in (
        (64, "InitialReplicationInProgress"),
        (None, "InitialReplicationInProgress"),
        (64, FIRST_POINT),
        (64, "Protected"),
    ):
        tell_progress({wait: item(percent, protectionState=state)}, NOON + HOUR)
        shown.append(enlisted.row("web1").percent)
    assert shown == [64.0, 64.0, 100.0, 100.0]


@pytest.mark.parametrize(
    ("percent", "now", "end"),
    [
        (25, NOON + HOUR, NOON + 4 * HOUR),
        (50, NOON + HOUR, NOON + 2 * HOUR),
        (0, NOON + HOUR, None),
        (None, NOON + HOUR, None),
        (100, NOON + HOUR, None),
        (50, NOON, None),
    ],
)
def test_the_end_is_estimated_from_the_pace_so_far(percent: int | None, now: datetime, end: datetime | None) -> None:
    assert estimate(NOON, now, percent) == end


@pytest.mark.parametrize(
    ("seen", "passed", "seconds"),
    [
        (item(10), 0.1, SELDOM),  # 54 minutes to go
        (item(90), 0.9, 180),  # six minutes
        (item(98), 0.98, NEAR),  # a minute
        (item(100), 1, NEAR),  # copied, not protected yet
        (item(None), 1, NEAR),
        (item(0), 0.01, NEAR),
        (item(0), 1, SELDOM),
        (item(98, replicationHealth="Critical"), 0.98, SELDOM),
    ],
)
def test_a_first_copy_is_worth_a_look_oftener_towards_its_end(seen: Item, passed: float, seconds: int) -> None:
    wait = Wait(watch="vault.v", id="w", instance="i", event="e", since=NOON)
    assert abs(worth_a_look_in(wait, seen, NOON + passed * HOUR) - seconds) <= 1


def test_what_site_recovery_complains_about_is_told_with_its_codes() -> None:
    errors = [
        {"errorCode": "50011", "errorLevel": "Error", "errorMessage": "no heartbeat"},
        {"errorCode": "1", "errorLevel": "Warning", "errorMessage": "old agent"},
    ]
    assert waiting_text(item(healthErrors=errors)) == "the first copy: 40 %; 50011: no heartbeat"
    assert waiting_text(item(percent=None)) == "protection to be finished"


def stalls(ferry: MigrationHarness) -> list[tuple[str, datetime]]:
    page = events.page(ferry.migration)[0]
    return [(each.what, each.at) for each in page if each.what in ("replication-stalled", "replication-goes-on")]


def test_each_stall_is_an_event_of_its_own_at_the_moment_at_which_it_was_seen(enlisted: MigrationHarness) -> None:
    look = enlisted.look("web1", "initial_sync")
    enlisted.stands("web1", phase="initial_sync")
    wait = arm(look, WaitKind.PROTECTED, "vault.v", subject="/a")
    health = {5: "NoProgress", 10: "NoProgress", 15: "InProgress", 20: "NoProgress"}
    for minutes, symptom in health.items():
        tell_progress({wait: item(health=symptom)}, look.now + timedelta(minutes=minutes))
    row = enlisted.row("web1")
    assert stalls(enlisted) == [
        ("replication-stalled", look.now + timedelta(minutes=5)),
        ("replication-goes-on", look.now + timedelta(minutes=15)),
        ("replication-stalled", look.now + timedelta(minutes=20)),
    ]
    assert (row.percent, row.stalled, "no progress" in row.waiting_for) == (40.0, True, True)
    assert row.eta is not None


def test_a_percentage_that_does_not_move_for_two_hours_is_a_stall_whatever_the_road_says(
    enlisted: MigrationHarness,
) -> None:
    look = enlisted.look("web1", "initial_sync")
    enlisted.stands("web1", phase="initial_sync", moved_at=look.now)
    wait = arm(look, WaitKind.PROTECTED, "vault.v", subject="/a")
    for minutes in (1, 60, 119):
        tell_progress({wait: item(0)}, look.now + timedelta(minutes=minutes))
    assert stalls(enlisted) == []
    tell_progress({wait: item(0)}, look.now + 2 * HOUR)
    assert [what for what, _ in stalls(enlisted)] == ["replication-stalled"]
    assert "no progress for 2 h 0 min" in enlisted.row("web1").waiting_for


def test_a_watcher_that_comes_late_says_nothing_of_a_machine_that_has_gone_on(enlisted: MigrationHarness) -> None:
    look = enlisted.look("web1", "initial_sync")
    wait = arm(look, WaitKind.PROTECTED, "vault.v", subject="/a")
    enlisted.stands("web1", phase="quiesce", waiting_for="a recovery point")
    tell_progress({wait: item(health="NoProgress")}, look.now + HOUR)
    assert (enlisted.row("web1").waiting_for, stalls(enlisted)) == ("a recovery point", [])
