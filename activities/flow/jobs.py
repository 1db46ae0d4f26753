"""Jobs of Site Recovery: one look at one job; what it came to, in its own words."""

from datetime import timedelta

from activities.flow.interruption import raise_if_stopped
from activities.flow.wait_rows import arm_vault, disarm_vault
from shared.contracts.contracts import POLL_JOB
from shared.contracts.requests import Poll, PollResult
from shared.coordination.waits import SUSPENDED, WaitKind
from shared.durable.seam import Blueprint, serves
from shared.itinerary import STEPS, step_at
from shared.ledger import events, machines, migrations, plans
from shared.problems import CloudRefused
from shared.site_recovery.jobs import Job, job_at_last
from shared.site_recovery.vault import VaultRef, vault_of_plan

bp = Blueprint()

UNKNOWN_FOR = timedelta(minutes=10)  # a job may show late; after that it never was
SOON, LATER = 30, 1_800


@serves(bp, POLL_JOB)
def poll_job(poll: Poll) -> PollResult:
    """Settle when the job has ended well; raise what it failed with; a job that holds for a person is said so."""
    vault = vault_of_plan(plans.plan_at(poll))
    urgent = poll.urgent or step_at(poll.phase).urgent
    job = job_at_last(vault, poll.job)
    if job is None or job.running:
        arm_job(poll, vault, urgent=urgent, suspended=job is not None and job.suspended)
    if job is None:
        return unknown(poll)
    if job.running:
        raise_if_stopped(poll)
        _tell(poll, job)
        return PollResult(patience=LATER)
    disarm_vault(poll, WaitKind.JOB, vault)
    job.raise_failure()
    if not (poll.first and poll.phase in STEPS):  # else nobody has said since the phase began what it waits for
        _wait_for(poll, "")
    events.write(poll, f"job-ended-{poll.job}", f"{job.friendly_name or job.scenario_name or 'the job'} ended well")
    return PollResult(settled=True)


def arm_job(poll: Poll, vault: VaultRef, *, urgent: bool, suspended: bool) -> None:
    """Wait for the end of a job or for its holding for a person; one that holds already, for its going on.

    Armed after the look at it: what happened in between is seen by the watcher, which compares.
    """
    held = SUSPENDED if suspended else ""
    arm_vault(poll, WaitKind.JOB, vault, poll.job, urgent=urgent, threshold=held, text=f"job {poll.job}")


def unknown(poll: Poll) -> PollResult:
    """Wait a little for a job that does not show yet."""
    if poll.now - poll.since < UNKNOWN_FOR:
        return PollResult(patience=SOON)
    raise CloudRefused(
        f"Site Recovery knows no job {poll.job}",
        advice="Retry: what it was to do is submitted again where it is not done.",
    )


def _tell(poll: Poll, job: Job) -> None:
    """Show the step that the job is at, or that it waits for a person."""
    if job.suspended:
        text = (
            f"a person who does the manual action of Site Recovery's job {job.friendly_name}: in the portal open the "
            f"vault's Site Recovery jobs, job {job.name}, and complete the action there"
        )
    else:
        text = f"{job.friendly_name or 'a job'}: {job.task or job.state}"
    _wait_for(poll, text)


def _wait_for(poll: Poll, text: str) -> None:
    """Write down what the machine, or the migration where the job concerns several, waits for."""
    if poll.machine:
        machines.change(poll, waiting_for=text, release="")
    else:
        migrations.change(poll, waiting_for=text, release="")
