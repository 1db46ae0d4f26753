"""The states of a machine, which may follow which, and the outcome of a migration they add up to."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class MachineState(StrEnum):
    """Where a machine stands, in the order of the road; the last five stand aside of it."""

    NOT_READY = "NotReady"
    INITIAL_SYNC = "InitialSync"
    READY_FOR_TEST = "ReadyForTest"
    TESTING = "Testing"
    READY_FOR_CUTOVER = "ReadyForCutover"
    CUTTING_OVER = "CuttingOver"
    CUT_OVER = "CutOver"
    FINALIZED = "Finalized"
    DECOMMISSIONED = "Decommissioned"
    AWAITING_USER_ACTION = "AwaitingUserAction"
    PAUSED = "Paused"
    FAILED = "Failed"
    ROLLED_BACK = "RolledBack"
    CANCELLED = "Cancelled"


class MigrationStatus(StrEnum):
    """Whether a migration is under way."""

    RUNNING = "Running"
    AWAITING_USER_ACTION = "AwaitingUserAction"  # a road's preparation waits for a person
    PAUSED = "Paused"
    ENDED = "Ended"


class Outcome(StrEnum):
    """What a migration came to."""

    NONE = ""
    SUCCEEDED = "Succeeded"
    PARTIALLY_SUCCEEDED = "PartiallySucceeded"
    FAILED = "Failed"
    CANCELLED = "Cancelled"
    ROLLED_BACK = "RolledBack"


class WaveState(StrEnum):
    """How far a wave is."""

    NOT_STARTED = "NotStarted"
    REPLICATING = "Replicating"
    REHEARSING = "Rehearsing"
    AWAITING_APPROVAL = "AwaitingApproval"
    AWAITING_WINDOW = "AwaitingWindow"  # approved: for its window, for other waves or machines, or for a free place
    CUTTING_OVER = "CuttingOver"
    ENDED = "Ended"


S = MachineState

ROAD: Final = (
    S.NOT_READY,
    S.INITIAL_SYNC,
    S.READY_FOR_TEST,
    S.TESTING,
    S.READY_FOR_CUTOVER,
    S.CUTTING_OVER,
    S.CUT_OVER,
    S.FINALIZED,
    S.DECOMMISSIONED,
)
ASIDE: Final = frozenset({S.AWAITING_USER_ACTION, S.PAUSED, S.FAILED})  # from here the walk goes on where it stopped
GIVEN_UP: Final = frozenset({S.ROLLED_BACK, S.CANCELLED})  # from here only a new round leads on, from the beginning
FAILED: Final = frozenset({S.FAILED})
MOVED: Final = frozenset({S.CUT_OVER, S.FINALIZED, S.DECOMMISSIONED})  # it runs in Azure
THROUGH: Final = MOVED - {S.CUT_OVER}  # and its replication has ended
TERMINAL: Final = frozenset({S.FINALIZED, S.DECOMMISSIONED, S.FAILED, S.ROLLED_BACK, S.CANCELLED})
STOPS: Final = ASIDE | GIVEN_UP

# What may follow what. A machine that stopped goes on where it stopped; one that was given up begins anew, in a new round.
# A retry finds the replication gone, wherever the machine stood before its cutover: it is replicated anew.
NEXT: Final[dict[MachineState, frozenset[MachineState]]] = {
    S.NOT_READY: frozenset({S.INITIAL_SYNC}) | STOPS,
    S.INITIAL_SYNC: frozenset({S.NOT_READY, S.READY_FOR_TEST, S.TESTING, S.READY_FOR_CUTOVER}) | STOPS,
    S.READY_FOR_TEST: frozenset({S.INITIAL_SYNC, S.TESTING, S.READY_FOR_CUTOVER}) | STOPS,
    S.TESTING: frozenset({S.INITIAL_SYNC, S.READY_FOR_TEST, S.READY_FOR_CUTOVER}) | STOPS,
    S.READY_FOR_CUTOVER: frozenset({S.INITIAL_SYNC, S.TESTING, S.CUTTING_OVER}) | STOPS,
    S.CUTTING_OVER: frozenset({S.INITIAL_SYNC, S.READY_FOR_CUTOVER, S.CUT_OVER}) | STOPS,
    S.CUT_OVER: frozenset({S.FINALIZED}) | STOPS,
    S.FINALIZED: frozenset({S.DECOMMISSIONED}) | ASIDE,
    S.DECOMMISSIONED: frozenset(),
    S.AWAITING_USER_ACTION: frozenset(ROAD) | STOPS,
    S.PAUSED: frozenset(ROAD) | STOPS,
    S.FAILED: frozenset(ROAD) | STOPS,
    S.ROLLED_BACK: frozenset({S.NOT_READY, S.FAILED}),
    S.CANCELLED: frozenset({S.NOT_READY, S.FAILED, S.ROLLED_BACK}),
}


def may_become(before: MachineState, after: MachineState) -> bool:
    """Tell whether a machine may go from one state to another; staying is always allowed."""
    return before == after or after in NEXT[before]


class ForbiddenTransition(Exception):  # noqa: N818 - named as the tables of states name it
    """A state was to be written that may not follow the one that stands there: a fault of ours, no refusal."""


def check_transition(before: MachineState, after: MachineState, whose: str) -> None:
    """Raise `ForbiddenTransition` unless the machine may go from one state to the other."""
    if not may_become(before, after):
        raise ForbiddenTransition(f"{whose} cannot become {after}: it is {before}")


def outcome(states: Iterable[MachineState]) -> Outcome:
    """Judge a migration whose last round has ended by where its machines stand: every one of them counts.

    Any machine that did not move, or whose replication did not end, means that it is not `Succeeded`; some moved is
    `PartiallySucceeded`; none moved is `RolledBack` or `Cancelled` only where every machine was given up on purpose, else `Failed` (no machines, too).
    """
    stand = frozenset(states)
    if stand & MOVED:
        return Outcome.SUCCEEDED if stand <= THROUGH else Outcome.PARTIALLY_SUCCEEDED
    if not stand or not stand <= GIVEN_UP:
        return Outcome.FAILED
    return Outcome.ROLLED_BACK if S.ROLLED_BACK in stand else Outcome.CANCELLED
