"""Cut over a cohort: window, quiesce, stop in reverse boot order, fail over in boot order, verify; then finish.

Machines that have no place in this opening of the window, and those that it closed upon, go on as a cohort of their own:
a child that waits for the next opening, while this one lands what it moved.
"""

from typing import NamedTuple

from orchestrators.cutover_slots import free_places
from orchestrators.phase_run import leg
from shared.contracts.cohorts import Cohort
from shared.contracts.contracts import (
    AWAIT_WINDOW,
    CUT_OVER_COHORT,
    FAIL_OVER,
    FAIL_OVER_PLAN,
    HOLD_COHORT,
    QUIESCE,
    READ_CUTOVER_MODE,
    RELEASE_COHORT,
    STOP_SOURCE,
    VERIFY,
    WALK_MACHINE,
)
from shared.contracts.requests import scoped_as, where
from shared.contracts.rounds import Member
from shared.durable.fan_out import fan_out, gathered
from shared.durable.seam import Blueprint, Context, DurableTask, Waits, begin, call, orchestrates, outcome, run
from shared.durable.waiting import set_off
from shared.ids import instance_id
from shared.models import Done, Scope
from shared.problems import Problem, WindowClosed

bp = Blueprint()

REST, STOP = (QUIESCE.name,), (STOP_SOURCE.name,)
MOVE = (FAIL_OVER.name, VERIFY.name)


class Walked(NamedTuple):
    """Where a walk left machines: they go on, or the window closed upon them and they wait for its next opening."""

    through: tuple[Member, ...] = ()
    back: tuple[Member, ...] = ()


@orchestrates(bp, CUT_OVER_COHORT)
def cut_over_cohort(context: Context, cohort: Cohort) -> Waits[Done]:
    """A machine that is refused drops out; the rest goes on. The slots are freed once it serves, or however it ends."""
    later: list[DurableTask] = []
    ended = yield from outcome(_in_one_opening(context, cohort, later))
    yield from free_places(context, cohort)
    if isinstance(ended, Walked):
        if ended.back:
            again = tuple(member.replace(resume_at="") for member in ended.back)
            back = cohort.replace(phase=f"{cohort.phase}-back{cohort.attempt}", overruns=cohort.overruns + 1)
            later.append(_begin_later(context, back.replace(machines=again)))
            yield from set_off(context, later[-1])
        landing = tuple(phase for phase in cohort.land if phase not in MOVE)
        place = scoped_as(cohort, Scope)
        yield from fan_out(context, WALK_MACHINE, [leg(place, member, landing) for member in ended.through])
    if later:
        yield from gathered(context, later)
    if isinstance(ended, Problem):
        raise ended
    return Done()


def _in_one_opening(context: Context, cohort: Cohort, later: list[DurableTask]) -> Waits[Walked]:
    """Wait for an opening, and cut over as many as it has room for; the others wait for the next one meanwhile."""
    window = instance_id(scoped_as(cohort, Scope).replace(phase=f"{cohort.phase}-window"))
    opening = yield from run(context, AWAIT_WINDOW, cohort, window)
    left = (member for member in cohort.machines if member.name not in opening.gone)
    remaining = tuple(member for member in left if member not in opening.machines)
    if remaining:
        later.append(_begin_later(context, cohort.replace(machines=remaining)))
        yield from set_off(context, later[-1])
    if not opening.machines:
        return Walked()
    return (yield from _cut_over(context, cohort.replace(machines=opening.machines)))


def _begin_later(context: Context, cohort: Cohort) -> DurableTask:
    """Let machines wait for the next opening as a cohort of their own; its label and attempt make its ids new."""
    place = scoped_as(cohort, Scope).replace(attempt=cohort.attempt + 1)
    name = instance_id(place)
    waiting = Cohort(
        **where(place),
        owner=name,
        number=cohort.number,
        machines=cohort.machines,
        after=cohort.after,
        land=cohort.land,
        overruns=cohort.overruns,
    )
    return begin(context, CUT_OVER_COHORT, waiting, name)


def _cut_over(context: Context, cohort: Cohort) -> Waits[Walked]:
    """Walk the cohort until its machines serve in Azure; a machine that resumes at a later phase joins there."""
    mode = yield from call(context, READ_CUTOVER_MODE, scoped_as(cohort, Scope))
    if not mode.recovery_plan and len({member.boot_group for member in cohort.machines}) == 1:
        # no machine waits for another: each is down no longer than its own proof, stop and failover take
        return (yield from _all(context, cohort, (*REST, *STOP, *MOVE), cohort.machines))
    rested = yield from _all(context, cohort, REST, cohort.machines)
    stopped = yield from _by_group(context, cohort.replace(machines=rested.through), STOP, backwards=True)
    going = cohort.replace(machines=stopped.through)
    if mode.recovery_plan:
        yield from _fail_over_plan(context, going)
        moved = yield from _all(context, going, MOVE, going.machines)
    else:  # a boot group starts when the one before it serves: an application finds its database
        moved = yield from _by_group(context, going, MOVE, backwards=False)
    return Walked(moved.through, rested.back + stopped.back + moved.back)


def _fail_over_plan(context: Context, cohort: Cohort) -> Waits[None]:
    """Run the recovery plan of those that may still go; whatever it did not move is failed over one by one afterwards.

    The cohort holds its machines meanwhile: a rollback that is asked for begins when the plan has ended.
    """
    due = tuple(member for member in cohort.machines if not member.is_past(FAIL_OVER.name))
    held = yield from call(context, HOLD_COHORT, cohort.replace(machines=due))
    if held.members:
        name = instance_id(scoped_as(cohort, Scope).replace(phase=f"{cohort.phase}-plan"))
        yield from outcome(run(context, FAIL_OVER_PLAN, cohort.replace(machines=held.members), name))
    yield from call(context, RELEASE_COHORT, cohort.replace(machines=held.members))


def _all(context: Context, cohort: Cohort, phases: tuple[str, ...], machines: tuple[Member, ...]) -> Waits[Walked]:
    """Walk some phases with all at once; give those that may go on, and those that stood back."""
    due = [member for member in machines if not member.is_past(phases[-1])]
    answers = yield from fan_out(
        context, WALK_MACHINE, [leg(scoped_as(cohort, Scope), member, phases) for member in due]
    )
    ended = {member.name: answer for member, answer in zip(due, answers, strict=True) if isinstance(answer, Problem)}
    through = tuple(member for member in machines if member.name not in ended)
    return Walked(through, tuple(member for member in due if _stood_back(ended.get(member.name))))


def _stood_back(problem: Problem | None) -> bool:
    """Tell whether the window closed upon a machine, and it waits on its source for the next opening."""
    return isinstance(problem, WindowClosed) and problem.stands_back


def _by_group(context: Context, cohort: Cohort, phases: tuple[str, ...], *, backwards: bool) -> Waits[Walked]:
    """Walk some phases boot group by boot group; give those that may go on, and those that stood back."""
    walked = Walked()
    for group in sorted({member.boot_group for member in cohort.machines}, reverse=backwards):
        members = tuple(member for member in cohort.machines if member.boot_group == group)
        through, back = yield from _all(context, cohort, phases, members)
        walked = Walked(walked.through + through, walked.back + back)
    return walked
