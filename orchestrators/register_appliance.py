"""Register appliance: found or launched, registered by a person, then healthy within the 15 minutes of the guides."""

from datetime import timedelta

from shared.contracts.contracts import (
    CLOSE_GATE,
    LAUNCH_APPLIANCE,
    POLL_APPLIANCE,
    POLL_GATE,
    READ_PREPARATION,
    REGISTER_APPLIANCE,
)
from shared.contracts.requests import GatePoll, Poll, scoped_as, where
from shared.contracts.sources import AppliancePollResult
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates
from shared.durable.waiting import arm, until, whole
from shared.models import Done, Scope

bp = Blueprint()

A_LOOK_A_MINUTE = timedelta(minutes=1)


@orchestrates(bp, REGISTER_APPLIANCE)
def register_appliance(context: Context, scope: Scope) -> Waits[Done]:
    """Wait for registration as long as it takes, then for health as long as the plan allows, then ask a person."""
    wanted = yield from call(context, READ_PREPARATION, scope)
    seen = yield from _look(context, scope, 0)
    if not seen.registered and wanted.launch:
        yield from call(context, LAUNCH_APPLIANCE, scope)
    if not seen.registered:
        yield from until(context, POLL_APPLIANCE, Poll(**where(scope), tag="register-appliance"))
        yield from call(context, CLOSE_GATE, GatePoll(**where(scope), name="register-appliance"))
    for attempt in range(1, 1000):
        if (yield from _healthy_within(context, scope, timedelta(seconds=wanted.registration_timeout), attempt)):
            return Done()
        yield from until(context, POLL_GATE, GatePoll(**where(scope), name="check-appliance", tag=str(attempt)))
    raise RuntimeError("a thousand attempts")  # pragma: no cover - a person confirmed a thousand times in vain


def _healthy_within(context: Context, scope: Scope, timeout: timedelta, attempt: int) -> Waits[bool]:
    """Look once a minute until every component is healthy; False when the time is up."""
    deadline = context.current_utc_datetime + timeout
    turn = 0
    while not (seen := (yield from _look(context, scope, attempt * 10_000 + (turn := turn + 1)))).healthy:
        if context.current_utc_datetime >= deadline:
            return False
        now = context.current_utc_datetime
        yield context.create_timer(now + min(whole(deadline - now), A_LOOK_A_MINUTE))
    return seen.healthy


def _look(context: Context, scope: Scope, turn: int) -> Waits[AppliancePollResult]:
    """Look once at fabric, process server and the other components."""
    return (yield from call(context, POLL_APPLIANCE, arm(context, "poll_appliance", scoped_as(scope, Poll), turn)))
