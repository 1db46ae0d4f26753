"""Cut over a cohort: window, quiesce, stop in reverse boot order, fail over in boot order, verify, finish."""

from orchestrators.migrate_wave import leg
from shared.contracts import (
    ANNOUNCE,
    AWAIT_WINDOW,
    CUT_OVER_COHORT,
    FAIL_OVER_PLAN,
    FREE_SLOTS,
    READ_CUTOVER_MODE,
    WALK_MACHINE,
)
from shared.durable import Blueprint, Context, Waits, call, orchestrates, outcome, run
from shared.fan_out import fan_out
from shared.ids import instance_id
from shared.models import Done, Place
from shared.problems import Problem
from shared.requests import Announcing, Cohort, Member, Slots, at

bp = Blueprint()

BEFORE_LANDING = ("", "approval", "await_window", "quiesce", "stop_source", "fail_over")


@orchestrates(bp, CUT_OVER_COHORT)
def cut_over_cohort(context: Context, cohort: Cohort) -> Waits[Done]:
    """A machine that is refused drops out; the rest goes on. The slots are freed however it ends."""
    ended = yield from outcome(_cut_over(context, cohort))
    freed = yield from call(context, FREE_SLOTS, at(cohort, Slots, limit="cuttingOver", owner=cohort.owner))
    if freed.announcements:
        yield from call(context, ANNOUNCE, Announcing(announcements=freed.announcements))
    if isinstance(ended, Problem):
        raise ended
    return Done()


def _cut_over(context: Context, cohort: Cohort) -> Waits[Done]:
    """Walk the cohort; who resumes later than a phase only joins where it resumes."""
    yield from run(context, AWAIT_WINDOW, cohort, instance_id(at(cohort, Place, phase=f"{cohort.phase}-window")))
    mode = yield from call(context, READ_CUTOVER_MODE, at(cohort, Place))
    machines = cohort.machines
    machines = yield from _all(context, cohort, "quiesce", machines)
    machines = yield from _by_group(context, cohort, "stop_source", machines, backwards=True)
    if mode.recovery_plan:
        flying = tuple(member for member in machines if member.resume_at in BEFORE_LANDING)
        yield from _fail_over_plan(context, cohort.but(machines=flying))
        machines = yield from _all(context, cohort, "fail_over", machines)
    else:
        machines = yield from _by_group(context, cohort, "fail_over", machines, backwards=False)
    yield from fan_out(context, WALK_MACHINE, [leg(at(cohort, Place), member, cohort.land) for member in machines])
    return Done()


def _fail_over_plan(context: Context, cohort: Cohort) -> Waits[None]:
    """Run the recovery plan; whatever it did not move is failed over machine by machine afterwards."""
    if cohort.machines:
        name = instance_id(at(cohort, Place, phase=f"{cohort.phase}-plan"))
        yield from outcome(run(context, FAIL_OVER_PLAN, cohort, name))


def _all(context: Context, cohort: Cohort, phase: str, machines: tuple[Member, ...]) -> Waits[tuple[Member, ...]]:
    """Walk one phase with all at once; give those that may go on."""
    due = [member for member in machines if not _is_past(member, phase)]
    answers = yield from fan_out(context, WALK_MACHINE, [leg(at(cohort, Place), member, (phase,)) for member in due])
    lost = {member.name for member, answer in zip(due, answers, strict=True) if isinstance(answer, Problem)}
    return tuple(member for member in machines if member.name not in lost)


def _by_group(
    context: Context, cohort: Cohort, phase: str, machines: tuple[Member, ...], *, backwards: bool
) -> Waits[tuple[Member, ...]]:
    """Walk one phase boot group by boot group; give those that may go on."""
    through: list[Member] = []
    for group in sorted({member.boot_group for member in machines}, reverse=backwards):
        members = tuple(member for member in machines if member.boot_group == group)
        through += yield from _all(context, cohort, phase, members)
    return tuple(through)


def _is_past(member: Member, phase: str) -> bool:
    """Tell whether the machine resumes at a phase later than this one."""
    if member.resume_at not in BEFORE_LANDING:
        return member.resume_at != ""
    return BEFORE_LANDING.index(member.resume_at) > BEFORE_LANDING.index(phase)
