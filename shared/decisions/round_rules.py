"""Which machines a retry, a rollback and a cancellation are for, and how far a machine has come to be among them."""

from dataclasses import dataclass

from shared.coordination.operator_intents import Intent
from shared.itinerary import APPROVAL, COMPLETE, SERVING, state_when_failed
from shared.ledger.machine_row import MachineRow
from shared.plan.protection_plan import ONWARD
from shared.states import ASIDE, MachineState

S = MachineState
ASKED_AGAIN = "decommission_source"
RETRIED = frozenset({S.FAILED, S.ROLLED_BACK, S.CANCELLED})
CANCELLED = frozenset(S) - {S.FINALIZED, S.DECOMMISSIONED, S.CUT_OVER, S.CANCELLED, S.ROLLED_BACK}
ROLLED_BACK = frozenset(S) - {S.FINALIZED, S.DECOMMISSIONED, S.CANCELLED, S.ROLLED_BACK}


@dataclass(frozen=True)
class CommandRule:
    """Which machines a command is for."""

    verb: str
    states: frozenset[MachineState]

    def fits(self, row: MachineRow) -> bool:
        """Tell whether the command is allowed for a machine as it stands."""
        return row.state in self.states

    def means(self, row: MachineRow) -> bool:
        """Tell whether the command is for a machine where it names none."""
        return self.fits(row)

    @property
    def advice(self) -> str:
        """Name the states in which it is allowed."""
        return f"Possible in the states {', '.join(sorted(self.states))}."


class WayBack(CommandRule):
    """A way back ends where replication has: a complete machine may wait, pause or fail, but it serves in Azure for good."""

    def fits(self, row: MachineRow) -> bool:
        """Tell whether a machine may be taken back."""
        return super().fits(row) and not is_complete(row)

    def means(self, row: MachineRow) -> bool:
        """Leave out whoever serves and was accepted: only who names it takes it down again."""
        return self.fits(row) and not is_unfinished(row)


def is_complete(row: MachineRow) -> bool:
    """Tell whether the migration of a machine is complete, whatever it does since."""
    at = row.failed_in if row.state == S.FAILED else row.phase
    return row.state in (S.FINALIZED, S.DECOMMISSIONED) or (row.state in ASIDE and at in COMPLETE)


class RetryRule(CommandRule):
    """A retry is also for machines rolled back to before their cutover, for those that serve, or whose source was kept.

    It is not for failed rollbacks.
    """

    def fits(self, row: MachineRow) -> bool:
        """Tell whether a machine may be retried."""
        also = was_rolled_back(row) or is_unfinished(row) or has_kept_source(row)
        return (super().fits(row) or also) and row.failed_in not in STOPPED and row.dropped is None


def was_rolled_back(row: MachineRow) -> bool:
    """Tell whether a machine was taken back to before its cutover: no flow has it until it is retried and asked for."""
    retried = row.phase in (APPROVAL, "await_window")
    return row.state == S.READY_FOR_CUTOVER and row.failed_in == APPROVAL and not retried


def is_unfinished(row: MachineRow) -> bool:
    """Tell whether a machine serves in Azure and only what follows failed: the end of its replication, or later."""
    known = row.failed_in in SERVING and (row.problem is not None or row.failed_in == ONWARD)
    return known and row.state == state_when_failed(row.failed_in)


def has_kept_source(row: MachineRow) -> bool:
    """Tell whether somebody said no to the end of the machine's source, which can be asked for again."""
    return row.state == S.FINALIZED and row.failed_in == ASKED_AGAIN


RETRY = RetryRule("retried", RETRIED)
STOPPED = {
    "rollback": (Intent.ROLLBACK, WayBack("rolled back", ROLLED_BACK)),
    "cancel": (Intent.CANCEL, WayBack("cancelled", CANCELLED)),
}
