"""Rehearse together: all machines of a wave are brought in step, then tested as recovery plans of at most 100.

The plan's run brings up the copies in boot order, with its actions. What follows is each machine's own: its phases find
its copy up (or bring it up alone, where the plan did not), look into it, wait for people and remove it.
"""

from orchestrators.fail_over import run_plan
from orchestrators.phase_run import leg
from shared.contracts.cohorts import Cohort, GroupPreparation
from shared.contracts.contracts import (
    DELETE_RECOVERY_PLAN,
    GATHER_REHEARSAL,
    HOLD_REHEARSAL,
    MAKE_RECOVERY_PLAN,
    PREPARE_TOGETHER,
    REHEARSE,
    RELEASE_COHORT,
    START_PLAN_TEST,
    START_TEST_FAILOVER,
    WALK_MACHINE,
)
from shared.contracts.requests import scoped_as, where
from shared.contracts.rounds import Member
from shared.durable.fan_out import fan_out
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates, outcome
from shared.durable.waiting import submit, until
from shared.ids import instance_id
from shared.models import Done, Scope
from shared.problems import Problem

bp = Blueprint()

FIRST = START_TEST_FAILOVER.name


@orchestrates(bp, PREPARE_TOGETHER)
def prepare_together(context: Context, request: GroupPreparation) -> Waits[Done]:
    """Who is refused on the way leaves; the others do not wait for it any more."""
    begins = request.phases.index(FIRST)
    ready = yield from _in_step(context, request, request.phases[:begins])
    cohort = Cohort(**where(request.replace(phase="rehearsal")), machines=ready)
    gathered = yield from until(context, GATHER_REHEARSAL, cohort)
    parts = [
        _part(request, number, machines, request.phases[begins:]) for number, machines in enumerate(gathered.cohorts, 1)
    ]
    yield from fan_out(context, REHEARSE, [(part.owner, part) for part in parts])
    return Done()


def _in_step(context: Context, request: GroupPreparation, phases: tuple[str, ...]) -> Waits[tuple[Member, ...]]:
    """Walk the phases before the rehearsal; give those that came through, and those that had done so before."""
    due = [member for member in request.machines if member.resume_at in ("", *phases)]
    answers = yield from fan_out(
        context, WALK_MACHINE, [leg(scoped_as(request, Scope), member, phases) for member in due]
    )
    refused = {member.name for member, answer in zip(due, answers, strict=True) if isinstance(answer, Problem)}
    return tuple(member for member in request.machines if member.name not in refused)


def _part(request: GroupPreparation, number: int, machines: tuple[Member, ...], phases: tuple[str, ...]) -> Cohort:
    label = f"rehearsal-{number}"
    owner = instance_id(scoped_as(request, Scope).replace(phase=label))
    return Cohort(**where(request.replace(phase=label)), number=number, machines=machines, land=phases, owner=owner)


@orchestrates(bp, REHEARSE)
def rehearse(context: Context, cohort: Cohort) -> Waits[Done]:
    """Run the plan's test, then let each machine go its own way; the plan is kept until the last copy is removed."""
    yield from outcome(_test(context, cohort))
    place = scoped_as(cohort, Scope)
    yield from fan_out(context, WALK_MACHINE, [leg(place, member, cohort.land) for member in cohort.machines])
    yield from outcome(submit(context, DELETE_RECOVERY_PLAN, cohort))
    return Done()


def _test(context: Context, cohort: Cohort) -> Waits[None]:
    """Bring the copies up as a recovery plan; whatever it does not bring up comes up alone afterwards."""
    held = yield from call(context, HOLD_REHEARSAL, cohort)
    going = cohort.replace(machines=held.members)
    if held.members:
        ended = yield from outcome(submit(context, MAKE_RECOVERY_PLAN, going))
        if not isinstance(ended, Problem):
            yield from outcome(run_plan(context, START_PLAN_TEST, going))
    yield from call(context, RELEASE_COHORT, going)
