"""Profiles as people see them: what holds, and each change of it: who, when, why, and what became otherwise."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from shared.ledger.target_profiles import ProfileRow
from shared.models import NEVER, Model
from shared.plan.differences import document_differences
from shared.plan.profiles import Settings


class ProfileSummary(Model):
    """A profile in the list."""

    name: str
    version: int
    description: str = ""
    at: datetime = Field(default=NEVER, description="when this version was made")
    by: str = ""

    @classmethod
    def of(cls, row: ProfileRow) -> "ProfileSummary":
        """Give what the list shows of a profile."""
        about = str(row.settings.get("description", ""))
        return cls(name=row.name, version=row.version, description=about, at=row.at, by=row.by)


class ProfileList(Model):
    """All profiles that plans can name."""

    value: tuple[ProfileSummary, ...] = ()


class ProfileChange(Model):
    """One version of a profile, and what it made otherwise."""

    version: int
    at: datetime = NEVER
    by: str = ""
    comment: str = ""
    dropped: bool = Field(default=False, description="the profile was dropped with it")
    changes: tuple[str, ...] = Field(default=(), description="in words; none of the first version")


class ProfileView(Model):
    """One version of a profile, and every change there was."""

    name: str
    version: int
    settings: Settings = Field(default={}, description="as a plan writes them; none = the profile was dropped")
    versions: tuple[ProfileChange, ...] = Field(default=(), description="the newest first")

    @classmethod
    def of(cls, rows: Sequence[ProfileRow], shown: ProfileRow) -> "ProfileView":
        """Give one of some versions of a profile."""
        changes = (_change(row, before) for before, row in zip((None, *rows), rows, strict=False))
        return cls(
            name=shown.name,
            version=shown.version,
            settings=shown.settings,
            versions=tuple(changes)[::-1],
        )


def _change(row: ProfileRow, before: ProfileRow | None) -> ProfileChange:
    dropped = not row.settings
    found = document_differences(before.settings, row.settings) if before and before.settings and not dropped else ()
    changes = tuple(each.text for each in found)
    return ProfileChange(
        version=row.version, at=row.at, by=row.by, comment=row.comment, dropped=dropped, changes=changes
    )
