"""A partition that is asked shows itself: nothing is late of it until it is asked again."""

from datetime import timedelta

from shared.contracts.watcher import PartitionProbe
from shared.reconciliation import heartbeats
from tests.activities.migration_harness import MigrationHarness
from tests.play import START

LATER = START + timedelta(hours=1)


def test_it_shows_itself_once_or_twice(ferry: MigrationHarness) -> None:
    heartbeats.ask({"partition.2": "partition 2 of the task hub"}, START)
    assert [each.name for each in heartbeats.late(LATER)] == ["partition.2"]

    for _ in range(2):
        ferry.ask("show_partition", PartitionProbe(partition=2, now=START))
    assert heartbeats.late(LATER) == ()


def test_the_next_question_wants_an_answer_of_its_own(ferry: MigrationHarness) -> None:
    ferry.ask("show_partition", PartitionProbe(partition=2, now=START))
    heartbeats.ask({"partition.2": "partition 2 of the task hub"}, START + timedelta(minutes=5))

    (late,) = heartbeats.late(LATER)
    assert late.at == START
    assert late.what == "partition 2 of the task hub"
