"""What a cohort's cutover depends on: the waves before its own, and an application's lower boot groups."""

from activities.flow.cohort_members import left_cohort, tell_waiting
from activities.flow.interruption import raise_if_stopped
from activities.flow.wait_rows import arm, disarm, wave_watch
from shared.contracts.cohorts import Cohort
from shared.contracts.contracts import POLL_DEPENDENCIES
from shared.contracts.requests import PollResult
from shared.coordination.waits import WaitKind
from shared.decisions.round_rules import is_complete, is_unfinished
from shared.durable.seam import Blueprint, serves
from shared.itinerary import LANDING
from shared.ledger import machines, plans
from shared.ledger.machine_row import MachineRow
from shared.scheduling.patience import A_DAY, A_MINUTE
from shared.states import MachineState

bp = Blueprint()
ON_THE_WAY = frozenset(
    {
        MachineState.READY_FOR_CUTOVER,
        MachineState.CUTTING_OVER,
        MachineState.AWAITING_USER_ACTION,
        MachineState.PAUSED,
    }
)
SERVING_PHASES = LANDING[1:]  # a machine waits at the gate of its acceptance, too
MOST_NAMES = 5


@serves(bp, POLL_DEPENDENCIES)
def poll_dependencies(poll: Cohort) -> PollResult:
    """Settle when every machine of the waves this one depends on is complete in Azure, or was taken out on purpose.

    So do those of an application's lower boot groups that go in cohorts of their own, unless they failed meanwhile.
    """
    raise_if_stopped(poll)
    if poll.machines and len(left_cohort(poll)) == len(poll.machines):
        disarm(poll, WaitKind.WAVE, wave_watch(poll.migration))
        return PollResult(settled=True)
    if poll.after and (waiting := _still_on_their_way(poll)):
        tell_waiting(
            poll, f"machines of lower boot groups, which serve in Azure first: {', '.join(waiting[:MOST_NAMES])}", ""
        )
        return PollResult(patience=A_MINUTE)
    needed = plans.plan_at(poll).wave(poll.wave).depends_on
    if not needed:
        return PollResult(settled=True)
    arm(poll, WaitKind.WAVE, wave_watch(poll.migration), text=f"waves {', '.join(needed)}")
    missing = [row for wave in needed for row in _missing(poll.migration, wave)]
    if missing:
        states = ", ".join(f"{row.name} of wave {row.wave} is {row.state}" for row in missing[:MOST_NAMES])
        waiting_for = f"waves that it depends on to be complete in Azure: {states}"
        tell_waiting(poll, waiting_for, "")
        return PollResult(patience=A_DAY)
    disarm(poll, WaitKind.WAVE, wave_watch(poll.migration))
    return PollResult(settled=True)


def _still_on_their_way(poll: Cohort) -> list[str]:
    """Give those of the earlier parts that do not serve yet and may still come to it in this round."""
    rows = machines.list(poll.migration, wave=poll.wave, states=ON_THE_WAY)
    earlier = set(poll.after)
    return [
        row.name for row in rows if row.name in earlier and row.round == poll.round and row.phase not in SERVING_PHASES
    ]


def _missing(migration: str, wave: str) -> list[MachineRow]:
    """Give the machines of a wave that others wait for: not those that serve in Azure for good, whatever they do since.

    What becomes of a source afterwards holds nobody up.
    """
    rows = machines.list(migration, wave=wave)
    return [
        row for row in rows if row.state != MachineState.CANCELLED and not is_complete(row) and not is_unfinished(row)
    ]
