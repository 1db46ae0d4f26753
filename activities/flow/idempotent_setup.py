"""Asking Site Recovery once for what a whole road needs: policies, mappings, fabrics."""

from activities.flow.wait_rows import arm_vault, disarm_vault, wait_id
from shared import ids
from shared.contracts.requests import Poll, Submitted
from shared.coordination import waits
from shared.coordination.waits import WaitKind
from shared.ledger import events
from shared.roads.road import Missing
from shared.site_recovery.jobs import find_job
from shared.site_recovery.vault import VaultRef

QUICKLY = 10  # seconds; these jobs take a moment


def ask_once(poll: Poll, vault: VaultRef, missing: Missing) -> Submitted:
    """Send a request once and arm the wait for its job; run again, its job is found by the request's id."""
    request, text = ids.request_id(poll.key, missing.what), missing.text
    job = _earlier(poll, vault, request)
    if not job:
        # whoever finds the wait without a job looks for the job before asking again
        arm_vault(poll, WaitKind.JOB, vault, "", text=text)
        job = missing.send(request)
    events.write(poll, f"{missing.what}-asked", text)
    if job:
        arm_vault(poll, WaitKind.JOB, vault, job, text=text)
    else:
        disarm_vault(poll, WaitKind.JOB, vault)
    return Submitted(job=job, patience=QUICKLY)


def _earlier(poll: Poll, vault: VaultRef, request: str) -> str:
    """Give the job that an earlier run of this very call has started, if there was one."""
    # Remembered in the wait's row: there is no machine to note it with, and what is there already is not missing any more.
    own = wait_id(poll, WaitKind.JOB)
    armed = next((wait for wait in waits.of_watch(waits.watch_key(vault.id)) if wait.id == own), None)
    if armed is None or armed.subject:
        return armed.subject if armed else ""
    found = find_job(vault, request, poll.since)
    return found.name if found else ""
