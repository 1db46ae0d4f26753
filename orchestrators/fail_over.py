"""Fail over: the machine, or the recovery plan made for exactly this cohort, starts in Azure."""

from shared.contracts import (
    DELETE_RECOVERY_PLAN,
    FAIL_OVER,
    FAIL_OVER_PLAN,
    LOOK_PLAN_JOB,
    MAKE_RECOVERY_PLAN,
    READ_FAILOVER,
    START_FAILOVER,
    START_PLAN_FAILOVER,
    STOP_SOURCE,
)
from shared.durable import Activity, Blueprint, Context, Waits, call, orchestrates, outcome
from shared.models import Done, Place
from shared.problems import Problem
from shared.requests import Cohort, Look, Submitted, at
from shared.waiting import sent, submit, until

bp = Blueprint()


@orchestrates(bp, FAIL_OVER)
def fail_over(context: Context, place: Place) -> Waits[Done]:
    """One machine: submit unless it is failed over already, wait for the job, note what it came to."""
    yield from submit(context, START_FAILOVER, at(place, Look))
    landed = yield from call(context, READ_FAILOVER, place)
    if landed.source_runs:  # source and target are never both live: nothing goes on before it is off
        yield from until(context, STOP_SOURCE, at(place, Look, tag="left-running"))
    return Done()


@orchestrates(bp, FAIL_OVER_PLAN)
def fail_over_plan(context: Context, cohort: Cohort) -> Waits[Done]:
    """A cohort: make the plan, run it; a job that failed for some is resolved machine by machine afterwards."""
    yield from submit(context, MAKE_RECOVERY_PLAN, cohort)
    ended = yield from outcome(run_plan(context, START_PLAN_FAILOVER, cohort))
    yield from outcome(submit(context, DELETE_RECOVERY_PLAN, cohort))
    if isinstance(ended, Problem):
        raise ended
    return Done()


def run_plan(context: Context, activity: Activity[Cohort, Submitted], cohort: Cohort) -> Waits[None]:
    """Submit a run of a recovery plan and follow its job, which may hold for people on its way."""
    tag = activity.name
    submitted = yield from sent(context, activity, cohort, tag)
    if submitted.job:
        yield from until(context, LOOK_PLAN_JOB, cohort.but(job=submitted.job, tag=tag))
