"""Whether an operator stopped a machine: asked whenever a phase begins and whenever somebody looks."""

from shared import controls
from shared.controls import Intent
from shared.models import Place
from shared.problems import Interrupted

UNINTERRUPTED = ("rollback", "cancel", "clean_up_test")
# Past the submitted failover a cancellation comes too late: only a rollback still makes sense.
PAST_FAILOVER = ("fail_over", "verify", "accept", "complete_migration", "clean_up", "protect_target")


def strike(place: Place) -> None:
    """Raise `Interrupted` when an operator cancelled or rolled back what happens at this place."""
    if place.phase in UNINTERRUPTED:
        return
    control = controls.intent(place.migration, place.machine)
    struck = {Intent.ROLLBACK} if place.phase in PAST_FAILOVER else {Intent.ROLLBACK, Intent.CANCEL}
    if control.intent in struck:
        raise Interrupted(
            f"{control.by or 'an operator'} asked for {control.intent.value}"
            + (f": {control.comment}" if control.comment else ""),
            extra={"intent": control.intent.value},
        )
