"""Watching a vault: one listing per kind in use serves everybody who waits for something in it."""

from datetime import timedelta
from typing import Any

import pytest

from activities.waking import arm_vault
from shared import waits
from shared.models import Announcement
from shared.problems import Later
from shared.requests import NEAR, Announcing, Look, Ticked
from shared.site_recovery.items import list_items
from shared.waits import WaitKind
from tests.activities.ferry import Ferry
from tests.activities.watcher import KEY, tick
from tests.clouds import VAULT

JOBS, ITEMS = "*replicationJobs/read", "*replicationProtectedItems/read"


@pytest.fixture
def syncing(prepared: Ferry) -> Ferry:
    """Two machines whose replication was just enabled; nobody waits for anything yet but the migration itself."""
    prepared.walk("web1", "db1", until="initial_sync")
    for row in waits.of_watch(KEY):
        if row.instance:
            waits.disarm(KEY, row.id)
    prepared.cloud.ask("DELETE", "log")
    return prepared


def wait_for(ferry: Ferry, machine: str, kind: WaitKind, subject: str, **more: Any) -> Look:
    look: Look = ferry.look(machine, "initial_sync")
    arm_vault(look, kind, VAULT, subject, **more)
    return look


def item_id(ferry: Ferry, machine: str) -> str:
    return ferry.row(machine).item_id


def calls(ferry: Ferry, operation: str) -> int:
    return len(ferry.cloud.log(operation))


def test_a_vault_in_which_nobody_waits_is_not_asked_and_its_watcher_ends(ferry: Ferry) -> None:
    assert tick(ferry) == Ticked()
    assert ferry.cloud.log() == []


def test_while_the_migration_runs_its_watcher_stays_and_asks_nothing(syncing: Ferry) -> None:
    ticked = tick(syncing)
    assert (ticked.rows, ticked.next, ticked.announcements) == (1, 300, ())
    assert syncing.cloud.log() == []


def test_many_who_wait_for_jobs_cost_one_listing(syncing: Ferry) -> None:
    for number in range(20):
        arm_vault(syncing.look("web1", "fail_over", tag=str(number)), WaitKind.JOB, VAULT, f"job-{number}")
    ticked = tick(syncing)
    assert len(ticked.announcements) == 20
    assert (calls(syncing, JOBS), calls(syncing, ITEMS)) == (1, 0)


def test_who_waits_for_a_running_job_sleeps_on_and_is_woken_when_it_ended(syncing: Ferry) -> None:
    syncing.walk("web1", until="test_failover")
    look = syncing.look("web1", "test_failover", tag="start_test_failover")
    job = syncing.ask("start_test_failover", look).job
    assert tick(syncing).announcements == ()
    syncing.cloud.ends(job)
    told = Announcement(instance=look.instance, event=look.event)
    assert tick(syncing).announcements == (told,)
    assert tick(syncing).announcements == (told,), "its row stays until it has looked"


def test_many_who_wait_for_their_items_cost_one_listing_and_see_progress(syncing: Ferry) -> None:
    syncing.cloud.fault("stalled-replication", match="*", times=None)
    for name in ("web1", "db1"):
        syncing.stands(name, phase="initial_sync")
        wait_for(syncing, name, WaitKind.PROTECTED, item_id(syncing, name))
    syncing.cloud.later(NEAR)
    woken = [one.instance for one in tick(syncing).announcements]
    assert not [one for one in woken if "db1" in one]
    assert (calls(syncing, JOBS), calls(syncing, ITEMS)) == (0, 1)
    assert "the first copy" in syncing.row("db1").waiting_for


def test_a_protected_item_wakes_its_machine_only(syncing: Ferry) -> None:
    syncing.cloud.fault("stalled-replication", match="*db1*", times=None)
    for name in ("web1", "db1"):
        wait_for(syncing, name, WaitKind.PROTECTED, item_id(syncing, name))
    for _ in range(60):
        if any("web1" in item.id and item.protected for item in list_items(VAULT)):
            break
        syncing.cloud.later(600)
    syncing.cloud.later(NEAR)
    woken = [one.instance for one in tick(syncing).announcements]
    assert len(woken) == 1
    assert "web1" in woken[0]


def test_an_item_that_is_gone_wakes_whoever_waits_for_it(syncing: Ferry) -> None:
    for kind in (WaitKind.PROTECTED, WaitKind.ITEM_GONE):
        wait_for(syncing, "web1", kind, f"{VAULT.id}/no/such/item")
    wait_for(syncing, "db1", WaitKind.ITEM_GONE, item_id(syncing, "db1"))
    syncing.cloud.later(NEAR)
    assert len(tick(syncing).announcements) == 2


def test_a_newer_recovery_point_wakes_who_waits_for_one(syncing: Ferry) -> None:
    syncing.walk("web1", until="test_failover")
    now = syncing.cloud.now()
    subject = item_id(syncing, "web1")
    wait_for(syncing, "web1", WaitKind.RECOVERY_POINT, subject, threshold=now.isoformat(), urgent=True)
    ticked = tick(syncing)
    assert (ticked.announcements, ticked.next) == ((), 15)
    syncing.cloud.later(900)
    assert len(tick(syncing).announcements) == 1


def test_who_is_not_due_yet_is_not_looked_for(syncing: Ferry) -> None:
    later = syncing.cloud.now() + timedelta(hours=1)
    wait_for(syncing, "web1", WaitKind.JOB, "job-1", not_before=later)
    assert tick(syncing).announcements == ()
    assert syncing.cloud.log() == []
    syncing.cloud.later(3600)
    assert len(tick(syncing).announcements) == 1


def test_a_job_that_is_awaited_does_not_make_the_items_be_listed(syncing: Ferry) -> None:
    syncing.cloud.fault("stalled-replication", match="*", times=None)
    syncing.cloud.later(3600)
    look = wait_for(syncing, "web1", WaitKind.PROTECTED, item_id(syncing, "web1"))
    syncing.cloud.later(NEAR)
    first = tick(syncing)
    arm_vault(look.but(tag="job"), WaitKind.JOB, VAULT, "job-1")
    syncing.cloud.later(NEAR - 1)
    second = tick(syncing, first)
    assert (calls(syncing, JOBS), calls(syncing, ITEMS)) == (1, 1)
    assert 0 < second.next <= 30


def test_what_was_just_listed_is_not_listed_again_for_a_row_that_came_since(syncing: Ferry) -> None:
    wait_for(syncing, "web1", WaitKind.JOB, "job-1")
    first = tick(syncing)
    syncing.cloud.later(15)
    assert tick(syncing, first).announcements == ()
    syncing.cloud.later(15)
    assert len(tick(syncing, first).announcements) == 1
    assert calls(syncing, JOBS) == 2


@pytest.mark.parametrize("kind", ["throttle", "server-error", "drop-before"])
def test_a_busy_vault_is_looked_at_later(syncing: Ferry, kind: str) -> None:
    wait_for(syncing, "web1", WaitKind.JOB, "job-1")
    syncing.cloud.fault(kind, operation=JOBS, retryAfter=17, times=None)
    with pytest.raises(Later):
        tick(syncing)


# --- announcing, and the watcher's start -------------------------------------------------------------------------------


def test_each_event_is_raised(ferry: Ferry) -> None:
    told = (Announcement(instance="one", event="a"), Announcement(instance="two", event="b"))
    ferry.ask("announce", Announcing(announcements=told))
    assert set(ferry.client.raised) == {("one", "a"), ("two", "b")}


def test_an_event_that_nobody_hears_does_not_stop_the_others(ferry: Ferry, monkeypatch: pytest.MonkeyPatch) -> None:
    raised = type(ferry.client).raise_event

    async def deaf(client: Any, instance: str, event: str, data: Any) -> None:
        if instance == "gone":
            raise RuntimeError("404")
        await raised(client, instance, event, data)

    monkeypatch.setattr(type(ferry.client), "raise_event", deaf)
    told = (Announcement(instance="gone", event="a"), Announcement(instance="two", event="b"))
    ferry.ask("announce", Announcing(announcements=told))
    assert ferry.client.raised == [("two", "b")]


def test_the_watcher_of_a_vault_is_started_and_kept_going(enlisted: Ferry) -> None:
    place = enlisted.place(phase="prepare_vault")
    for _ in range(2):
        enlisted.ask("start_watch", place)
    assert {(name, instance) for name, instance, _ in enlisted.client.started} == {("watch_vault", KEY)}
    (keeper,) = waits.of_watch(KEY)
    assert (keeper.instance, keeper.subject) == ("", "")


def test_a_watcher_that_runs_is_not_started_again(enlisted: Ferry, monkeypatch: pytest.MonkeyPatch) -> None:
    class Status:
        """A running instance, as the client tells it."""

        class runtime_status:  # noqa: N801 - the client's own name
            name = "Running"

    async def running(client: Any, instance: str) -> Any:
        return Status

    monkeypatch.setattr(type(enlisted.client), "get_status", running)
    enlisted.ask("start_watch", enlisted.place())
    assert enlisted.client.started == []
