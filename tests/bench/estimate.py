"""What a fleet would be billed for in Azure, reckoned from what was counted here; the words stand in docs/performance.md."""

from collections.abc import Iterator
from typing import Final

MEMORY: Final = 2  # GB of an instance, as the template sets it
LONGEST: Final = 1.0  # seconds that an execution takes at most: an upper bound
# Of the Azure Storage provider: a work item is added, taken and deleted, and its result added to a control queue.
OF_ACTIVITY: Final = 4
# A message is added, taken and deleted; the history is read and written, the instance's row updated.
OF_TURN: Final = 6


def estimate(activities: float, turns: float, ledger: float, cpu: float) -> Iterator[tuple[str, float]]:
    """Give what one machine is billed for, by what it is called; `ledger`: its requests of tables."""
    executions = activities + turns
    yield "executions", executions
    yield "GB-s, if each lasts a second", executions * LONGEST * MEMORY
    yield "GB-s of bare computing", cpu * MEMORY
    yield "transactions of the ledger", ledger
    yield "transactions of the hub (Azure Storage)", OF_ACTIVITY * activities + OF_TURN * turns
    yield "actions (Durable Task Scheduler)", executions
