"""What must never stand still shows itself; what does not is late, in plain words."""

from datetime import timedelta

import pytest

from shared.reconciliation import heartbeats

pytestmark = pytest.mark.usefixtures("store")
FIVE = timedelta(minutes=5)


def test_who_shows_itself_in_time_is_never_late(at):
    heartbeats.beat("vault.a", at(0), FIVE, "the watcher of vault rsv")

    assert () == heartbeats.late(at(15))


def test_who_does_not_is_late_and_says_since_when(at):
    heartbeats.beat("vault.a", at(0), FIVE, "the watcher of vault rsv")

    (one,) = heartbeats.late(at(16))
    assert "the watcher of vault rsv was last seen at 2026-11-21 00:00 UTC and is late" == one.told()


def test_a_late_twin_turns_no_clock_back(at):
    heartbeats.beat("vault.a", at(30), FIVE)
    heartbeats.beat("vault.a", at(0), FIVE)

    assert () == heartbeats.late(at(40))


def test_who_ended_as_it_should_is_not_missed(at):
    heartbeats.beat("vault.a", at(0), FIVE)
    heartbeats.end("vault.a")

    assert () == heartbeats.late(at(600))


def test_who_never_showed_itself_is_due_from_the_first_question_on(at):
    assert not heartbeats.expect(heartbeats.TENDED, at(0), FIVE).is_late(at(0))
    assert heartbeats.expect(heartbeats.TENDED, at(20), FIVE).is_late(at(20))
