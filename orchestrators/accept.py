"""Accept: where the plan sets a timer, the migrated machine is accepted, or goes back by itself."""

from shared.contracts import ACCEPT, BEGIN_ROLL_BACK, LOOK_GATE
from shared.durable import Blueprint, Context, Waits, call, orchestrates
from shared.models import Done, Place
from shared.problems import Refused
from shared.requests import Gate, at
from shared.waiting import until

bp = Blueprint()


@orchestrates(bp, ACCEPT)
def accept(context: Context, place: Place) -> Waits[Done]:
    """Without a timer the gate settles at once; what expiry means (accept or roll back) is the plan's choice."""
    seen = yield from until(context, LOOK_GATE, at(place, Gate, name="accept"))
    if seen.decision != "reject":
        return Done()
    yield from call(context, BEGIN_ROLL_BACK, place)
    raise Refused(
        f"not accepted: {seen.comment or 'the acceptance timer ran out'}",
        id="not-accepted",
        title="The migrated machine was not accepted",
        advice="It is rolled back: the source is started again and the target is fenced.",
    )
