"""The flow that shows that a partition of the task hub works."""

from orchestrators.probe_partition import probe_partition
from shared.contracts.watcher import PartitionProbe
from shared.models import Done
from tests.play import START, Stage


def test_it_lets_the_partition_that_it_lies_in_show_itself_and_ends():
    probes = []

    def show(wire):
        probes.append(PartitionProbe.model_validate(wire))
        return Done()

    assert Done() == Stage(show_partition=show).play(probe_partition, PartitionProbe(partition=5))
    assert [(5, START)] == [(each.partition, each.now) for each in probes]
