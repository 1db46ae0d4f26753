"""Whether an operator stopped a machine: asked whenever a phase begins and whenever somebody looks."""

from shared.coordination import operator_intents
from shared.coordination.operator_intents import Control, Intent
from shared.itinerary import step_at
from shared.models import Scope
from shared.problems import Interrupted

WAYS_BACK = frozenset({Intent.ROLLBACK, Intent.CANCEL})  # what stops a machine, and the phase of who walks it back


def raise_if_stopped(scope: Scope) -> None:
    """Raise `Interrupted` when an operator cancelled or rolled back what happens at this place.

    The activity that enters a phase has just asked, when it did.
    """
    if not scope.enters:
        wanted(scope)


def wanted(scope: Scope) -> Control:
    """Give what operators want here. Raises `Interrupted` when one cancelled it or rolled it back.

    Where nobody can stop it nobody is asked.
    """
    step = step_at(scope.phase)
    if scope.phase in WAYS_BACK or not step.interruptible:
        return Control(migration=scope.migration)
    control = operator_intents.intent(scope.migration, scope.machine)
    if control.intent in (WAYS_BACK if step.cancellable else {Intent.ROLLBACK}):
        raise Interrupted(
            f"{control.by or 'an operator'} asked for {control.intent.value}"
            + (f": {control.comment}" if control.comment else ""),
            extra={"intent": control.intent.value},
        )
    return control
