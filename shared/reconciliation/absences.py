"""Table `absences`: instances that the task hub did not have. Only one that was missing twice, and apart, counts as gone.

One empty answer is no proof: a child has no status before its first turn, and storage that fails looks the same to the
SDK. Whoever is seen again is forgotten here.
"""

from datetime import datetime, timedelta
from typing import Final

from shared.models import NEVER, Model
from shared.storage.rows import Rows

APART: Final = timedelta(minutes=4)  # `reconcile` looks every five
KEPT: Final = timedelta(hours=1)  # who was not looked for in between may have been there
ALL: Final = "absences"


class Absence(Model):
    """An instance that was not there."""

    instance: str
    since: datetime = NEVER
    last: datetime = NEVER


TABLE: Final = Rows("absences", Absence)


def confirmed(instance: str, now: datetime) -> bool:
    """Note that an instance is missing; True where it was missing before, long enough ago."""

    def noted(existing: Absence | None) -> Absence:
        if existing is None or now - existing.last > KEPT:
            return Absence(instance=instance, since=now, last=now)
        return existing.replace(last=max(existing.last, now))

    row = TABLE.change(ALL, instance, noted)
    return row is not None and now - row.since >= APART


def missing() -> frozenset[str]:
    """Give the instances that were missing when they were looked for last."""
    return frozenset(row.instance for row in TABLE.of(ALL))


def forget(instance: str) -> None:
    """Note that an instance is there, or that nobody looks for it any more."""
    TABLE.drop(ALL, instance)
