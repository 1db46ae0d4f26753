"""Check connectivity: the machine reaches the appliance and the cache storage."""

from shared.contracts.contracts import CHECK_CONNECTIVITY, CHECK_ROUTES, POLL_BACK, POLL_COMMAND, SEND_COMMAND, TRY_BACK
from shared.contracts.requests import Poll, scoped_as, where
from shared.contracts.sources import SourceCommand
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates
from shared.durable.waiting import arm, asleep, first, until
from shared.models import Done, Scope

bp = Blueprint()


@orchestrates(bp, CHECK_CONNECTIVITY)
def check_connectivity(context: Context, scope: Scope) -> Waits[Done]:
    """Rules and routes are judged first; where a management agent runs, the machine itself tries, and its server back."""
    judged = yield from first(context, CHECK_ROUTES, scope)
    scope = scope.replace(enters="")
    command = SourceCommand(**where(scope), script="check-connectivity")
    began = yield from call(context, SEND_COMMAND, arm(context, "send_command", command, 0))
    if began.command:
        yield from asleep(context, began.patience)
        yield from until(context, POLL_COMMAND, command.replace(job=began.command, enters=""))
    if judged.back:
        back = yield from call(context, TRY_BACK, arm(context, "try_back", scoped_as(scope, Poll), 0))
        if back.command:
            yield from until(context, POLL_BACK, Poll(**where(scope), job=back.command))
    return Done()
