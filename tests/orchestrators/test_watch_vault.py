"""The watcher of a vault."""

from datetime import timedelta

from orchestrators.watch_vault import watch_vault
from shared.contracts.watcher import TICKS_PER_HISTORY, VaultListings, Watch, WatcherTick
from shared.models import Announcement, Done
from tests.orchestrators.happy_path import happy_stage
from tests.play import START

WATCH = Watch(vault="vault.abc")


def test_it_ends_when_nobody_waits_any_more():
    stage = happy_stage(read_vault=lambda wire: WatcherTick(rows=0))

    assert Done() == stage.play(watch_vault, WATCH)
    assert stage.journal == ["read_vault"]


def test_it_sleeps_as_long_as_the_tick_told_it():
    ticks = iter([WatcherTick(rows=1, next=30), WatcherTick(rows=1, next=300), WatcherTick()])
    stage = happy_stage(read_vault=lambda wire: next(ticks))
    stage.play(watch_vault, WATCH)

    assert timedelta(seconds=330) == stage.now - START


def test_it_keeps_in_mind_what_it_listed_when():
    listed = []

    def tick(wire):
        listed.append(Watch.model_validate(wire).listed)
        return WatcherTick(rows=1, listed=VaultListings(jobs=START + timedelta(minutes=len(listed))))

    stage = happy_stage(read_vault=tick)
    stage.play(watch_vault, WATCH, "watch")

    assert listed[:2] == [VaultListings(), VaultListings(jobs=START + timedelta(minutes=1))]
    assert Watch.model_validate(stage.instances["watch"].renewed).listed.jobs == START + timedelta(minutes=len(listed))


def test_who_waits_is_woken_even_at_the_last_tick():
    tick = WatcherTick(announcements=(Announcement(instance="a", event="b"),))
    stage = happy_stage(read_vault=lambda wire: tick)
    stage.play(watch_vault, WATCH)

    assert stage.journal == ["read_vault", "announce"]


def test_it_starts_over_before_its_history_grows_long():
    stage = happy_stage(read_vault=lambda wire: WatcherTick(rows=1))
    stage.play(watch_vault, WATCH.replace(ticks=TICKS_PER_HISTORY), "watch")

    assert stage.journal.count("read_vault") == TICKS_PER_HISTORY
    assert stage.instances["watch"].renewed["vault"] == "vault.abc"


def test_a_history_that_an_earlier_release_began_is_ended_as_that_release_would_and_the_next_is_shorter():
    stage = happy_stage(read_vault=lambda wire: WatcherTick(rows=1))
    stage.play(watch_vault, Watch(vault="vault.abc"), "watch")

    assert stage.journal.count("read_vault") == 50
    assert stage.instances["watch"].renewed["ticks"] == TICKS_PER_HISTORY
