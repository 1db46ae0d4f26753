"""Verifying a machine in Azure: it boots, the plan's own scripts run in it, then its checks do."""

from datetime import timedelta

from shared.contracts.contracts import POLL_BOOT, POLL_VERIFICATION, RUN_TARGET_SCRIPTS, START_VERIFICATION
from shared.contracts.requests import Verification, where
from shared.durable.seam import Context, Waits, call
from shared.durable.waiting import arm, until
from shared.models import Done, Scope

# Site Recovery starts the VM in the last step of its job (recorded); that no agent is ready sooner is assumed.
BOOTING = timedelta(seconds=30)


def verify_machine(context: Context, scope: Scope, *, test: bool, tries: int = 1) -> Waits[Done]:
    """Wait for the boot, run the plan's scripts, send the checks, read what they found; what failed is a refusal with its output.

    Each try waits by names of its own.
    """
    tag = f"try{tries}" if tries > 1 else ""
    yield context.create_timer(context.current_utc_datetime + BOOTING)
    booted = yield from until(context, POLL_BOOT, Verification(**where(scope), test=test, tag=tag))
    scope = scope.replace(enters="")
    if booted.scripts:
        yield from until(context, RUN_TARGET_SCRIPTS, Verification(**where(scope), test=test, tag=tag))
    if not booted.checks:
        return Done()
    request = Verification(**where(scope), test=test, tag=tag)
    sent = yield from call(context, START_VERIFICATION, arm(context, "start_verification", request, 0))
    if sent.job:
        poll = Verification(**where(scope), test=test, tag=tag, job=sent.job)
        yield from until(context, POLL_VERIFICATION, poll)
    return Done()
