"""A flow that does nothing: where it comes through, a host owns its partition and runs the flows that lie there."""

from shared.contracts.contracts import PROBE_PARTITION
from shared.contracts.watcher import PartitionProbe, PartitionShown
from shared.durable.seam import Blueprint, Context, Waits, orchestrates

bp = Blueprint()


@orchestrates(bp, PROBE_PARTITION, root=True)
def probe_partition(context: Context, probe: PartitionProbe) -> Waits[PartitionShown]:
    """Let the partition show itself; whoever asks next reads it from the hub."""
    yield from ()
    return PartitionShown(began=probe.began, at=context.current_utc_datetime)
