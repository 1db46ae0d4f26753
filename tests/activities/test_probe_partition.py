"""A partition that is asked shows itself: nothing is late of it until it is asked again."""

from datetime import timedelta

from shared import beats
from shared.requests import Probe
from tests.activities.ferry import Ferry
from tests.play import START

LATER = START + timedelta(hours=1)


def test_it_shows_itself_once_or_twice(ferry: Ferry) -> None:
    beats.ask("partition.2", START, "partition 2 of the task hub")
    assert [one.name for one in beats.late(LATER)] == ["partition.2"]

    for _ in range(2):
        ferry.ask("show_partition", Probe(partition=2, now=START))
    assert beats.late(LATER) == ()


def test_the_next_question_wants_an_answer_of_its_own(ferry: Ferry) -> None:
    ferry.ask("show_partition", Probe(partition=2, now=START))
    beats.ask("partition.2", START + timedelta(minutes=5), "partition 2 of the task hub")

    (late,) = beats.late(LATER)
    assert late.at == START
    assert late.what == "partition 2 of the task hub"
