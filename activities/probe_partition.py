"""Noting that a partition of the task hub works."""

from shared import beats
from shared.contracts import SHOW_PARTITION
from shared.durable import Blueprint, serves
from shared.models import Done
from shared.partitions import name_of
from shared.requests import Probe

bp = Blueprint()


@serves(bp, SHOW_PARTITION)
def show_partition(probe: Probe) -> Done:
    """Note the moment; twice does no harm."""
    beats.answer(name_of(probe.partition), probe.now)
    return Done()
