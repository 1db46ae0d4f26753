"""Submitting what cannot be repeated: asked once, found again after a crash, waited for by the vault's watcher."""

from collections.abc import Callable
from datetime import datetime, timedelta

from activities.flow.wait_rows import arm_vault
from shared import ids
from shared.contracts.requests import Poll, Submitted
from shared.coordination.waits import WaitKind
from shared.ledger import events, machines
from shared.ledger.event_data import EventData
from shared.ledger.machine_context import MachineContext
from shared.ledger.machine_row import Mark
from shared.models import NEVER
from shared.problems import Busy, CloudRefused
from shared.site_recovery.items import Item
from shared.site_recovery.jobs import Job, find_job, get_job
from shared.site_recovery.vault import VaultRef

ASKED = "asked"  # written before the request goes out: whoever finds it looks for the job before asking again
SENT_WITHIN = timedelta(days=1)  # before the last word of a round: six hours of patience, and people are slow
SHORTLY = timedelta(seconds=30)
# How long a job of a kind takes at least when it goes well (recorded), less a margin: until then nobody lists jobs for
# it alone. A failover is not here: its failing at once is to be known at once.
NOT_BEFORE = {
    "enable": timedelta(minutes=4),  # recorded for Azure to Azure: 7 minutes; not known for InMageRcm
    "protect": timedelta(minutes=4),  # the same job
    "test-failover": timedelta(minutes=6),  # recorded: 8 to 9 minutes
    "test-clean-up": timedelta(minutes=1),  # recorded: 1 to 2 minutes
    "completion": timedelta(minutes=1),
}

Send = Callable[[str], str]


def earlier(poll: Poll, machine: MachineContext, verb: str, *, urgent: bool = False) -> Submitted | None:
    """Follow what an earlier call of this very submission started, however it ended; None when nothing was."""
    job = machine.row.jobs.get(_mark(poll, verb), "")
    if job == ASKED:  # remembered in the machine's row, which outlives the phase: a later round still finds it
        found = find_job(machine.vault, ids.request_id(poll.key, verb), poll.since)
        job = found.name if found else ""
    job = job or _from_before(poll, machine, verb)
    return _submitted(poll, machine, verb, job, urgent=urgent) if job else None


def has_ended(poll: Poll, machine: MachineContext, verb: str) -> bool:
    """Tell whether the job of this very submission is over: a job that failed ends the phase before anybody asks."""
    name = machine.row.jobs.get(_mark(poll, verb), "")
    job = get_job(machine.vault, name) if name not in ("", ASKED) else None
    return name not in ("", ASKED) and (job is None or not job.running)


def _from_before(poll: Poll, machine: MachineContext, verb: str) -> str:
    """Give the job of an earlier round's request whose answer nobody heard, while it runs.

    It may show only now, and before its item says so. One that has ended is left to what the item says of itself; one
    from before a rollback was ended by that.
    """
    for number in range(poll.round - 1, 0, -1):
        written = machine.row.stamps.get(number)
        if machine.row.jobs.get(f"{verb}.{number}") != ASKED or written is None:
            continue
        if written < machine.row.marks.get(Mark.ROLLED_BACK, NEVER):
            continue
        request = ids.request_id(poll.replace(round=number).key, verb)
        found = find_job(machine.vault, request, written - SENT_WITHIN)
        if found is not None and found.running:
            return found.name
    return ""


def submit_once(
    poll: Poll, machine: MachineContext, verb: str, send: Send, *, urgent: bool = False, mark_as: Mark | None = None
) -> Submitted:
    """Send a request for a machine and arm the wait for its job; call `earlier` first, it finds what was sent before.

    `send` takes the request's id and gives the job; `mark_as` is the moment that the machine remembers of it.
    """
    mark, marks = _mark(poll, verb), {mark_as: poll.now} if mark_as else {}
    row = machines.change(poll, lambda row: not row.jobs.get(mark), jobs={mark: ASKED}, marks=marks)
    if row.jobs.get(mark) != ASKED:  # a twin was quicker, or we are one that comes late: the flow has gone on
        raise Busy(f"{machine.row.name}: {verb} was submitted by somebody else just now", SHORTLY)
    try:
        job = send(ids.request_id(poll.key, verb))
    except Busy as busy:
        if busy.untouched:
            machines.change(poll, lambda row: row.jobs.get(mark) == ASKED, jobs={mark: ""})
        raise
    return _submitted(poll, machine, verb, job, urgent=urgent)


def _mark(poll: Poll, verb: str) -> str:
    """Give the key under which the ledger keeps the job of a submission."""
    return f"{verb}.{poll.round}"


def _submitted(poll: Poll, machine: MachineContext, verb: str, job: str, *, urgent: bool) -> Submitted:
    """Arm the wait and write down the job."""
    submitted = follow(poll, machine, job, urgent=urgent, not_before=poll.since + NOT_BEFORE.get(verb, timedelta()))
    machines.change(poll, jobs={_mark(poll, verb): job})
    events.write(poll, f"{verb}-submitted", f"{verb.replace('-', ' ')} was submitted", data=EventData(job=job))
    return submitted


def follow(
    poll: Poll, machine: MachineContext, job: str, *, urgent: bool = False, not_before: datetime | None = None
) -> Submitted:
    """Arm the wait for a job that runs, whoever submitted it."""
    if job:
        text = poll.phase.replace("_", " ")
        arm_vault(poll, WaitKind.JOB, machine.vault, job, urgent=urgent, not_before=not_before, text=text)
    return Submitted(job=job)


def adopt(poll: Poll, machine: MachineContext, item: Item, operation: str, *, urgent: bool = False) -> Submitted | None:
    """Follow the job that has the item when it is of our kind; wait while it is of another kind; None when it is idle."""
    job = running_job(machine.vault, item)
    if job is None:
        return None
    if operation.lower() != item.current_scenario.scenario_name.lower():
        raise Busy(f"{machine.row.name}: {item.current_scenario.scenario_name} is under way", SHORTLY)
    return follow(poll, machine, job.name, urgent=urgent)


def running_job(vault: VaultRef, item: Item) -> Job | None:
    """Give the job that has an item now; an item goes on showing one that failed as if it had it (recorded)."""
    job = get_job(vault, item.running_job) if item.running_job else None
    return job if job is not None and job.running else None


def not_allowed(machine: MachineContext, item: Item, operation: str) -> CloudRefused:
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
