"""Cut over a cohort: window, quiesce, stop in reverse boot order, fail over in boot order, verify; then finish."""

from orchestrators.migrate_wave import leg
from shared.contracts import (
    ANNOUNCE,
    AWAIT_WINDOW,
    CUT_OVER_COHORT,
    FAIL_OVER_PLAN,
    FREE_SLOTS,
    HOLD_COHORT,
    READ_CUTOVER_MODE,
    RELEASE_COHORT,
    WALK_MACHINE,
)
from shared.durable import Blueprint, Context, Waits, call, orchestrates, outcome, run
from shared.fan_out import fan_out
from shared.ids import instance_id
from shared.models import Done, Place, Woken
from shared.problems import Problem
from shared.requests import Announcing, Cohort, Member, Slots, at

bp = Blueprint()

UNTIL_VERIFIED = ("", "approval", "await_window", "quiesce", "stop_source", "fail_over", "verify")


@orchestrates(bp, CUT_OVER_COHORT)
def cut_over_cohort(context: Context, cohort: Cohort) -> Waits[Done]:
    """A machine that is refused drops out; the rest goes on. The slots are freed once it serves, or however it ends."""
    ended = yield from outcome(_cut_over(context, cohort))
    freed = yield from call(context, FREE_SLOTS, at(cohort, Slots, limit="cuttingOver", owner=cohort.owner))
    yield from _announce(context, freed)
    if isinstance(ended, Problem):
        raise ended
    landing = tuple(phase for phase in cohort.land if phase not in UNTIL_VERIFIED)
    yield from fan_out(context, WALK_MACHINE, [leg(at(cohort, Place), member, landing) for member in ended])
    return Done()


def _announce(context: Context, woken: Woken) -> Waits[None]:
    """Wake whoever waits for what became free."""
    if woken.announcements:
        yield from call(context, ANNOUNCE, Announcing(announcements=woken.announcements))


def _cut_over(context: Context, cohort: Cohort) -> Waits[tuple[Member, ...]]:
    """Walk the cohort until its machines serve in Azure; who resumes later only joins where it resumes."""
    yield from run(context, AWAIT_WINDOW, cohort, instance_id(at(cohort, Place, phase=f"{cohort.phase}-window")))
    mode = yield from call(context, READ_CUTOVER_MODE, at(cohort, Place))
    if not mode.recovery_plan and len({member.boot_group for member in cohort.machines}) == 1:
        # no machine waits for another: each is down no longer than its own proof, stop and failover take
        return (yield from _all(context, cohort, ("quiesce", "stop_source", "fail_over", "verify"), cohort.machines))
    machines = yield from _all(context, cohort, ("quiesce",), cohort.machines)
    machines = yield from _by_group(context, cohort, ("stop_source",), machines, backwards=True)
    if mode.recovery_plan:
        yield from _fail_over_plan(context, cohort, machines)
        return (yield from _all(context, cohort, ("fail_over", "verify"), machines))
    # a boot group starts when the one before it serves: an application finds its database
    return (yield from _by_group(context, cohort, ("fail_over", "verify"), machines, backwards=False))


def _fail_over_plan(context: Context, cohort: Cohort, machines: tuple[Member, ...]) -> Waits[None]:
    """Run the recovery plan of those that may still go; whatever it did not move is failed over one by one afterwards.

    The cohort holds its machines meanwhile: a rollback that is asked for begins when the plan has ended.
    """
    due = tuple(member for member in machines if not _is_past(member, "fail_over"))
    held = yield from call(context, HOLD_COHORT, cohort.but(machines=due))
    if held.members:
        name = instance_id(at(cohort, Place, phase=f"{cohort.phase}-plan"))
        yield from outcome(run(context, FAIL_OVER_PLAN, cohort.but(machines=held.members), name))
    yield from _announce(context, (yield from call(context, RELEASE_COHORT, cohort.but(machines=held.members))))


def _all(
    context: Context, cohort: Cohort, phases: tuple[str, ...], machines: tuple[Member, ...]
) -> Waits[tuple[Member, ...]]:
    """Walk some phases with all at once; give those that may go on."""
    due = [member for member in machines if not _is_past(member, phases[-1])]
    answers = yield from fan_out(context, WALK_MACHINE, [leg(at(cohort, Place), member, phases) for member in due])
    lost = {member.name for member, answer in zip(due, answers, strict=True) if isinstance(answer, Problem)}
    return tuple(member for member in machines if member.name not in lost)


def _by_group(
    context: Context, cohort: Cohort, phases: tuple[str, ...], machines: tuple[Member, ...], *, backwards: bool
) -> Waits[tuple[Member, ...]]:
    """Walk some phases boot group by boot group; give those that may go on."""
    through: list[Member] = []
    for group in sorted({member.boot_group for member in machines}, reverse=backwards):
        members = tuple(member for member in machines if member.boot_group == group)
        through += yield from _all(context, cohort, phases, members)
    return tuple(through)


def _is_past(member: Member, phase: str) -> bool:
    """Tell whether the machine resumes at a phase later than this one."""
    if member.resume_at not in UNTIL_VERIFIED:
        return True
    return UNTIL_VERIFIED.index(member.resume_at) > UNTIL_VERIFIED.index(phase)
