"""Pacing: a vault is listed as often as those who wait need it, and no oftener."""

from datetime import timedelta

import pytest

from shared.contracts.watcher import NEAR, VaultListings
from shared.coordination.waits import Wait, WaitKind
from shared.scheduling.poll_schedule import JOBS, SELDOM, STAYS_BUSY, URGENT, is_due, next_tick, noted
from shared.settings import settings
from tests.play import START

JUST_LISTED = VaultListings(jobs=START, items=START, busy=START)
KEEPER = Wait(watch="vault.a", id="alive", instance="", event="")


def row(kind: WaitKind, **more: object) -> Wait:
    return Wait(watch="vault.a", id="w", instance="i", event="e", subject="s", kind=kind, since=START).replace(**more)


def after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("waiting", "pace"),
    [
        (row(WaitKind.JOB), JOBS),
        (row(WaitKind.JOB, urgent=True), URGENT),
        (row(WaitKind.RECOVERY_POINT, urgent=True), URGENT),
        (row(WaitKind.ITEM_GONE), JOBS),
        (row(WaitKind.PROTECTED), NEAR),
    ],
)
def test_each_kind_has_its_pace(waiting: Wait, pace: int) -> None:
    assert not is_due([waiting], JUST_LISTED, START + after(pace - 1))
    assert is_due([waiting], JUST_LISTED, START + after(pace))


def test_a_job_that_cannot_have_ended_is_not_due_for_itself() -> None:
    waiting = row(WaitKind.JOB, not_before=START + after(240))
    assert not is_due([waiting], VaultListings(), START + after(239))
    assert is_due([waiting], VaultListings(), START + after(240))
    assert is_due([waiting, row(WaitKind.JOB)], VaultListings(), START), "who is due takes the others along"


def test_a_listing_of_jobs_tells_nothing_of_items() -> None:
    listed = JUST_LISTED.replace(jobs=START + after(URGENT))
    assert is_due([row(WaitKind.RECOVERY_POINT, urgent=True)], listed, START + after(URGENT))


def test_a_job_that_takes_long_is_listed_less_often_and_one_that_is_downtime_is_not() -> None:
    listed = JUST_LISTED.replace(jobs=START + after(1_800))
    long, urgent = row(WaitKind.JOB), row(WaitKind.JOB, urgent=True)
    assert not is_due([long], listed, START + after(1_800 + 89))
    assert is_due([long], listed, START + after(1_800 + 90))
    assert is_due([urgent], listed, START + after(1_800 + URGENT))


def test_first_copies_are_listed_as_seldom_as_their_progress_allows_but_a_new_one_soon() -> None:
    listed = JUST_LISTED.replace(copies=SELDOM)
    old, new = row(WaitKind.PROTECTED), row(WaitKind.PROTECTED, since=START + after(10))
    assert not is_due([old], listed, START + after(SELDOM - 1))
    assert is_due([old, new], listed, START + after(10 + NEAR))


def test_a_watcher_that_remembers_nothing_lists_at_once_for_whoever_waits_a_while() -> None:
    for kind in (WaitKind.JOB, WaitKind.PROTECTED, WaitKind.RECOVERY_POINT, WaitKind.ITEM_GONE):
        assert is_due([row(kind)], VaultListings(), START + after(3600))


def test_it_ticks_when_the_next_listing_is_due_and_never_in_a_rush() -> None:
    waiting = [row(WaitKind.PROTECTED), KEEPER]
    assert next_tick(waiting, VaultListings(items=START, copies=120), START) == 120
    assert next_tick(waiting, VaultListings(items=START, copies=120), START + after(119)) == URGENT
    assert next_tick([row(WaitKind.JOB, urgent=True)], JUST_LISTED, START) == URGENT
    assert next_tick([KEEPER.replace(urgent=True)], JUST_LISTED, START) == URGENT, "a cutover is under way"


def test_after_a_job_it_ticks_on_for_the_next_one_without_asking_the_vault_anything() -> None:
    busy = noted([row(WaitKind.JOB)], VaultListings(), START)
    assert busy.busy == START
    assert next_tick([KEEPER], busy, START + STAYS_BUSY - after(1)) == JOBS
    assert not is_due([], busy, START)
    assert next_tick([KEEPER], busy, START + STAYS_BUSY) == SELDOM
    assert noted([row(WaitKind.PROTECTED), KEEPER], VaultListings(), START) == VaultListings()


def test_those_that_stand_by_are_looked_at_in_time_though_their_rows_are_not_read_until_then() -> None:
    listed = JUST_LISTED.replace(standby=START, busy=START - STAYS_BUSY)
    assert next_tick([KEEPER], listed, START + after(settings().copies_every - 100)) == 100
    assert next_tick([KEEPER], listed, START) == SELDOM
