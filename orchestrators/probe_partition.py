"""A flow of one activity: where it comes through, a host owns its partition and runs flows and activities."""

from shared.contracts.contracts import PROBE_PARTITION, SHOW_PARTITION
from shared.contracts.watcher import PartitionProbe
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates
from shared.models import Done

bp = Blueprint()


@orchestrates(bp, PROBE_PARTITION, root=True)
def probe_partition(context: Context, probe: PartitionProbe) -> Waits[Done]:
    """Let the partition show itself."""
    return (yield from call(context, SHOW_PARTITION, probe))
