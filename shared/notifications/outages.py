"""Machines that serve nowhere: told at once where their migration stopped, else when they have been down for too long."""

from datetime import datetime
from typing import Final

from shared.ledger import machines, plans
from shared.ledger.machine_row import MachineRow
from shared.models import Scope
from shared.notifications.outbox import tell
from shared.notifications.topics import Topic
from shared.reporting import release_commands
from shared.reporting.attention import lasting, serves_nowhere

TOO_LONG: Final = 2  # times what the plan expects a cutover to take


def tell_outage(row: MachineRow, now: datetime) -> None:
    """Tell that a machine serves nowhere: once for each outage."""
    outage = row.service.outage
    if outage is None or not serves_nowhere(row):
        return
    command = row.release or release_commands.back("rollback", row.migration, row.name, "it serves nowhere")
    tell(
        # by its beginning: whoever tells it, and whenever, tells the same
        Scope(migration=row.migration, wave=row.wave, machine=row.name, now=outage.began),
        Topic.SERVES_NOWHERE,
        "outage",
        cause=row.problem.id if row.problem else "",
        text=f"neither on its source nor in Azure for {lasting(outage.lasted(now))}: {row.waiting_for or row.phase}",
        command=command,
    )


def tell_if_long(row: MachineRow, now: datetime) -> None:
    """Tell of an outage, seen at a glance, that lasts longer than one would expect of a cutover."""
    outage = row.service.outage
    if outage is not None and serves_nowhere(row):
        expected = plans.plan_of(row.migration).wave(row.wave).cutover.expected_duration
        if outage.lasted(now) > TOO_LONG * expected:
            tell_outage(machines.get(row.migration, row.name) or row, now)
