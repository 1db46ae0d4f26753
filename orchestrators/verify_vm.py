"""Verifying a machine in Azure: it boots, the plan's own scripts run in it, then its checks do."""

from datetime import timedelta

from shared.contracts.contracts import POLL_BOOT, POLL_VERIFICATION, RUN_TARGET_SCRIPTS, START_VERIFICATION
from shared.contracts.requests import Verification, where
from shared.durable.seam import Context, Waits, call
from shared.durable.waiting import arm, until
from shared.models import Done, Scope

# Site Recovery starts the VM in the last step of its job (recorded); that no agent is ready sooner is assumed.
BOOTING = timedelta(seconds=30)


def verify_machine(context: Context, scope: Scope, *, test: bool) -> Waits[Done]:
    """Wait for the boot, run the plan's scripts, send the checks, read what they found; what failed is a refusal with its output."""
    yield context.create_timer(context.current_utc_datetime + BOOTING)
    booted = yield from until(context, POLL_BOOT, Verification(**where(scope), test=test))
    scope = scope.replace(enters="")
    if booted.scripts:
        yield from until(context, RUN_TARGET_SCRIPTS, Verification(**where(scope), test=test))
    if not booted.checks:
        return Done()
    request = Verification(**where(scope), test=test)
    sent = yield from call(context, START_VERIFICATION, arm(context, "start_verification", request, 0))
    if sent.job:
        yield from until(context, POLL_VERIFICATION, Verification(**where(scope), test=test, job=sent.job))
    return Done()
