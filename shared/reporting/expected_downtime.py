"""How long the cutover of a machine will take it down: as long as its rehearsal took, which goes the same way."""

from collections.abc import Iterable
from datetime import timedelta

from shared.ledger.machine_row import MachineRow, Mark


def expected_downtime(row: MachineRow) -> int | None:
    """Give the seconds from the submission of a machine's rehearsal until its copy was up and checked; None without one.

    Its cutover takes the same steps. It has to stop the source besides, which takes no time in a rehearsal.
    """
    submitted, up = row.mark(Mark.TEST_ASKED), row.mark(Mark.TEST_UP)
    if submitted is None or up is None or up <= submitted:
        return None
    return int((up - submitted) / timedelta(seconds=1))


def longest(expected: Iterable[int | None]) -> int | None:
    """Give the longest of those that are known."""
    return max((each for each in expected if each is not None), default=None)
