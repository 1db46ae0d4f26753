"""Noting that a partition of the task hub works."""

from shared.contracts.contracts import SHOW_PARTITION
from shared.contracts.watcher import PartitionProbe
from shared.durable.seam import Blueprint, serves
from shared.models import Done
from shared.reconciliation import heartbeats
from shared.reconciliation.partitions import name_of

bp = Blueprint()


@serves(bp, SHOW_PARTITION)
def show_partition(probe: PartitionProbe) -> Done:
    """Note the moment; twice does no harm."""
    heartbeats.answer(name_of(probe.partition), probe.now)
    return Done()
