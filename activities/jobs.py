"""Jobs of Site Recovery: one look at one job; what it came to, in its own words."""

from datetime import timedelta

from activities.interrupting import strike
from activities.waking import arm_vault, disarm_vault
from shared import plans
from shared.contracts import LOOK_JOB
from shared.durable import Blueprint, serves
from shared.ledger import events, machines, migrations
from shared.problems import CloudRefused
from shared.requests import Look, Seen
from shared.site_recovery.jobs import Job, get_job
from shared.site_recovery.vault import VaultRef, vault_of_plan
from shared.waits import SUSPENDED, WaitKind

bp = Blueprint()

URGENT_PHASES = ("fail_over", "rollback")
UNKNOWN_FOR = timedelta(minutes=10)  # a job may show late; after that it never was
SOON, LATER = 30, 1_800


@serves(bp, LOOK_JOB)
def look_job(look: Look) -> Seen:
    """Settle when the job has ended well; raise what it failed with; a job that holds for a person is said so."""
    vault = vault_of_plan(plans.plan_at(look))
    urgent = look.phase in URGENT_PHASES or look.phase.startswith("cohort")
    job = get_job(vault, look.job)
    arm_job(look, vault, urgent=urgent, suspended=job is not None and job.suspended)
    if job is None:
        return unknown(look)
    if job.running:
        strike(look)
        _tell(look, job)
        return Seen(patience=LATER)
    disarm_vault(look, WaitKind.JOB, vault)
    job.raise_failure()
    _wait_for(look, "")
    events.write(look, f"job-ended-{look.job}", f"{job.friendly_name or job.scenario_name or 'the job'} ended well")
    return Seen(settled=True)


def arm_job(look: Look, vault: VaultRef, *, urgent: bool, suspended: bool) -> None:
    """Wait for the end of a job or for its holding for a person; one that holds already, for its going on.

    Armed after the look at it: what happened in between is seen by the watcher, which compares.
    """
    held = SUSPENDED if suspended else ""
    arm_vault(look, WaitKind.JOB, vault, look.job, urgent=urgent, threshold=held, text=f"job {look.job}")


def unknown(look: Look) -> Seen:
    """Wait a little for a job that does not show yet."""
    if look.now - look.since < UNKNOWN_FOR:
        return Seen(patience=SOON)
    raise CloudRefused(f"Site Recovery knows no job {look.job}", advice="Retry: it is submitted again if need be.")


def _tell(look: Look, job: Job) -> None:
    """Show the step that the job is at, or that it waits for a person."""
    if job.suspended:
        said = (
            f"a person who does the manual action of Site Recovery's job {job.friendly_name}: in the portal open the "
            f"vault's Site Recovery jobs, job {job.name}, and complete the action there"
        )
    else:
        said = f"{job.friendly_name or 'a job'}: {job.task or job.state}"
    _wait_for(look, said)


def _wait_for(look: Look, said: str) -> None:
    """Write down what the machine, or the migration where the job concerns several, waits for."""
    if look.machine:
        machines.change(look, waiting_for=said, release="")
    else:
        migrations.change(look, waiting_for=said, release="")
