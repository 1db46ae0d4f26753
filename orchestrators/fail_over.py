"""Fail over: the machine, or the recovery plan made for exactly this cohort, starts in Azure."""

from shared.contracts.cohorts import Cohort
from shared.contracts.contracts import (
    DELETE_RECOVERY_PLAN,
    FAIL_OVER,
    FAIL_OVER_PLAN,
    MAKE_RECOVERY_PLAN,
    POLL_PLAN_JOB,
    READ_FAILOVER,
    START_FAILOVER,
    START_PLAN_FAILOVER,
    STOP_SOURCE_MACHINE,
)
from shared.contracts.requests import Poll, Submitted, scoped_as, where
from shared.durable.seam import Activity, Blueprint, Context, Waits, call, orchestrates, outcome
from shared.durable.waiting import sent, submit, until
from shared.models import Done, Scope
from shared.problems import Problem

bp = Blueprint()


@orchestrates(bp, FAIL_OVER)
def fail_over(context: Context, scope: Scope) -> Waits[Done]:
    """One machine: submit unless it is failed over already, wait for the job, note what it came to."""
    yield from submit(context, START_FAILOVER, scoped_as(scope, Poll))
    scope = scope.replace(enters="")
    landed = yield from call(context, READ_FAILOVER, scope)
    if landed.source_runs:  # source and target are never both live: nothing goes on before it is off
        yield from until(context, STOP_SOURCE_MACHINE, Poll(**where(scope), tag="left-running"))
    return Done()


@orchestrates(bp, FAIL_OVER_PLAN)
def fail_over_plan(context: Context, cohort: Cohort) -> Waits[Done]:
    """A cohort: make the plan, run it; a job that failed for some is resolved machine by machine afterwards."""
    cohort = cohort.replace(urgent=True)
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
        yield from until(context, POLL_PLAN_JOB, cohort.replace(job=submitted.job, tag=tag))
