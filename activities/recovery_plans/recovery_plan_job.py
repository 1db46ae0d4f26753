"""The run of a recovery plan: one look at its job; where it holds for a manual action, a gate and its answer.

A job that holds is Suspended, and its manual action is the one that has begun and not ended. Resumed it may hold again,
for the next one: so each action has a gate of its own number, and a job is never resumed for an action that nobody
approved. Where the job does not tell its actions, each time that it holds is a gate of its own.
"""

from datetime import timedelta

from activities.flow.interruption import raise_if_stopped
from activities.flow.jobs import LATER, SOON, arm_job, unknown
from activities.flow.wait_rows import arm, disarm, disarm_vault, gate_watch
from activities.gates.announcement import announce
from activities.gates.manual_gate import said_no
from shared import ids
from shared.contracts.cohorts import Cohort
from shared.contracts.contracts import POLL_PLAN_JOB, START_PLAN_TEST
from shared.contracts.requests import PollResult, scoped_as
from shared.coordination import gates
from shared.coordination.decision import Decision, Verdict
from shared.coordination.gate_row import GateRow
from shared.coordination.waits import WaitKind
from shared.decisions import door
from shared.durable.seam import Blueprint, serves
from shared.itinerary import STEPS
from shared.ledger import events, machines, plans
from shared.ledger.event_data import EventData
from shared.ledger.evidence import Evidence, RejectedRun
from shared.models import Scope
from shared.problems import Busy, Interrupted
from shared.reporting import release_commands
from shared.site_recovery.jobs import Job, JobTask, cancel_job, refusal, resume_job
from shared.site_recovery.jobs import get_job as read_job
from shared.site_recovery.vault import VaultRef, vault_of_plan
from shared.states import MachineState

bp = Blueprint()

GATE, CUTOVER = "manual-action", "fail_over"
AGAIN = timedelta(minutes=2)  # a job that was resumed or cancelled goes on showing Suspended for a moment (assumed)
ENDED = ("succeeded", "failed", "cancelled", "other")
BEGUN = ("inprogress", "suspended")


@serves(bp, POLL_PLAN_JOB)
def poll_plan_job(cohort: Cohort) -> PollResult:
    """Settle when the run has ended well; raise what it failed with; let people answer where it holds for them."""
    vault = vault_of_plan(plans.plan_at(cohort))
    job = read_job(vault, cohort.job)
    held = job is not None and job.suspended
    arm_job(cohort, vault, urgent=not held and _phase(cohort) == CUTOVER, suspended=held)
    if job is None:
        return unknown(cohort)
    if job.suspended:
        return _hold(cohort, vault, job)
    _go_on(cohort)
    if job.running:
        return PollResult(patience=LATER)
    disarm_vault(cohort, WaitKind.JOB, vault)
    if not job.succeeded:
        refused = refusal(job)
        text = f"{refused}; what it did not bring up goes on machine by machine"
        events.write(cohort, f"job-failed-{job.name}", text, data=EventData(code=refused.facts.code))
        raise refused
    _tell_end(cohort, job)
    return PollResult(settled=True)


def _phase(cohort: Cohort) -> str:
    """Give the phase that the run is for; the tag says which run it is."""
    return "start_test_failover" if cohort.tag == START_PLAN_TEST.name else CUTOVER


def _hold(cohort: Cohort, vault: VaultRef, job: Job) -> PollResult:
    """Let the machines wait for a person, and carry out what was decided."""
    arm(cohort, WaitKind.GATE, gate_watch(cohort.migration), subject=GATE, text="a manual action")
    gate = _open(cohort, job)
    decision = _answer(cohort, gate) or _rolled_back(cohort)
    if decision is None:
        _show(cohort, MachineState.AWAITING_USER_ACTION, gate.text, gate.release)
        return PollResult(patience=LATER)
    if gate.answered is None or cohort.now - gate.answered >= AGAIN:
        _carry_out(cohort, vault, job, gate, decision)
    return PollResult(patience=SOON)


def _answer(cohort: Cohort, gate: GateRow) -> Decision | None:
    """Give what was decided on this action, for whichever machines: it holds for all of the plan."""
    decisions = [decision for member in cohort.machines if (decision := gate.decided(member.name)) is not None]
    return max(decisions, key=lambda each: each.at, default=None)


def _open(cohort: Cohort, job: Job) -> GateRow:
    """Open the gate of the action that the job holds for; one answer is for all machines of the plan."""
    number, action = _action(cohort, job)
    name, instructions = action.friendly_name or action.custom_details.name, action.custom_details.instructions
    lead = cohort.machines[0].name
    run = "failover" if _phase(cohort) == CUTOVER else "test failover"
    text = (
        f"a person to do the manual action {name or job.friendly_name} of the recovery plan: "
        f"{instructions or 'its job in the portal tells what'}\nApprove when it is done, and the {run} goes on; reject "
        f"it, and the {run} ends for those that have not started in Azure yet"
    )
    gate = gates.open_gate(
        GateRow(
            migration=cohort.migration,
            name=GATE,
            wave=cohort.wave,
            part=_part(cohort),
            round=cohort.round,
            number=number,
            subject=action.task_id,
            text=text,
            release=release_commands.approve(cohort.migration, GATE, machine=lead),
            since=cohort.now,
            pending=tuple(member.name for member in cohort.machines),
        )
    )
    return announce(cohort, gate)


def _part(cohort: Cohort) -> str:
    return f"{cohort.phase}.{cohort.attempt}"


def _action(cohort: Cohort, job: Job) -> tuple[int, JobTask]:
    """Give the manual action that a job holds for (an empty one where it tells none), and the number of its gate.

    An action that the last gate was not about gets the next number: an approval is for one action. Where the job tells no
    action, it holds for another one if it still holds after its answer was carried out.
    """
    last = gates.get(cohort.migration, cohort.wave, GATE, _part(cohort))
    if last is None or last.round != cohort.round:
        return 1, _held(job, "")
    done = last.answered is not None
    action = _held(job, last.subject if done else "")
    same = action.task_id == last.subject
    again = same and (action.task_id != "" or not _carried_out(cohort, last))
    return last.number + (0 if again or not done else 1), action


def _held(job: Job, answered: str) -> JobTask:
    """Give the action that has begun, else the first that has not ended; an answered one only where there is no other."""
    open_ones = [task for task in job.manual_actions if task.state.lower() not in ENDED]
    begun = [task for task in open_ones if task.state.lower() in BEGUN] or open_ones[:1]
    others = [task for task in begun if task.task_id != answered]
    return next(iter(others or begun), JobTask())


def _carried_out(cohort: Cohort, gate: GateRow) -> bool:
    """Tell whether a gate's answer is so old that a job which holds on holds for something else."""
    return gate.answered is not None and cohort.now - gate.answered >= AGAIN


def _rolled_back(cohort: Cohort) -> Decision | None:
    """Take the way back of the whole migration for a no: it would wait for the end of this run for ever."""
    try:
        raise_if_stopped(scoped_as(cohort, Scope).replace(phase=_phase(cohort)))
    except Interrupted as interrupted:
        return Decision(verdict=Verdict.REJECT, by="rollback", at=cohort.now, comment=interrupted.facts.detail)
    return None


def _carry_out(cohort: Cohort, vault: VaultRef, job: Job, gate: GateRow, decision: Decision) -> None:
    """Tell Site Recovery what was decided; a call that may have come through is repeated only after a while."""
    comment = f"{decision.by or 'somebody'}: {decision.comment or decision.verdict}"
    request = ids.request_id(cohort.key, f"manual action {gate.number}")
    gates.answer(gate, cohort.now)
    door.tell(cohort.migration, decision)
    try:
        if decision.is_no:
            _reject(cohort, decision)
            cancel_job(vault, job.name, request)
        else:
            resume_job(vault, job.name, comment, request)
    except Busy as busy:
        if busy.untouched:
            gates.answer(gate, None)
        raise
    events.write(cohort, f"manual-action-{gate.number}", f"{decision.verdict} ({comment})", by=decision.by)


def _reject(cohort: Cohort, decision: Decision) -> None:
    """Note with every machine that it shall not be failed over (or tested) by itself in this round."""
    why = said_no(GATE, decision).facts.detail
    rejection = Evidence(run_rejected=RejectedRun(round=cohort.round, phase=_phase(cohort), detail=why))
    for member in cohort.machines:
        machines.change(scoped_as(cohort, Scope).replace(machine=member.name), evidence=rejection)


def _go_on(cohort: Cohort) -> None:
    """Close the gate: its answer was carried out, or somebody gave one in the portal."""
    gate = gates.get(cohort.migration, cohort.wave, GATE, _part(cohort))
    if gate is None:
        return
    disarm(cohort, WaitKind.GATE, gate_watch(cohort.migration))
    gates.close(cohort.migration, cohort.wave, GATE, _part(cohort))
    _show(cohort, STEPS[_phase(cohort)].state, "", "")


def _show(cohort: Cohort, state: MachineState, waiting_for: str, release: str) -> None:
    """Write down with every machine of the cohort what it waits for."""
    for member in cohort.machines:
        machines.change(
            scoped_as(cohort, Scope).replace(machine=member.name),
            lambda row: row.owner == cohort.owner,
            state=state,
            waiting_for=waiting_for,
            release=release,
        )


def _tell_end(cohort: Cohort, job: Job) -> None:
    """Write that the run ended well, and the errors on its way: a runbook that fails stops no unplanned failover."""
    events.write(cohort, f"job-ended-{job.name}", f"{job.friendly_name or 'the recovery plan'} ended well")
    for number, error in enumerate(job.errors, 1):
        details = error.service_error_details
        text = f"on its way: [{details.code}] {details.message} {details.recommended_action}".rstrip()
        events.write(cohort, f"job-error-{job.name}-{number}", text, data=EventData(task=error.task_id))
