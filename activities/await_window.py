"""Await window: dependencies, then an opening of the plan's windows with room; arithmetic on the orchestrator's clock."""

from datetime import datetime
from functools import partial

from activities.facts.before_cutover import BUSY_FOR, SOON, hold_back, is_fresh
from activities.facts.before_window import against, look_ahead
from activities.flow.interruption import raise_if_stopped
from activities.flow.wait_rows import arm, disarm, gate_watch, hurry, wave_watch
from activities.flow.window_admission import Admission, admission
from activities.flow.window_overrun import can_overrun, seat_in
from shared.contracts.cohorts import Cohort, CutoverMode, WindowPollResult
from shared.contracts.contracts import AWAIT_WINDOW, BEGIN_CUTOVER, POLL_DEPENDENCIES, POLL_WINDOW, READ_CUTOVER_MODE
from shared.contracts.requests import PollResult, scoped_as
from shared.coordination.waits import WaitKind
from shared.decisions.round_rules import is_complete, is_unfinished
from shared.durable.seam import Blueprint, serves
from shared.itinerary import LANDING
from shared.ledger import events, machines, plans
from shared.ledger.machine_row import MachineRow
from shared.models import Scope
from shared.problems import Refused
from shared.reporting import release_commands
from shared.scheduling.patience import A_DAY, A_MINUTE
from shared.site_recovery.vault import vault_of_plan
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
CLOSED_UPON = "-back"  # in a cohort's label: once for each time that the window closed upon its machines
MOST_OVERRUNS = 3


@serves(bp, POLL_DEPENDENCIES)
def poll_dependencies(poll: Cohort) -> PollResult:
    """Settle when every machine of the waves this one depends on is complete in Azure, or was taken out on purpose.

    So do those of an application's lower boot groups that go in cohorts of their own, unless they failed meanwhile.
    """
    raise_if_stopped(poll)
    if poll.machines and len(_gone(poll)) == len(poll.machines):
        disarm(poll, WaitKind.WAVE, wave_watch(poll.migration))
        return PollResult(settled=True)
    if poll.after and (waiting := _still_on_their_way(poll)):
        _tell(poll, f"lower boot groups, which cut over before: {', '.join(waiting[:MOST_NAMES])}", "")
        return PollResult(patience=A_MINUTE)
    needed = plans.plan_at(poll).wave(poll.wave).depends_on
    if not needed:
        return PollResult(settled=True)
    arm(poll, WaitKind.WAVE, wave_watch(poll.migration), text=f"waves {', '.join(needed)}")
    missing = [row for wave in needed for row in _missing(poll.migration, wave)]
    if missing:
        said = "wave " + ", ".join(f"{row.wave}: {row.name} is {row.state}" for row in missing[:MOST_NAMES])
        _tell(poll, said, "")
        return PollResult(patience=A_DAY)
    disarm(poll, WaitKind.WAVE, wave_watch(poll.migration))
    return PollResult(settled=True)


def _gone(cohort: Cohort) -> tuple[str, ...]:
    """Give the machines that a later round has: cancelled, rolled back or retried, they are not this cohort's any more."""
    rows = machines.list(cohort.migration, wave=cohort.wave)
    names = {each.name for each in cohort.machines}
    return tuple(row.name for row in rows if row.name in names and row.round > cohort.round)


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


def _tell(cohort: Cohort, text: str, release: str) -> None:
    """Write down what those of the cohort wait for that are still its own."""
    names = {member.name for member in cohort.machines}
    for row in machines.list(cohort.migration, wave=cohort.wave, states={MachineState.READY_FOR_CUTOVER}):
        told = text + against(row)
        if row.name in names and row.round == cohort.round and row.waiting_for != told:
            here = _machine(cohort, row.name)
            machines.change(here, phase="await_window", waiting_for=told, release=release)


@serves(bp, POLL_WINDOW)
def poll_window(cohort: Cohort) -> WindowPollResult:
    """Settle with those that may begin: the window is open, has room for them, and the cutover fits into it.

    An explicit `cutover` opens it at once; whom the target would refuse now is held back, and nobody waits for those
    that went another way. Raises `Refused` when no opening will come any more.
    """
    raise_if_stopped(cohort)
    gone = _gone(cohort)
    left = tuple(each for each in cohort.machines if each.name not in gone)
    if gone and not left:
        disarm(cohort, WaitKind.WINDOW, gate_watch(cohort.migration))
        return WindowPollResult(settled=True, gone=gone)
    return _in_window(cohort.replace(machines=left)).replace(gone=gone)


def _in_window(cohort: Cohort) -> WindowPollResult:
    """Settle with those that may begin, of machines that are all this cohort's own."""
    if cohort.phase.count(CLOSED_UPON) >= MOST_OVERRUNS:
        raise _fail(cohort, _too_short(cohort))
    found = admission(cohort, partial(hold_back, cohort))
    if found.going or found.nobody_can or not cohort.machines:
        return _those_that_can(cohort, found)
    if found.opening is None:
        raise _fail(cohort, _missed(cohort, found))
    begin = found.opening.begin
    arm(cohort, WaitKind.WINDOW, gate_watch(cohort.migration), not_before=begin, text="the cutover window")
    again = look_ahead(cohort, begin)
    _tell(cohort, _why(found, begin), release_commands.cut_over(cohort.migration, cohort.wave))
    return WindowPollResult(opens_at=begin, patience=min(A_DAY, again), exact=True)


def _those_that_can(cohort: Cohort, found: Admission) -> WindowPollResult:
    """Settle with those that the target would take; whom it would refuse stays on its source, and is looked at again."""
    held = found.held or hold_back(cohort, found.going)
    going = tuple(each for each in found.going if each in held.going)
    if going or not cohort.machines:
        disarm(cohort, WaitKind.WINDOW, gate_watch(cohort.migration))
        return WindowPollResult(settled=True, machines=going)
    arm(cohort, WaitKind.WINDOW, gate_watch(cohort.migration), text="a target that takes them")
    return WindowPollResult(patience=BUSY_FOR if held.busy else SOON)


def _why(found: Admission, begin: datetime) -> str:
    """Put into words which opening is waited for, and why not for an earlier one."""
    said = f"the cutover window, which opens at {begin:%Y-%m-%d %H:%M} UTC"
    if found.full is None or found.full.opened is None:
        return said
    full = f"the opening of {found.full.opened:%Y-%m-%d %H:%M} UTC has room for {found.full.capacity} machines"
    return f"{said}: {full}, and all of it is taken"


def _machine(cohort: Cohort, name: str) -> Scope:
    return scoped_as(cohort, Scope).replace(machine=name)


@serves(bp, BEGIN_CUTOVER)
def begin_cutover(cohort: Cohort) -> PollResult:
    """Let those go that were let in; not settled when their window closed while they waited for a free place."""
    raise_if_stopped(cohort)
    if _gone(cohort):
        return PollResult()
    found = admission(cohort)
    if {each.name for each in found.going} != {each.name for each in cohort.machines}:
        return PollResult()
    if not is_fresh(cohort) and hold_back(cohort, cohort.machines).going != cohort.machines:
        return PollResult()
    if can_overrun(cohort):
        seat = seat_in(cohort, found.opening)
        for member in cohort.machines:
            machines.change(_machine(cohort, member.name), lambda row: row.round == cohort.round, evidence=seat)
    hurry(cohort, vault_of_plan(plans.plan_at(cohort)))
    names = ", ".join(member.name for member in cohort.machines[:20])
    events.write(cohort, f"cohort-{cohort.number}-goes", f"{found.why}: {names}")
    return PollResult(settled=True)


def _fail(cohort: Cohort, refused: Refused) -> Refused:
    """Write the problem down with each machine (none is on a walk now, that would do it), its name in the advice."""
    disarm(cohort, WaitKind.WINDOW, gate_watch(cohort.migration))
    for name in (member.name for member in cohort.machines):
        problem = refused.facts.model_copy(update={"advice": refused.facts.advice.replace("MACHINE", name)})
        machines.change(
            _machine(cohort, name),
            lambda row: row.state == MachineState.READY_FOR_CUTOVER and row.round == cohort.round,
            state=MachineState.FAILED,
            failed_in="await_window",
            problem=problem,
            waiting_for=problem.advice,
            release=release_commands.retry(cohort.migration, name),
        )
    return refused


def _missed(cohort: Cohort, found: Admission) -> Refused:
    """Say that no opening will come any more."""
    full = f"the last cutover window of wave {cohort.wave} has no room left"
    return Refused(
        full if found.full else f"every cutover window of wave {cohort.wave} has closed",
        id="window-missed",
        title="The cutover window was missed",
        advice=f"Leave the window out: {_without_window(cohort, 'the window was missed')}, then retry.",
    )


def _too_short(cohort: Cohort) -> Refused:
    """Say that the windows are too short: a machine must not be taken down every night in vain."""
    return Refused(
        f"the cutover window closed {MOST_OVERRUNS} times before the failover could be submitted",
        id="window-too-short",
        title="The cutover window is too short",
        advice="The source serves and replication goes on. Find out what takes so long (proof, stop), then retry; "
        f"or go without the window: {_without_window(cohort, 'it is too short')}, and retry.",
    )


def _without_window(cohort: Cohort, comment: str) -> str:
    return release_commands.skip(cohort.migration, "MACHINE", AWAIT_WINDOW.name, comment)


@serves(bp, READ_CUTOVER_MODE)
def read_cutover_mode(scope: Scope) -> CutoverMode:
    """Tell whether the wave fails over as a recovery plan."""
    return CutoverMode(recovery_plan=plans.plan_at(scope).wave(scope.wave).cutover.mode == "recoveryPlan")
