"""Await window: dependencies, then an opening of the plan's windows with room; arithmetic on the orchestrator's clock."""

from collections.abc import Sequence
from functools import partial

from activities.facts.before_cutover import BUSY_FOR, SOON, hold_back, is_fresh
from activities.facts.before_window import look_ahead
from activities.flow.cohort_members import left_cohort, member_scope, tell_waiting
from activities.flow.interruption import raise_if_stopped
from activities.flow.missed_window import MOST_OVERRUNS, fail_members, window_missed, window_too_short
from activities.flow.wait_rows import arm, disarm, gate_watch, hurry
from activities.flow.window_admission import Admission, Held, admissions, why_it_waits
from activities.flow.window_overrun import assigned_window, can_overrun
from shared.contracts.cohorts import Cohort, CutoverMode, WindowPollResult
from shared.contracts.contracts import BEGIN_CUTOVER, POLL_WINDOW, READ_CUTOVER_MODE
from shared.contracts.requests import PollResult
from shared.coordination.waits import WaitKind
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines, migrations, plans
from shared.ledger.machine_windows import windows_at
from shared.models import Scope
from shared.reporting import release_commands
from shared.scheduling.patience import A_DAY
from shared.site_recovery.vault import vault_of_plan

bp = Blueprint()


@serves(bp, POLL_WINDOW)
def poll_window(cohort: Cohort) -> WindowPollResult:
    """Settle with those that may begin: the window is open, has room for them, and the cutover fits into it.

    An explicit `cutover` opens it at once; whom the target would refuse now is held back, and nobody waits for those
    that went another way. Raises `Refused` when no opening will come any more.
    """
    raise_if_stopped(cohort)
    migrations.refreshed(cohort.migration)  # a change of the plan wakes who waits here
    gone = left_cohort(cohort)
    left = tuple(each for each in cohort.machines if each.name not in gone)
    if gone and not left:
        disarm(cohort, WaitKind.WINDOW, gate_watch(cohort.migration))
        return WindowPollResult(settled=True, gone=gone)
    return _in_window(cohort.replace(machines=left)).replace(gone=gone)


def _in_window(cohort: Cohort) -> WindowPollResult:
    """Settle with those that may begin, of machines that are all this cohort's own."""
    if cohort.overruns >= MOST_OVERRUNS:
        raise fail_members(cohort, window_too_short(cohort))
    found = admissions(cohort, partial(hold_back, cohort))
    if not cohort.machines or any(each.going or each.nobody_can for each in found):
        return _those_that_can(cohort, found)
    waiting = [each for each in found if each.opening is not None]
    for each in found:
        if each.opening is None:
            refused = fail_members(cohort.replace(machines=each.members), window_missed(cohort, each))
            if not waiting:
                raise refused
    return _until_it_opens(cohort, waiting)


def _until_it_opens(cohort: Cohort, waiting: Sequence[Admission]) -> WindowPollResult:
    """Tell each machine which opening it waits for, and look again when the first of them begins."""
    begin = min(each.opening.begin for each in waiting if each.opening)
    arm(cohort, WaitKind.WINDOW, gate_watch(cohort.migration), not_before=begin, text="the cutover window")
    again = look_ahead(cohort, begin)
    for each in waiting:
        release = release_commands.cut_over(cohort.migration, cohort.wave)
        tell_waiting(cohort.replace(machines=each.members), why_it_waits(each), release)
    return WindowPollResult(opens_at=begin, patience=min(A_DAY, again), exact=True)


def _those_that_can(cohort: Cohort, found: Sequence[Admission]) -> WindowPollResult:
    """Settle with those that the target would take; whom it would refuse stays on its source, and is looked at again."""
    admitted = tuple(member for each in found for member in each.going)
    held = _held(found) or hold_back(cohort, admitted)
    going = tuple(each for each in admitted if each in held.going)
    if going or not cohort.machines:
        disarm(cohort, WaitKind.WINDOW, gate_watch(cohort.migration))
        return WindowPollResult(settled=True, machines=going)
    arm(cohort, WaitKind.WINDOW, gate_watch(cohort.migration), text="a target that takes them")
    return WindowPollResult(patience=BUSY_FOR if held.busy else SOON)


def _held(found: Sequence[Admission]) -> Held | None:
    """Give what the target says where it was asked for all of those that go, or that could."""
    admitting = [each for each in found if each.going or each.nobody_can]
    if len(admitting) != 1:
        return None
    return admitting[0].held


@serves(bp, BEGIN_CUTOVER)
def begin_cutover(cohort: Cohort) -> PollResult:
    """Let those go that were let in; not settled when their window closed while they waited for a free place."""
    raise_if_stopped(cohort)
    migrations.refreshed(cohort.migration)
    if left_cohort(cohort):
        return PollResult()
    found = admissions(cohort)
    if {member.name for each in found for member in each.going} != {each.name for each in cohort.machines}:
        return PollResult()
    if not is_fresh(cohort) and hold_back(cohort, cohort.machines).going != cohort.machines:
        return PollResult()
    for each in found:
        _seat(cohort, each)
    hurry(cohort, vault_of_plan(plans.plan_at(cohort)))
    names = ", ".join(member.name for member in cohort.machines[:20])
    why = ", ".join(dict.fromkeys(each.why for each in found))
    events.write(cohort, f"cohort-{cohort.number}-goes", f"{why}: {names}")
    return PollResult(settled=True)


def _seat(cohort: Cohort, admitted: Admission) -> None:
    """Keep with each machine in which opening it begins, where that may stop it when it closes."""
    for member in admitted.members:
        place = member_scope(cohort, member.name)
        windows = windows_at(place)
        if can_overrun(windows):
            assigned = assigned_window(windows, admitted.opening)
            machines.change(place, lambda row: row.round == cohort.round, evidence=assigned)


@serves(bp, READ_CUTOVER_MODE)
def read_cutover_mode(scope: Scope) -> CutoverMode:
    """Tell whether the wave fails over as a recovery plan."""
    return CutoverMode(recovery_plan=plans.plan_at(scope).wave(scope.wave).cutover.mode == "recoveryPlan")
