"""Whether an operator stopped a machine: asked whenever a phase begins and whenever somebody looks."""

from shared.coordination import operator_intents
from shared.coordination.operator_intents import Intent
from shared.models import Scope
from shared.problems import Interrupted

UNINTERRUPTED = ("rollback", "cancel", "clean_up_test_failover")
# Past the submitted failover a cancellation comes too late: only a rollback still makes sense.
PAST_FAILOVER = ("fail_over", "verify", "accept", "complete_migration", "clean_up", "protect_target")


def raise_if_stopped(scope: Scope) -> None:
    """Raise `Interrupted` when an operator cancelled or rolled back what happens at this place."""
    if scope.phase in UNINTERRUPTED:
        return
    control = operator_intents.intent(scope.migration, scope.machine)
    struck = {Intent.ROLLBACK} if scope.phase in PAST_FAILOVER else {Intent.ROLLBACK, Intent.CANCEL}
    if control.intent in struck:
        raise Interrupted(
            f"{control.by or 'an operator'} asked for {control.intent.value}"
            + (f": {control.comment}" if control.comment else ""),
            extra={"intent": control.intent.value},
        )
