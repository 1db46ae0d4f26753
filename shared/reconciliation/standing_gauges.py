"""How everything stands at this moment, as gauges that alerts ask: who waits longest, and whose copy no cutover could be made from."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from shared.coordination import gates
from shared.ledger import machines
from shared.ledger.machine_row import MachineRow
from shared.ledger.readiness import CopyTrouble
from shared.observability import metrics
from shared.reporting.attention import PAST_ITS_COPY, serves_nowhere

NO_TIME = timedelta()


def measure(now: datetime, running: Iterable[str]) -> tuple[MachineRow, ...]:
    """Tell the longest wait at a gate, the longest outage, and how many copies are unfit, of the migrations that run.

    Gives the machines that serve nowhere, as people see them at a glance.
    """
    rows = [row for each in running for row in machines.at_a_glance(each)]
    waiting = (now - each.since for each in gates.open_everywhere())
    outages = (row.service.outage.lasted(now) for row in rows if row.service.outage is not None)
    metrics.waits_now(metrics.AT_A_GATE, max(waiting, default=NO_TIME))
    metrics.waits_now(metrics.FOR_SERVICE, max(outages, default=NO_TIME))
    for why, number in _unfit(rows).items():
        metrics.copies_are_unfit(why, number)
    return tuple(row for row in rows if serves_nowhere(row))


def _unfit(rows: Iterable[MachineRow]) -> Counter[CopyTrouble]:
    """Count copies by what is wrong with them."""
    return Counter(row.unfit.trouble for row in rows if row.unfit and row.state not in PAST_ITS_COPY)
