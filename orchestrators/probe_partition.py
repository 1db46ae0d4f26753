"""A flow of one activity: where it comes through, a host owns its partition and runs flows and activities."""

from shared.contracts import PROBE_PARTITION, SHOW_PARTITION
from shared.durable import Blueprint, Context, Waits, call, orchestrates
from shared.models import Done
from shared.requests import Probe

bp = Blueprint()


@orchestrates(bp, PROBE_PARTITION, root=True)
def probe_partition(context: Context, probe: Probe) -> Waits[Done]:
    """Let the partition show itself."""
    return (yield from call(context, SHOW_PARTITION, probe))
