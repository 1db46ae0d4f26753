"""Recovery plans: made for exactly one cohort just before its failover, run once, deleted afterwards."""

from collections.abc import Callable

from activities.flow.failover_rules import check_source_rests, mark_asked, shuts_down
from activities.flow.wait_rows import arm_vault
from activities.recovery_plans.recovery_plan_groups import wanted
from shared import ids
from shared.contracts.cohorts import Cohort
from shared.contracts.contracts import DELETE_RECOVERY_PLAN, MAKE_RECOVERY_PLAN, START_PLAN_FAILOVER
from shared.contracts.requests import Submitted, scoped_as
from shared.coordination.waits import WaitKind
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, plans
from shared.ledger.event_data import EventData
from shared.ledger.machine_context import machine_context
from shared.models import Scope
from shared.problems import Busy
from shared.roads.failover_kind import PLANNED, UNPLANNED, failover_kind
from shared.roads.registry import road_of
from shared.site_recovery import recovery_plans
from shared.site_recovery.jobs import find_job
from shared.site_recovery.recovery_plans import Planned, RecoveryPlan
from shared.site_recovery.vault import VaultRef, vault_of_plan
from shared.site_recovery.wire import segment

bp = Blueprint()

A_MOMENT = 10  # seconds; making and deleting a plan takes no longer, and machines are down meanwhile
Send = Callable[[VaultRef, str, str], str]  # takes the vault, the plan's name and the request's id; gives the job
POINTS = {
    "latest": "Latest",
    "latestProcessed": "LatestProcessed",
    "latestAppConsistent": "LatestApplicationConsistent",
    "latestCrashConsistent": "LatestCrashConsistent",
}


def plan_name(cohort: Cohort) -> str:
    """Give the name of a cohort's recovery plan."""
    return ids.recovery_plan_name(cohort.migration, cohort.wave, cohort.phase, cohort.attempt, cohort.round)


@serves(bp, MAKE_RECOVERY_PLAN)
def make_recovery_plan(cohort: Cohort) -> Submitted:
    """Make the recovery plan of these machines in their boot groups; one that is there is changed where it differs."""
    plan = plans.plan_at(cohort)
    vault, name = vault_of_plan(plan), plan_name(cohort)
    request, made = ids.request_id(cohort.key, "plan"), wanted(cohort, plan, vault)
    if (existing := recovery_plans.get_plan(vault, name)) is not None:
        return _as_wanted(cohort, vault, existing, made)
    if before := _job_before(cohort, vault, request):
        return _follow(cohort, vault, before)
    job = recovery_plans.create_plan(vault, name, made, request)
    return _follow(cohort, vault, job, A_MOMENT)


def _as_wanted(cohort: Cohort, vault: VaultRef, existing: RecoveryPlan, made: Planned) -> Submitted:
    """Change a plan that somebody else had a hand in; one that runs is left as it is."""
    if made.is_like(existing) or _running_job(existing):
        return Submitted()
    job = recovery_plans.update_plan(vault, existing, made, ids.request_id(cohort.key, "change plan"))
    return _follow(cohort, vault, job, A_MOMENT)


@serves(bp, START_PLAN_FAILOVER)
def start_plan_failover(cohort: Cohort) -> Submitted:
    """Fail the machines over with their recovery plan, once; a run that a crash hid is found by its request's id."""
    plan = plans.plan_at(cohort)
    planned_one = failover_kind(plan, plan.wave(cohort.wave)) == PLANNED

    def send(vault: VaultRef, name: str, request: str) -> str:
        places = [scoped_as(cohort, Scope).replace(machine=member.name) for member in cohort.machines]
        for here in places:
            check_source_rests(machine_context(here))
        shut_down = shuts_down(plan)
        for here in places:
            mark_asked(here, f"the failover of recovery plan {name}", shut_down=shut_down)
        if planned_one:
            return recovery_plans.fail_over_plan_as_planned(vault, name, road_of(plan).provider, request)
        point = POINTS[plan.wave(cohort.wave).cutover.recovery_point]
        details = road_of(plan).provider.plan_failover(point, together=plan.policy.multi_vm_sync)
        return recovery_plans.fail_over_plan(vault, name, details, shut_down=shut_down, request=request)

    return begin_run(cohort, "plan-failover", PLANNED if planned_one else UNPLANNED, send)


def begin_run(cohort: Cohort, what: str, offered: str, send: Send) -> Submitted:
    """Send a run of the cohort's recovery plan unless it was sent; one that is not offered is left to its machines."""
    vault, name = vault_of_plan(plans.plan_at(cohort)), plan_name(cohort)
    found = recovery_plans.get_plan(vault, name)
    if found is None:
        raise Busy(f"the recovery plan {name} does not show yet")
    if running := _running_job(found):
        return _submitted(cohort, vault, what, running)
    request = ids.request_id(cohort.key, what.replace("-", " "))
    if before := _job_before(cohort, vault, request):
        return _submitted(cohort, vault, what, before)
    if offered not in found.allowed_operations:
        return Submitted()
    return _submitted(cohort, vault, what, send(vault, name, request))


def _submitted(cohort: Cohort, vault: VaultRef, what: str, job: str) -> Submitted:
    """Say that it runs, whichever call sent it: one may have died before it could."""
    text = f"recovery plan {plan_name(cohort)} was submitted"
    events.write(cohort, f"{what}-{cohort.number}", text, data=EventData(job=job))
    return _follow(cohort, vault, job)


def _job_before(cohort: Cohort, vault: VaultRef, request: str) -> str:
    """Return the job that an earlier call of this submission started, however it ended; empty when there is none."""
    # Remembered nowhere: a cohort has no row, and the plan's name, which is its alone, leaves few jobs to read.
    found = find_job(vault, request, cohort.since, target=plan_name(cohort))
    return found.name if found else ""


def _running_job(plan: RecoveryPlan) -> str:
    """Give the job that runs the plan right now; empty when it is idle."""
    current = plan.current_scenario
    job = segment(current.job_id, "replicationJobs") if current.scenario_name.lower() not in ("", "none") else ""
    return job if job.lower() != "none" else ""


@serves(bp, DELETE_RECOVERY_PLAN)
def delete_recovery_plan(cohort: Cohort) -> Submitted:
    """Delete the cohort's recovery plan; one that is gone is fine."""
    vault, name = vault_of_plan(plans.plan_at(cohort)), plan_name(cohort)
    if recovery_plans.get_plan(vault, name) is None:
        return Submitted()
    job = recovery_plans.delete_plan(vault, name, ids.request_id(cohort.key, "delete plan"))
    return _follow(cohort, vault, job, A_MOMENT)


def _follow(cohort: Cohort, vault: VaultRef, job: str, patience: int = 3_600) -> Submitted:
    """Wait for a job of the plan; `patience` where it takes a moment only, so that no tick is waited for."""
    if job:
        arm_vault(cohort, WaitKind.JOB, vault, job, urgent=True, text=f"recovery plan {plan_name(cohort)}")
    return Submitted(job=job, patience=patience)
