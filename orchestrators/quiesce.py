"""Quiesce: the source rests, and a recovery point newer than that proves that nothing is lost."""

from shared.contracts import (
    CHECK_DRIFT,
    LOOK_COMMAND,
    LOOK_RECOVERY_POINT,
    MARK_QUIESCED,
    QUIESCE,
    SEND_COMMAND,
)
from shared.durable import Blueprint, Context, Waits, call, orchestrates, outcome
from shared.models import Done, Place
from shared.problems import Problem
from shared.requests import Command, Look, at
from shared.waiting import arm, until

bp = Blueprint()


@orchestrates(bp, QUIESCE)
def quiesce(context: Context, place: Place) -> Waits[Done]:
    """Abort with the source untouched when it cannot rest, or no such point comes: its services are started again."""
    yield from call(context, CHECK_DRIFT, place)
    ended = yield from outcome(_rest(context, place))
    if isinstance(ended, Problem):
        yield from outcome(_command(context, place, "start-services"))
        raise ended
    return Done()


def _rest(context: Context, place: Place) -> Waits[None]:
    """Stop the services, and see a recovery point that is newer than that."""
    yield from _command(context, place, "stop-services")
    rested_at = context.current_utc_datetime
    yield from call(context, MARK_QUIESCED, place)
    yield from until(context, LOOK_RECOVERY_POINT, at(place, Look, newer_than=rested_at))


def _command(context: Context, place: Place, script: str) -> Waits[None]:
    """Run one of the plan's scripts on the source and wait for it; nothing happens when the plan names none."""
    asked = at(place, Command, script=script, tag=script)
    began = yield from call(context, SEND_COMMAND, arm(context, "send_command", asked, 0))
    if began.command or began.by_hand:
        yield from until(context, LOOK_COMMAND, at(place, Look, job=began.command, tag=script))
