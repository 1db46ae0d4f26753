"""Pauses as people see them: who paused a machine that waits still, and will hold before its next phase."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.coordination import operator_intents
from shared.coordination.operator_intents import ALL_MACHINES, Control, Intent
from shared.ledger.machine_row import MachineRow
from shared.states import TERMINAL


@dataclass(frozen=True)
class Pauses:
    """What operators want of the machines of a migration."""

    intents: Mapping[str, Control]

    def of(self, row: MachineRow) -> str:
        """Give who paused a machine that is under way, and why; empty where nobody did."""
        if row.state in TERMINAL:
            return ""
        wanted = operator_intents.weighed(self.intents.get(row.name), self.intents.get(ALL_MACHINES))
        if wanted.intent != Intent.PAUSE:
            return ""
        return (wanted.by or "an operator") + (f": {wanted.comment}" if wanted.comment else "")


def pauses(migration: str) -> Pauses:
    """Give the pauses of a migration, as they stood a moment ago."""
    return Pauses({each.machine: each for each in operator_intents.intents_lately(migration)})
