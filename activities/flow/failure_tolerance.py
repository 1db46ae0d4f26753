"""Failure tolerance: too many failed machines pause the migration, so that people look before more begin."""

from shared.coordination import operator_intents
from shared.coordination.operator_intents import Control, Intent
from shared.ledger import events, machines, migrations, plans
from shared.models import Scope
from shared.notifications.outbox import tell
from shared.notifications.topics import Topic
from shared.reporting import release_commands
from shared.states import MachineState, MigrationStatus

WHO = "failure tolerance"


def pause_if_too_many_failed(scope: Scope) -> bool:
    """Pause the migration when more machines failed than the plan tolerates. Return whether this call (or it before) did.

    A failure counts once: after a person resumed, only further failures pause again.
    """
    states = list(machines.states(scope.migration).values())
    failed = states.count(MachineState.FAILED)
    tolerated = plans.plan_of(scope.migration).limits.tolerated(len(states))
    if failed <= tolerated or not _may_pause(scope, operator_intents.intent(scope.migration, "")):
        return False
    if any(state not in (MachineState.FAILED, MachineState.FINALIZED) for state in states):
        return _pause(scope, f"{failed} of {len(states)} machines failed, the plan tolerates {tolerated}")
    return False


def _may_pause(scope: Scope, now: Control) -> bool:
    """Tell whether nobody wants anything but running, or this very call paused it before it died."""
    return now.intent == Intent.RUN or (now.intent, now.by, now.at) == (Intent.PAUSE, WHO, scope.now)


def _pause(scope: Scope, why: str) -> bool:
    """Pause as a person would; False when one resumed meanwhile and we come late."""
    wanted = Control(migration=scope.migration, intent=Intent.PAUSE, by=WHO, at=scope.now, comment=why)
    if operator_intents.set_intent(wanted) != wanted:
        return False
    migration = Scope(migration=scope.migration, round=0, now=scope.now)
    release = release_commands.resume(scope.migration)
    migrations.change(migration, status=MigrationStatus.PAUSED, waiting_for=f"paused by {WHO}: {why}", release=release)
    text = why + "; look at them, then resume or cancel"
    events.write(scope, "too-many-failed", text, by=WHO)
    tell(migration, Topic.FAILED, "too-many-failed", text=f"the others are paused: {text}", command=release)
    return True
