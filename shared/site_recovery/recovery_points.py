"""Recovery points of a protected item.

| operation | role action |
| --- | --- |
| list_recovery_points, newest_after | …/replicationProtectedItems/recoveryPoints/read |
"""

import re
from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from shared.plan.values import KINDS_OF_POINTS, MOMENT
from shared.site_recovery import migration_items
from shared.site_recovery.items import ItemRef
from shared.site_recovery.listings import list_raw
from shared.site_recovery.vault import VaultRef
from shared.site_recovery.wire import FromWire, Moment

CONSISTENT = {"latestAppConsistent": "ApplicationConsistent", "latestCrashConsistent": "CrashConsistent"}


class RecoveryPoint(FromWire):
    """A moment that a machine can be failed over to."""

    id: str
    name: str
    recovery_point_time: Moment | None = None
    recovery_point_type: str = Field(default="", description="CrashConsistent, ApplicationConsistent, …")


def list_recovery_points(vault: VaultRef, item: ItemRef) -> tuple[RecoveryPoint, ...]:
    """Give the recovery points, newest first."""
    dated = [point for point in _points(vault, item) if point.recovery_point_time]
    return tuple(sorted(dated, key=lambda point: str(point.recovery_point_time), reverse=True))


def _points(vault: VaultRef, item: ItemRef) -> list[RecoveryPoint]:
    if item.migrates:
        return [RecoveryPoint.of(each) for each in migration_items.read_points(vault, item.path)]
    place = item.id(vault).removeprefix(f"{vault.id}/")
    return [RecoveryPoint.model_validate(each) for each in list_raw(vault, f"{place}/recoveryPoints")]


def choose(points: Sequence[RecoveryPoint], wanted: str) -> RecoveryPoint | None:
    """Give the point that is wanted among these, newest first; None when there is none.

    It is the newest of a kind, the last before a moment, or the one of a name.
    """
    if wanted in KINDS_OF_POINTS:
        kind = CONSISTENT.get(wanted, "").lower()
        return next((point for point in points if kind in point.recovery_point_type.lower()), None)
    if re.fullmatch(MOMENT, wanted):
        until = datetime.fromisoformat(wanted)
        return next(
            (point for point in points if point.recovery_point_time and point.recovery_point_time <= until), None
        )
    return next((point for point in points if point.name.lower() == wanted.lower()), None)


def newest_after(vault: VaultRef, item: ItemRef, moment: datetime) -> RecoveryPoint | None:
    """Give the newest recovery point made after a moment, or None while there is none."""
    newest = next(iter(list_recovery_points(vault, item)), None)
    made = newest.recovery_point_time if newest else None
    return newest if made and made > moment else None
