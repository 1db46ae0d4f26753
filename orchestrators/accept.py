"""Accept: where the plan sets a timer, the migrated machine is accepted, or goes back by itself."""

from shared.contracts.contracts import ACCEPT, BEGIN_ROLL_BACK, POLL_GATE
from shared.contracts.requests import GatePoll, scoped_as, where
from shared.contracts.unverified import RollBackOrder
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates
from shared.durable.waiting import until
from shared.models import Done, Scope
from shared.problems import Refused

bp = Blueprint()


@orchestrates(bp, ACCEPT)
def accept(context: Context, scope: Scope) -> Waits[Done]:
    """Without a timer the gate settles at once; what expiry means (accept or roll back) is the plan's choice."""
    seen = yield from until(context, POLL_GATE, GatePoll(**where(scope), name="accept"))
    if seen.decision != "reject":
        return Done()
    scope = scope.replace(enters="")
    yield from call(context, BEGIN_ROLL_BACK, scoped_as(scope, RollBackOrder))
    raise Refused(
        f"not accepted: {seen.comment or 'the acceptance timer ran out'}",
        id="not-accepted",
        title="The migrated machine was not accepted",
        advice="It is rolled back: the source is started again and the target is fenced.",
    )
