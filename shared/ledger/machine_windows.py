"""The cutover windows of machines as they stand in the plan of a migration."""

from datetime import datetime

from shared.ledger import migrations, plans
from shared.ledger.expanded_plans import entry_of
from shared.models import Scope
from shared.plan.window_sets import WindowSet, windows_of
from shared.scheduling.blackouts import Closure
from shared.scheduling.windows import WindowOpening, closed_by, next_opening


def windows_at(scope: Scope) -> WindowSet:
    """Give the windows of the machine of a place. Raises `NotFound`."""
    return windows_of(plans.plan_of(scope.migration), *entry_of(scope.migration, scope.machine))


def opening_from(scope: Scope, windows: WindowSet, moment: datetime) -> WindowOpening | None:
    """Give the first opening from a moment on into which a cutover of the wave fits; None: there is none any more."""
    if not windows.windows:
        return next_opening((), moment, moment)
    expected = plans.plan_at(scope).wave(scope.wave).cutover.expected_duration
    return next_opening(windows.windows, _accepted(scope), moment, expected)


def shut_by(scope: Scope, windows: WindowSet, moment: datetime) -> tuple[Closure, ...]:
    """Give the blackouts in which windows would open that have no opening left."""
    return closed_by(windows.windows, _accepted(scope), moment)


def _accepted(scope: Scope) -> datetime:
    row = migrations.get(scope.migration)
    return row.started_at if row is not None and row.started_at is not None else scope.now
