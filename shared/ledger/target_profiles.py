"""The ledger of profiles: a row for each version, written once; what was dropped is a version that holds nothing.

So each change is a record of its own (who, when, why), and a plan finds the version that it was read with for good.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from pydantic import Field

from shared.coordination.decision import Decision
from shared.models import NEVER, Model
from shared.plan.profiles import Settings, TargetProfile
from shared.problems import PlanMoved
from shared.storage.rows import Rows


class ProfileRow(Model):
    """One version of a profile."""

    name: str
    version: int = 1
    settings: Settings = Field(default={}, description="as a plan writes them; none = the profile was dropped with it")
    at: datetime = NEVER
    by: str = ""
    person: str = Field(default="", description="Entra object id of who made it")
    surface: str = ""
    comment: str = ""

    @property
    def profile(self) -> TargetProfile:
        """Give it as plans are read with it."""
        return TargetProfile(name=self.name, version=self.version, settings=self.settings)


TABLE: Final = Rows("profiles", ProfileRow)
ALL: Final = "profiles"  # one partition: there are dozens of them, changed some times a year


def versions(name: str) -> tuple[ProfileRow, ...]:
    """Give all versions of a profile, the oldest first; none where there never was one."""
    return _sorted(TABLE.of(ALL, "name eq @name", {"name": name}))


def newest() -> tuple[ProfileRow, ...]:
    """Give the newest version of each profile that holds something, by their names."""
    found = {row.name: row for row in _sorted(TABLE.of(ALL))}
    return tuple(row for row in found.values() if row.settings)


def add(name: str, settings: Settings, decision: Decision, expected: Callable[[int], bool]) -> tuple[ProfileRow, bool]:
    """Write the next version; give the newest and whether this call made it. What it holds already is not written again.

    Raise `PlanMoved` where `expected` does not take the version that holds (0 = none), or somebody else came first.
    """
    known = versions(name)
    before = known[-1] if known else ProfileRow(name=name, version=0)
    if not expected(before.version if before.settings else 0):
        raise _moved(before)
    if before.settings == settings:
        return before, False
    row = ProfileRow(
        name=name,
        version=before.version + 1,
        settings=settings,
        at=decision.at,
        by=decision.by,
        person=decision.person,
        surface=decision.surface,
        comment=decision.comment,
    )
    stands = TABLE.change(ALL, f"{name}.{row.version:06}", lambda found: found or row)
    if stands != row:
        raise _moved(row)
    return row, True


def _moved(row: ProfileRow) -> PlanMoved:
    return PlanMoved(
        f"profile {row.name} is in version {row.version} by now: somebody changed it meanwhile",
        advice="Look at it, and change it again.",
    )


def _sorted(rows: Iterable[ProfileRow]) -> tuple[ProfileRow, ...]:
    return tuple(sorted(rows, key=lambda row: (row.name, row.version)))
