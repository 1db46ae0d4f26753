"""Check connectivity: the machine reaches the appliance and the cache storage."""

from shared.contracts import CHECK_CONNECTIVITY, CHECK_ROUTES, LOOK_BACK, LOOK_COMMAND, SEND_COMMAND, TRY_BACK
from shared.durable import Blueprint, Context, Waits, call, orchestrates
from shared.models import Done, Place
from shared.requests import Command, Look, at
from shared.waiting import arm, until

bp = Blueprint()


@orchestrates(bp, CHECK_CONNECTIVITY)
def check_connectivity(context: Context, place: Place) -> Waits[Done]:
    """Rules and routes are judged first; where a management agent runs, the machine itself tries, and its server back."""
    judged = yield from call(context, CHECK_ROUTES, place)
    asked = at(place, Command, script="check-connectivity")
    began = yield from call(context, SEND_COMMAND, arm(context, "send_command", asked, 0))
    if began.command:
        yield from until(context, LOOK_COMMAND, at(place, Look, job=began.command))
    if judged.back:
        back = yield from call(context, TRY_BACK, arm(context, "try_back", at(place, Look), 0))
        if back.command:
            yield from until(context, LOOK_BACK, at(place, Look, job=back.command))
    return Done()
