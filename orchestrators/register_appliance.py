"""Register appliance: found or launched, registered by a person, then healthy within the 15 minutes of the guides."""

from datetime import timedelta

from shared.contracts import (
    CLOSE_GATE,
    LAUNCH_APPLIANCE,
    LOOK_APPLIANCE,
    LOOK_GATE,
    READ_PREPARATION,
    REGISTER_APPLIANCE,
)
from shared.durable import Blueprint, Context, Waits, call, orchestrates
from shared.models import Done, Place
from shared.requests import ApplianceSeen, Gate, Look, at
from shared.waiting import arm, until, whole

bp = Blueprint()

A_LOOK_A_MINUTE = timedelta(minutes=1)


@orchestrates(bp, REGISTER_APPLIANCE)
def register_appliance(context: Context, place: Place) -> Waits[Done]:
    """Wait for registration as long as it takes, then for health as long as the plan allows, then ask a person."""
    wanted = yield from call(context, READ_PREPARATION, place)
    seen = yield from _look(context, place, 0)
    if not seen.registered and wanted.launch:
        yield from call(context, LAUNCH_APPLIANCE, place)
    if not seen.registered:
        yield from until(context, LOOK_APPLIANCE, at(place, Look, tag="register-appliance"))
        yield from call(context, CLOSE_GATE, at(place, Gate, name="register-appliance"))
    for attempt in range(1, 1000):
        if (yield from _healthy_within(context, place, timedelta(seconds=wanted.registration_timeout), attempt)):
            return Done()
        yield from until(context, LOOK_GATE, at(place, Gate, name="check-appliance", tag=str(attempt)))
    raise RuntimeError("a thousand attempts")  # pragma: no cover - a person confirmed a thousand times in vain


def _healthy_within(context: Context, place: Place, timeout: timedelta, attempt: int) -> Waits[bool]:
    """Look once a minute until every component is healthy; False when the time is up."""
    deadline = context.current_utc_datetime + timeout
    turn = 0
    while not (seen := (yield from _look(context, place, attempt * 10_000 + (turn := turn + 1)))).healthy:
        if context.current_utc_datetime >= deadline:
            return False
        now = context.current_utc_datetime
        yield context.create_timer(now + min(whole(deadline - now), A_LOOK_A_MINUTE))
    return seen.healthy


def _look(context: Context, place: Place, turn: int) -> Waits[ApplianceSeen]:
    """Look once at fabric, process server and the other components."""
    return (yield from call(context, LOOK_APPLIANCE, arm(context, "look_appliance", at(place, Look), turn)))
