"""Rehearse together: all machines of a wave are brought in step, then tested as recovery plans of at most 100.

The plan's run brings up the copies in boot order, with its actions. What follows is each machine's own: its phases find
its copy up (or bring it up alone, where the plan did not), look into it, wait for people and remove it.
"""

from orchestrators.fail_over import run_plan
from orchestrators.migrate_wave import leg
from shared.contracts import (
    DELETE_RECOVERY_PLAN,
    GATHER_REHEARSAL,
    HOLD_REHEARSAL,
    MAKE_RECOVERY_PLAN,
    PREPARE_TOGETHER,
    REHEARSE,
    RELEASE_COHORT,
    START_PLAN_TEST,
    WALK_MACHINE,
)
from shared.durable import Blueprint, Context, Waits, call, orchestrates, outcome
from shared.fan_out import fan_out
from shared.ids import instance_id
from shared.models import Done, Place
from shared.problems import Problem
from shared.requests import Cohort, Member, Preparing, at
from shared.waiting import call_and_wake, submit, until

bp = Blueprint()

FIRST = "test_failover"


@orchestrates(bp, PREPARE_TOGETHER)
def prepare_together(context: Context, asked: Preparing) -> Waits[Done]:
    """Who is refused on the way leaves; the others do not wait for it any more."""
    begins = asked.phases.index(FIRST)
    ready = yield from _in_step(context, asked, asked.phases[:begins])
    whole = at(asked, Cohort, phase="rehearsal", machines=ready)
    gathered = yield from until(context, GATHER_REHEARSAL, whole)
    parts = [
        _part(asked, number, machines, asked.phases[begins:]) for number, machines in enumerate(gathered.cohorts, 1)
    ]
    yield from fan_out(context, REHEARSE, [(part.owner, part) for part in parts])
    return Done()


def _in_step(context: Context, asked: Preparing, phases: tuple[str, ...]) -> Waits[tuple[Member, ...]]:
    """Walk the phases before the rehearsal; give those that came through, and those that had done so before."""
    due = [member for member in asked.machines if member.resume_at in ("", *phases)]
    answers = yield from fan_out(context, WALK_MACHINE, [leg(at(asked, Place), member, phases) for member in due])
    refused = {member.name for member, answer in zip(due, answers, strict=True) if isinstance(answer, Problem)}
    return tuple(member for member in asked.machines if member.name not in refused)


def _part(asked: Preparing, number: int, machines: tuple[Member, ...], phases: tuple[str, ...]) -> Cohort:
    label = f"rehearsal-{number}"
    owner = instance_id(at(asked, Place, phase=label))
    return at(asked, Cohort, phase=label, number=number, machines=machines, land=phases, owner=owner)


@orchestrates(bp, REHEARSE)
def rehearse(context: Context, cohort: Cohort) -> Waits[Done]:
    """Run the plan's test, then let each machine go its own way; the plan is kept until the last copy is removed."""
    yield from outcome(_test(context, cohort))
    place = at(cohort, Place)
    yield from fan_out(context, WALK_MACHINE, [leg(place, member, cohort.land) for member in cohort.machines])
    yield from outcome(submit(context, DELETE_RECOVERY_PLAN, cohort))
    return Done()


def _test(context: Context, cohort: Cohort) -> Waits[None]:
    """Bring the copies up as a recovery plan; whatever it does not bring up comes up alone afterwards."""
    held = yield from call(context, HOLD_REHEARSAL, cohort)
    going = cohort.but(machines=held.members)
    if held.members:
        ended = yield from outcome(submit(context, MAKE_RECOVERY_PLAN, going))
        if not isinstance(ended, Problem):
            yield from outcome(run_plan(context, START_PLAN_TEST, going))
    yield from call_and_wake(context, RELEASE_COHORT, going)
