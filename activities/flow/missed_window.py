"""A cohort whose windows are over or too short: each of its machines says so, and how it goes on without."""

from activities.flow.cohort_members import member_scope
from activities.flow.failure_notices import tell_stopped
from activities.flow.wait_rows import disarm, gate_watch
from activities.flow.window_admission import Admission
from shared.contracts.cohorts import Cohort
from shared.contracts.contracts import AWAIT_WINDOW
from shared.coordination.waits import WaitKind
from shared.ledger import machines
from shared.ledger.machine_windows import shut_by
from shared.problems import Refused
from shared.reporting import release_commands
from shared.states import MachineState

MOST_OVERRUNS = 3


def fail_members(cohort: Cohort, refused: Refused) -> Refused:
    """Write the problem down with each machine (none is on a walk now, that would do it), its name in the advice."""
    disarm(cohort, WaitKind.WINDOW, gate_watch(cohort.migration))
    for name in (member.name for member in cohort.machines):
        problem = refused.facts.model_copy(update={"advice": refused.facts.advice.replace("MACHINE", name)})
        row = machines.change(
            member_scope(cohort, name),
            lambda row: row.state == MachineState.READY_FOR_CUTOVER and row.round == cohort.round,
            state=MachineState.FAILED,
            failed_in="await_window",
            problem=problem,
            waiting_for=problem.advice,
            release=release_commands.retry(cohort.migration, name),
        )
        if row.state == MachineState.FAILED and row.round == cohort.round:
            tell_stopped(row, member_scope(cohort, name), problem)
    return refused


def window_missed(cohort: Cohort, found: Admission) -> Refused:
    """Say that no opening will come any more."""
    whose = found.windows.whose or f"wave {cohort.wave}"
    full = f"the last cutover window of {whose} has no room left"
    closed = "; ".join(str(each) for each in shut_by(cohort, found.windows, cohort.now)[:3])
    over = f"every cutover window of {whose} has closed" + (f", or lies in {closed}" if closed else "")
    return Refused(
        full if found.full else over,
        id="window-missed",
        title="The cutover window was missed",
        advice=f"Leave the window out: {_without_window(cohort, 'the window was missed')}, then retry.",
    )


def window_too_short(cohort: Cohort) -> Refused:
    """Say that the windows are too short: a machine must not be taken down every night in vain."""
    return Refused(
        f"the cutover window closed {MOST_OVERRUNS} times before the failover could be submitted",
        id="window-too-short",
        title="The cutover window is too short",
        advice="The source still serves and replication goes on. Find out what takes so long (the newer recovery point, the stop), then retry; "
        f"or go without the window: {_without_window(cohort, 'it is too short')}, and retry.",
    )


def _without_window(cohort: Cohort, comment: str) -> str:
    return release_commands.skip(cohort.migration, "MACHINE", AWAIT_WINDOW.name, comment)
