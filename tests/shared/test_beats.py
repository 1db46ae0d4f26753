"""What must never stand still shows itself; what does not is late, in plain words."""

from datetime import timedelta

import pytest

from shared import beats

pytestmark = pytest.mark.usefixtures("store")
FIVE = timedelta(minutes=5)


def test_who_shows_itself_in_time_is_never_late(at):
    beats.beat("vault.a", at(0), FIVE, "the watcher of vault rsv")

    assert () == beats.late(at(15))


def test_who_does_not_is_late_and_says_since_when(at):
    beats.beat("vault.a", at(0), FIVE, "the watcher of vault rsv")

    (one,) = beats.late(at(16))
    assert "the watcher of vault rsv was last seen at 2026-11-21 00:00 UTC and is late" == one.told()


def test_a_late_twin_turns_no_clock_back(at):
    beats.beat("vault.a", at(30), FIVE)
    beats.beat("vault.a", at(0), FIVE)

    assert () == beats.late(at(40))


def test_who_ended_as_it_should_is_not_missed(at):
    beats.beat("vault.a", at(0), FIVE)
    beats.end("vault.a")

    assert () == beats.late(at(600))


def test_who_never_showed_itself_is_due_from_the_first_question_on(at):
    assert not beats.expect(beats.TENDED, at(0), FIVE).is_late(at(0))
    assert beats.expect(beats.TENDED, at(20), FIVE).is_late(at(20))
