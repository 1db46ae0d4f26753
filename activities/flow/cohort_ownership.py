"""A cohort's machines while a step concerns all of them: taken together, let go of together."""

from functools import partial

from activities.flow.changed_plan import is_held
from activities.flow.interruption import raise_if_stopped
from activities.flow.phase_entry import may_own
from activities.flow.wait_rows import owner_watch, wake
from activities.flow.window_overrun import check_window
from shared.contracts.cohorts import Cohort
from shared.contracts.contracts import HOLD_COHORT, RELEASE_COHORT
from shared.contracts.requests import scoped_as
from shared.contracts.rounds import Members
from shared.durable.seam import Blueprint, serves
from shared.ledger import machines
from shared.ledger.machine_row import MachineRow
from shared.models import Announcement, Scope, Settled
from shared.problems import Interrupted

bp = Blueprint()


@serves(bp, HOLD_COHORT)
def hold_cohort(cohort: Cohort) -> Members:
    """Become the owner of a cohort's machines while a step concerns all of them; give those that nobody stopped."""
    held = []
    for member in cohort.machines:
        here = scoped_as(cohort, Scope).replace(machine=member.name, phase="quiesce")
        try:
            raise_if_stopped(here)
            check_window(here.replace(phase="fail_over"))
        except Interrupted:
            continue
        row = machines.change(here, partial(_may_hold, cohort.owner, here), owner=cohort.owner)
        if row.owner == cohort.owner:
            held.append(member)
    return Members(members=tuple(held))


def _may_hold(owner: str, scope: Scope, row: MachineRow) -> bool:
    return may_own(owner, scope, row) and not is_held(row)


@serves(bp, RELEASE_COHORT)
def release_cohort(cohort: Cohort) -> Settled:
    """Let go of them, and wake whoever waits for one."""
    announcements: tuple[Announcement, ...] = ()
    for member in cohort.machines:
        here = scoped_as(cohort, Scope).replace(machine=member.name)
        machines.change(here, lambda row: row.owner == cohort.owner, owner="")
        announcements += wake(owner_watch(here))
    return Settled(announcements=announcements)
