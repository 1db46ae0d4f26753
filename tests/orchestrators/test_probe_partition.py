"""The flow that shows that a partition of the task hub works."""

from orchestrators.probe_partition import probe_partition
from shared.contracts.watcher import PartitionProbe, PartitionShown
from tests.play import START, Stage


def test_it_says_which_question_it_answers_and_when_and_does_nothing():
    stage = Stage()

    assert PartitionShown(began=START, at=START) == stage.play(probe_partition, PartitionProbe(began=START))
    assert [] == stage.journal
