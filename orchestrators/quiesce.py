"""Quiesce: the source rests, and a recovery point newer than that proves that nothing is lost."""

from shared.contracts.contracts import (
    CHECK_DRIFT,
    POLL_COMMAND,
    POLL_RECOVERY_POINT,
    QUIESCE,
    SEND_COMMAND,
)
from shared.contracts.requests import Poll, where
from shared.contracts.sources import SourceCommand
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates, outcome
from shared.durable.waiting import arm, asleep, first, until
from shared.models import Done, Scope
from shared.problems import Problem

bp = Blueprint()


@orchestrates(bp, QUIESCE)
def quiesce(context: Context, scope: Scope) -> Waits[Done]:
    """Abort with the source untouched when it cannot rest, or no such point comes: its services are started again."""
    yield from first(context, CHECK_DRIFT, scope)
    scope = scope.replace(enters="")
    ended = yield from outcome(_rest(context, scope))
    if isinstance(ended, Problem):
        yield from outcome(_command(context, scope, "start-services"))
        raise ended
    return Done()


def _rest(context: Context, scope: Scope) -> Waits[None]:
    """Stop the services, and see a recovery point that is newer than that."""
    yield from _command(context, scope, "stop-services")
    yield from until(context, POLL_RECOVERY_POINT, Poll(**where(scope), newer_than=context.current_utc_datetime))


def _command(context: Context, scope: Scope, script: str) -> Waits[None]:
    """Run one of the plan's scripts on the source and wait for it; nothing happens when the plan names none."""
    command = SourceCommand(**where(scope), script=script, tag=script)
    began = yield from call(context, SEND_COMMAND, arm(context, "send_command", command, 0))
    if began.command or began.by_hand:
        yield from asleep(context, began.patience)
        yield from until(context, POLL_COMMAND, command.replace(job=began.command))
