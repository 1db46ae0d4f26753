"""Submitting what cannot be repeated: asked once, found again after a crash, waited for by the vault's watcher."""

from collections.abc import Callable
from datetime import timedelta

from activities.planned import Planned
from activities.waking import arm_vault
from shared import ids
from shared.ledger import events, machines
from shared.problems import CloudRefused, Later
from shared.requests import Look, Submitted
from shared.site_recovery.items import Item
from shared.site_recovery.jobs import find_job
from shared.waits import WaitKind

ASKED = "asked"  # written before the request goes out: whoever finds it looks for the job before asking again
CLOCK_SKEW = timedelta(minutes=10)
SHORTLY = timedelta(seconds=30)

Send = Callable[[str], str]


def submit_once(look: Look, machine: Planned, verb: str, send: Send, *, urgent: bool = False) -> Submitted:
    """Send a request for a machine once in this round, and arm the wait for its job.

    `send` takes the request's id and gives the job. Run again, it finds the job by that id instead of sending.
    """
    mark = f"{verb}.{look.round}"
    request = ids.request_id(look.key, verb)
    known = machine.row.jobs.get(mark, "")
    job = known if known not in ("", ASKED) else ""
    if known == ASKED:
        earlier = find_job(machine.vault, request, look.since - CLOCK_SKEW)
        job = earlier.name if earlier else ""
    if not job:
        machines.change(look, jobs={mark: ASKED})
        job = send(request)
    machines.change(look, jobs={mark: job})
    events.write(look, f"{verb}-submitted", f"{verb.replace('-', ' ')} was submitted", data={"job": job})
    return follow(look, machine, job, urgent=urgent)


def follow(look: Look, machine: Planned, job: str, *, urgent: bool = False) -> Submitted:
    """Arm the wait for a job that runs, whoever submitted it."""
    if job:
        arm_vault(look, WaitKind.JOB, machine.vault, job, urgent=urgent, text=look.phase.replace("_", " "))
    return Submitted(job=job)


def adopt(look: Look, machine: Planned, item: Item, scenario: str, *, urgent: bool = False) -> Submitted | None:
    """Follow the job that has the item when it is of our kind; wait while it is of another kind; None when it is idle."""
    if not item.running_job:
        return None
    if scenario.lower() != item.current_scenario.scenario_name.lower():
        raise Later(f"{machine.row.name}: {item.current_scenario.scenario_name} is under way", SHORTLY)
    return follow(look, machine, item.running_job, urgent=urgent)


def not_allowed(machine: Planned, item: Item, operation: str) -> CloudRefused:
    """Say that Site Recovery does not offer an operation now, with what it says of the item."""
    errors = [error for error in item.health_errors if error.error_level == "Error"]
    first = errors[0] if errors else None
    return CloudRefused(
        f"Site Recovery does not offer {operation} for {machine.row.name} now: "
        f"{item.protection_state_description or item.protection_state}" + (f"; {first.error_message}" if first else ""),
        code=first.error_code if first else "",
        causes=first.possible_causes if first else "",
        advice=(first.recommended_action if first else "")
        or f"Offered now: {', '.join(item.allowed_operations) or 'nothing'}. Look at the item in the portal, then retry.",
    )
