"""Watching a vault: one listing per kind in use serves everybody who waits for something in it."""

from datetime import timedelta
from typing import Any

import pytest

from activities.flow.wait_rows import arm_vault
from shared.contracts.requests import Poll, WakeUps
from shared.contracts.watcher import NEAR, TICKS_PER_HISTORY, WatcherTick
from shared.coordination import waits
from shared.coordination.waits import WaitKind
from shared.models import Announcement
from shared.problems import Busy
from shared.site_recovery.items import list_items
from tests.activities.migration_harness import MigrationHarness
from tests.activities.watcher import KEY, tick
from tests.clouds import VAULT

JOBS, ITEMS = "*replicationJobs/read", "*replicationProtectedItems/read"


@pytest.fixture
def syncing(prepared: MigrationHarness) -> MigrationHarness:
    """Two machines whose replication was just enabled; nobody waits for anything yet but the migration itself."""
    prepared.walk("web1", "db1", until="initial_sync")
    for row in waits.of_watch(KEY):
        if row.instance:
            waits.disarm(KEY, row.id)
    prepared.cloud.ask("DELETE", "log")
    return prepared


def wait_for(ferry: MigrationHarness, machine: str, kind: WaitKind, subject: str, **more: Any) -> Poll:
    look: Poll = ferry.look(machine, "initial_sync")
    arm_vault(look, kind, VAULT, subject, **more)
    return look


def item_id(ferry: MigrationHarness, machine: str) -> str:
    return ferry.row(machine).item_id


def calls(ferry: MigrationHarness, operation: str) -> int:
    return len(ferry.cloud.log(operation))


def test_a_vault_in_which_nobody_waits_is_not_asked_and_its_watcher_ends(ferry: MigrationHarness) -> None:
    assert tick(ferry) == WatcherTick()
    assert ferry.cloud.log() == []


def test_while_the_migration_runs_its_watcher_stays_and_asks_nothing(syncing: MigrationHarness) -> None:
    ticked = tick(syncing)
    assert (ticked.rows, ticked.next, ticked.announcements) == (1, 300, ())
    assert syncing.cloud.log() == []


def test_many_who_wait_for_jobs_cost_one_listing(syncing: MigrationHarness) -> None:
    for number in range(20):
        arm_vault(syncing.look("web1", "fail_over", tag=str(number)), WaitKind.JOB, VAULT, f"job-{number}")
    ticked = tick(syncing)
    assert len(ticked.announcements) == 20
    assert (calls(syncing, JOBS), calls(syncing, ITEMS)) == (1, 0)


def test_who_waits_for_a_running_job_sleeps_on_and_is_woken_when_it_ended(syncing: MigrationHarness) -> None:
    syncing.walk("web1", until="start_test_failover")
    look = syncing.look("web1", "start_test_failover", tag="submit_test_failover")
    job = syncing.ask("submit_test_failover", look).job
    assert tick(syncing).announcements == ()
    syncing.cloud.ends(job)
    announcement = Announcement(instance=look.instance, event=look.event)
    assert tick(syncing).announcements == (announcement,)
    assert tick(syncing).announcements == (announcement,), "its row stays until it has looked"


def test_many_who_wait_for_their_items_cost_one_listing_and_see_progress(syncing: MigrationHarness) -> None:
    syncing.cloud.fault("stalled-replication", match="*", times=None)
    for name in ("web1", "db1"):
        syncing.stands(name, phase="initial_sync")
        wait_for(syncing, name, WaitKind.PROTECTED, item_id(syncing, name))
    syncing.cloud.later(NEAR)
    announced = [each.instance for each in tick(syncing).announcements]
    assert not [each for each in announced if "db1" in each]
    assert (calls(syncing, JOBS), calls(syncing, ITEMS)) == (0, 1)
    assert "the first copy" in syncing.row("db1").waiting_for


def test_a_protected_item_wakes_its_machine_only(syncing: MigrationHarness) -> None:
    syncing.cloud.fault("stalled-replication", match="*db1*", times=None)
    for name in ("web1", "db1"):
        wait_for(syncing, name, WaitKind.PROTECTED, item_id(syncing, name))
    for _ in range(60):
        if any("web1" in item.id and item.protected for item in list_items(VAULT)):
            break
        syncing.cloud.later(600)
    syncing.cloud.later(NEAR)
    announced = [each.instance for each in tick(syncing).announcements]
    assert len(announced) == 1
    assert "web1" in announced[0]


def test_an_item_that_is_gone_wakes_whoever_waits_for_it(syncing: MigrationHarness) -> None:
    for kind in (WaitKind.PROTECTED, WaitKind.ITEM_GONE):
        wait_for(syncing, "web1", kind, f"{VAULT.id}/no/such/item")
    wait_for(syncing, "db1", WaitKind.ITEM_GONE, item_id(syncing, "db1"))
    syncing.cloud.later(NEAR)
    assert len(tick(syncing).announcements) == 2


def test_a_newer_recovery_point_wakes_who_waits_for_one(syncing: MigrationHarness) -> None:
    syncing.walk("web1", until="start_test_failover")
    now = syncing.cloud.now()
    subject = item_id(syncing, "web1")
    wait_for(syncing, "web1", WaitKind.RECOVERY_POINT, subject, threshold=now.isoformat(), urgent=True)
    ticked = tick(syncing)
    assert (ticked.announcements, ticked.next) == ((), 15)
    syncing.cloud.later(900)
    assert len(tick(syncing).announcements) == 1


def test_who_is_not_due_yet_is_not_looked_for(syncing: MigrationHarness) -> None:
    later = syncing.cloud.now() + timedelta(hours=1)
    wait_for(syncing, "web1", WaitKind.JOB, "job-1", not_before=later)
    assert tick(syncing).announcements == ()
    assert syncing.cloud.log() == []
    syncing.cloud.later(3600)
    assert len(tick(syncing).announcements) == 1


def test_a_job_that_is_awaited_does_not_make_the_items_be_listed(syncing: MigrationHarness) -> None:
    syncing.cloud.fault("stalled-replication", match="*", times=None)
    syncing.cloud.later(3600)
    look = wait_for(syncing, "web1", WaitKind.PROTECTED, item_id(syncing, "web1"))
    syncing.cloud.later(NEAR)
    first = tick(syncing)
    arm_vault(look.replace(tag="job"), WaitKind.JOB, VAULT, "job-1")
    syncing.cloud.later(NEAR - 1)
    second = tick(syncing, first)
    assert (calls(syncing, JOBS), calls(syncing, ITEMS)) == (1, 1)
    assert 0 < second.next <= 30


def test_what_was_just_listed_is_not_listed_again_for_a_row_that_came_since(syncing: MigrationHarness) -> None:
    wait_for(syncing, "web1", WaitKind.JOB, "job-1")
    first = tick(syncing)
    syncing.cloud.later(15)
    assert tick(syncing, first).announcements == ()
    syncing.cloud.later(15)
    assert len(tick(syncing, first).announcements) == 1
    assert calls(syncing, JOBS) == 2


@pytest.mark.parametrize("kind", ["throttle", "server-error", "drop-before"])
def test_a_busy_vault_is_looked_at_later(syncing: MigrationHarness, kind: str) -> None:
    wait_for(syncing, "web1", WaitKind.JOB, "job-1")
    syncing.cloud.fault(kind, operation=JOBS, retryAfter=17, times=None)
    with pytest.raises(Busy):
        tick(syncing)


# --- announcing, and the watcher's start -------------------------------------------------------------------------------


def test_each_event_is_raised(ferry: MigrationHarness) -> None:
    announcements = (Announcement(instance="one", event="a"), Announcement(instance="two", event="b"))
    ferry.ask("announce", WakeUps(announcements=announcements))
    assert set(ferry.client.raised) == {("one", "a"), ("two", "b")}


def test_an_event_that_nobody_hears_does_not_stop_the_others(
    ferry: MigrationHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised = type(ferry.client).raise_event

    async def deaf(client: Any, instance: str, event: str, data: Any) -> None:
        if instance == "gone":
            raise RuntimeError("404")
        await raised(client, instance, event, data)

    monkeypatch.setattr(type(ferry.client), "raise_event", deaf)
    announcements = (Announcement(instance="gone", event="a"), Announcement(instance="two", event="b"))
    ferry.ask("announce", WakeUps(announcements=announcements))
    assert ferry.client.raised == [("two", "b")]


def test_the_watcher_of_a_vault_is_started_and_kept_going(enlisted: MigrationHarness) -> None:
    place = enlisted.place(phase="prepare_vault")
    for _ in range(2):
        enlisted.ask("start_watch", place)
    begun = {(name, instance, given["ticks"]) for name, instance, given in enlisted.client.started}
    assert begun == {("watch_vault", KEY, TICKS_PER_HISTORY)}
    (keeper,) = waits.of_watch(KEY)
    assert (keeper.instance, keeper.subject) == ("", "")


def test_a_watcher_that_runs_is_not_started_again(enlisted: MigrationHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    class Status:
        """A running instance, as the client tells it."""

        class runtime_status:  # noqa: N801 - the client's own name
            name = "Running"

    async def running(client: Any, instance: str) -> Any:
        return Status

    monkeypatch.setattr(type(enlisted.client), "get_status", running)
    enlisted.ask("start_watch", enlisted.place())
    assert enlisted.client.started == []
