"""Failure tolerance: too many failed machines pause the migration, so that people look before more begin."""

from shared import controls, plans
from shared.controls import Control, Intent
from shared.ledger import events, machines, migrations
from shared.models import Place
from shared.states import MachineState, MigrationStatus

WHO = "failure tolerance"


def pause_if_too_many_failed(place: Place) -> bool:
    """Pause the migration when more machines failed than the plan tolerates; True when it did.

    A failure counts once: after a person resumed, only further failures pause again.
    """
    rows = list(machines.list(place.migration))
    failed = [row.name for row in rows if row.state == MachineState.FAILED]
    tolerated = plans.plan_of(place.migration).limits.tolerated(len(rows))
    if len(failed) <= tolerated or controls.intent(place.migration, "").intent != Intent.RUN:
        return False
    if any(row.state not in (MachineState.FAILED, MachineState.FINALIZED) for row in rows):
        return _pause(place, f"{len(failed)} of {len(rows)} machines failed, the plan tolerates {tolerated}")
    return False


def _pause(place: Place, why: str) -> bool:
    """Pause as a person would; False when one resumed meanwhile and we come late."""
    wanted = Control(migration=place.migration, intent=Intent.PAUSE, by=WHO, at=place.now, comment=why)
    if controls.set_intent(wanted) != wanted:
        return False
    whole = Place(migration=place.migration, round=0, now=place.now)
    release = f"python -m cli resume {place.migration}"
    migrations.change(whole, status=MigrationStatus.PAUSED, waiting_for=f"paused by {WHO}: {why}", release=release)
    events.write(place, "too-many-failed", why + "; look at them, then resume or cancel", by=WHO)
    return True
