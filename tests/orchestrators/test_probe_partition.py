"""The flow that shows that a partition of the task hub works."""

from orchestrators.probe_partition import probe_partition
from shared.models import Done
from shared.requests import Probe
from tests.play import START, Stage


def test_it_lets_the_partition_that_it_lies_in_show_itself_and_ends():
    asked = []

    def show(wire):
        asked.append(Probe.model_validate(wire))
        return Done()

    assert Done() == Stage(show_partition=show).play(probe_partition, Probe(partition=5))
    assert [(5, START)] == [(one.partition, one.now) for one in asked]
