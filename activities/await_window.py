"""Await window: dependencies, then an opening of the plan's windows with room; arithmetic on the orchestrator's clock."""

from datetime import datetime
from functools import partial

from activities.facts.before_cutover import BUSY_FOR, SOON, hold_back, is_fresh
from activities.facts.before_window import look_ahead
from activities.flow.cohort_members import left_cohort, member_scope, tell_waiting
from activities.flow.interruption import raise_if_stopped
from activities.flow.missed_window import MOST_OVERRUNS, fail_members, window_missed, window_too_short
from activities.flow.wait_rows import arm, disarm, gate_watch, hurry
from activities.flow.window_admission import Admission, admission
from activities.flow.window_overrun import can_overrun, seat_in
from shared.contracts.cohorts import Cohort, CutoverMode, WindowPollResult
from shared.contracts.contracts import BEGIN_CUTOVER, POLL_WINDOW, READ_CUTOVER_MODE
from shared.contracts.requests import PollResult
from shared.coordination.waits import WaitKind
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines, plans
from shared.models import Scope
from shared.reporting import release_commands
from shared.scheduling.patience import A_DAY
from shared.site_recovery.vault import vault_of_plan

bp = Blueprint()

CLOSED_UPON = "-back"  # in a cohort's label: once for each time that the window closed upon its machines


@serves(bp, POLL_WINDOW)
def poll_window(cohort: Cohort) -> WindowPollResult:
    """Settle with those that may begin: the window is open, has room for them, and the cutover fits into it.

    An explicit `cutover` opens it at once; whom the target would refuse now is held back, and nobody waits for those
    that went another way. Raises `Refused` when no opening will come any more.
    """
    raise_if_stopped(cohort)
    gone = left_cohort(cohort)
    left = tuple(each for each in cohort.machines if each.name not in gone)
    if gone and not left:
        disarm(cohort, WaitKind.WINDOW, gate_watch(cohort.migration))
        return WindowPollResult(settled=True, gone=gone)
    return _in_window(cohort.replace(machines=left)).replace(gone=gone)


def _in_window(cohort: Cohort) -> WindowPollResult:
    """Settle with those that may begin, of machines that are all this cohort's own."""
    if cohort.phase.count(CLOSED_UPON) >= MOST_OVERRUNS:
        raise fail_members(cohort, window_too_short(cohort))
    found = admission(cohort, partial(hold_back, cohort))
    if found.going or found.nobody_can or not cohort.machines:
        return _those_that_can(cohort, found)
    if found.opening is None:
        raise fail_members(cohort, window_missed(cohort, found))
    begin = found.opening.begin
    arm(cohort, WaitKind.WINDOW, gate_watch(cohort.migration), not_before=begin, text="the cutover window")
    again = look_ahead(cohort, begin)
    tell_waiting(cohort, _why(found, begin), release_commands.cut_over(cohort.migration, cohort.wave))
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
    text = f"the cutover window, which opens at {begin:%Y-%m-%d %H:%M} UTC"
    if found.full is None or found.full.opened is None:
        return text
    full = f"the opening of {found.full.opened:%Y-%m-%d %H:%M} UTC has room for {found.full.capacity} machines"
    return f"{text}: {full}, and all of it is taken"


@serves(bp, BEGIN_CUTOVER)
def begin_cutover(cohort: Cohort) -> PollResult:
    """Let those go that were let in; not settled when their window closed while they waited for a free place."""
    raise_if_stopped(cohort)
    if left_cohort(cohort):
        return PollResult()
    found = admission(cohort)
    if {each.name for each in found.going} != {each.name for each in cohort.machines}:
        return PollResult()
    if not is_fresh(cohort) and hold_back(cohort, cohort.machines).going != cohort.machines:
        return PollResult()
    if can_overrun(cohort):
        seat = seat_in(cohort, found.opening)
        for member in cohort.machines:
            machines.change(member_scope(cohort, member.name), lambda row: row.round == cohort.round, evidence=seat)
    hurry(cohort, vault_of_plan(plans.plan_at(cohort)))
    names = ", ".join(member.name for member in cohort.machines[:20])
    events.write(cohort, f"cohort-{cohort.number}-goes", f"{found.why}: {names}")
    return PollResult(settled=True)


@serves(bp, READ_CUTOVER_MODE)
def read_cutover_mode(scope: Scope) -> CutoverMode:
    """Tell whether the wave fails over as a recovery plan."""
    return CutoverMode(recovery_plan=plans.plan_at(scope).wave(scope.wave).cutover.mode == "recoveryPlan")
