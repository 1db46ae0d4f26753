"""Rehearse together: who goes into which recovery plan, and the plan's test failover, submitted once."""

from activities.flow.cohort_ownership import hold_cohort
from activities.flow.interruption import raise_if_stopped
from activities.flow.skipped_phases import is_skipped
from activities.flow.wait_rows import arm, disarm, gate_watch
from activities.recovery_plans.recovery_plan import begin_run
from shared.contracts.cohorts import Cohort, Cohorts
from shared.contracts.contracts import CLEAN_UP_TEST_FAILOVER, GATHER_REHEARSAL, HOLD_REHEARSAL, START_PLAN_TEST
from shared.contracts.requests import Submitted, scoped_as
from shared.contracts.rounds import Member, Members
from shared.coordination import operator_intents
from shared.coordination.operator_intents import Intent
from shared.coordination.waits import WaitKind
from shared.durable.seam import Blueprint, serves
from shared.ledger import machines, plans
from shared.ledger.machine_row import Mark
from shared.models import Scope
from shared.roads.registry import road_of
from shared.roads.target_names import network_id
from shared.scheduling.cohorts import LARGEST, split
from shared.site_recovery import recovery_plans
from shared.site_recovery.vault import VaultRef
from shared.states import MachineState

bp = Blueprint()

OFFERED = "TestFailover"


@serves(bp, GATHER_REHEARSAL)
def gather_rehearsal(cohort: Cohort) -> Cohorts:
    """Cut into parts that a recovery plan can hold; not settled while the migration is paused."""
    raise_if_stopped(cohort)
    if operator_intents.intent(cohort.migration).intent == Intent.PAUSE:
        arm(cohort, WaitKind.RESUME, gate_watch(cohort.migration), text="a pause")
        return Cohorts()
    disarm(cohort, WaitKind.RESUME, gate_watch(cohort.migration))
    applications = {row.name: row.application for row in machines.list(cohort.migration, wave=cohort.wave)}
    parts = split(cohort.machines, applications, LARGEST)
    return Cohorts(settled=True, cohorts=tuple(part.machines for part in parts))


@serves(bp, HOLD_REHEARSAL)
def hold_rehearsal(cohort: Cohort) -> Members:
    """Become the owner of those that are tested now: not whom an operator stopped, paused, or left the test out for."""
    return hold_cohort(cohort.replace(machines=tuple(each for each in cohort.machines if _is_tested(cohort, each))))


def _is_tested(cohort: Cohort, member: Member) -> bool:
    here = scoped_as(cohort, Scope).replace(machine=member.name)
    paused = operator_intents.intent(cohort.migration, member.name).intent == Intent.PAUSE
    return member.resume_at != CLEAN_UP_TEST_FAILOVER.name and not paused and not is_skipped(here)


@serves(bp, START_PLAN_TEST)
def start_plan_test(cohort: Cohort) -> Submitted:
    """Run the recovery plan's test once, in the test network; a run that a crash hid is found by its request's id."""

    def send(vault: VaultRef, name: str, request: str) -> str:
        plan = plans.plan_at(cohort)
        for member in cohort.machines:
            waiting_for = f"the test failover of recovery plan {name}"
            here = scoped_as(cohort, Scope).replace(machine=member.name)
            marks = {Mark.TEST_ASKED: cohort.now}
            machines.change(here, state=MachineState.TESTING, waiting_for=waiting_for, marks=marks)
        provider, network = road_of(plan).provider, network_id(plan, test=True)
        return recovery_plans.start_plan_test(vault, name, provider, network_id=network, request=request)

    return begin_run(cohort, "plan-test", OFFERED, send)
