"""What must never stand still shows itself; what does not is late, in plain words."""

from datetime import timedelta

import pytest

from shared.reconciliation import heartbeats
from shared.reconciliation.heartbeats import FramePart
from shared.storage import patience

pytestmark = pytest.mark.usefixtures("store")
FIVE = timedelta(minutes=5)
WATCHER = FramePart("vault.a", "the watcher of vault rsv", watches=True)


def test_who_shows_itself_in_time_is_never_late(at):
    heartbeats.beat(WATCHER, at(0), FIVE)

    assert () == heartbeats.late(at(15))


def test_who_does_not_is_late_and_says_since_when(at):
    heartbeats.beat(WATCHER, at(0), FIVE)

    (beat,) = heartbeats.late(at(16))
    assert "the watcher of vault rsv was last seen at 2026-11-21 00:00 UTC and is late" == beat.text()


def test_a_late_twin_turns_no_clock_back(at):
    heartbeats.beat(WATCHER, at(30), FIVE)
    heartbeats.beat(WATCHER, at(0), FIVE)

    assert () == heartbeats.late(at(40))


def test_who_ended_as_it_should_is_not_missed(at):
    heartbeats.beat(WATCHER, at(0), FIVE)
    heartbeats.end("vault.a")

    assert () == heartbeats.late(at(600))


def test_who_never_showed_itself_is_due_from_the_first_question_on(at):
    assert not heartbeats.expect(heartbeats.RECONCILED, at(0), FIVE).is_late(at(0))
    assert heartbeats.expect(heartbeats.RECONCILED, at(20), FIVE).is_late(at(20))


def test_a_beat_that_tells_no_news_costs_nothing_and_nobody_is_late_for_that(at, monkeypatch):
    written = []
    change = type(heartbeats.TABLE).change
    monkeypatch.setattr(
        type(heartbeats.TABLE), "change", lambda *arguments: (written.append(arguments[2]), change(*arguments))[1]
    )
    for quarter in range(160):
        heartbeats.beat(WATCHER, at(0) + quarter * timedelta(seconds=15), timedelta(seconds=15))

    assert 15 < len(written) < 25, "of 160 beats in 40 minutes"
    assert () == heartbeats.late(at(47))
    assert heartbeats.late(at(55))


def test_that_a_part_is_late_is_only_said_of_what_stands_in_the_ledger(at):
    heartbeats.beat(heartbeats.RECONCILED, at(0), FIVE)
    with patience.with_patience(patience.FOR_A_PROBE):  # the client, and so the memory, of another process
        heartbeats.beat(heartbeats.RECONCILED, at(30), FIVE)

    assert not heartbeats.is_late(heartbeats.RECONCILED, at(31), FIVE)
    assert heartbeats.is_late(heartbeats.RECONCILED, at(46), FIVE)
