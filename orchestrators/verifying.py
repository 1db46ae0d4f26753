"""Verifying a machine in Azure: it boots, then the checks of the plan run inside it."""

from datetime import timedelta

from shared.contracts import LOOK_BOOT, LOOK_VERIFICATION, START_VERIFICATION
from shared.durable import Context, Waits, call
from shared.models import Done, Place
from shared.requests import Verification, at
from shared.waiting import arm, until

# Site Recovery starts the VM in the last step of its job (recorded); that no agent is ready sooner is assumed.
BOOTING = timedelta(seconds=30)


def verify_machine(context: Context, place: Place, *, test: bool) -> Waits[Done]:
    """Wait for the boot, send the checks, read what they found; a failed check is a refusal that shows its output."""
    yield context.create_timer(context.current_utc_datetime + BOOTING)
    yield from until(context, LOOK_BOOT, at(place, Verification, test=test))
    asked = at(place, Verification, test=test)
    sent = yield from call(context, START_VERIFICATION, arm(context, "start_verification", asked, 0))
    if sent.job:
        yield from until(context, LOOK_VERIFICATION, at(place, Verification, test=test, job=sent.job))
    return Done()
