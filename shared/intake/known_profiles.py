"""The profiles that this app keeps, as its doors read plans with them.

A plan that is only judged is read with the newest version. One that runs already is read with the version that it runs
with, whatever became of the profile since: sent once more it is the same plan, and a change of it changes nothing else.
"""

from typing import Final

from shared.ids import migration_id, run_of
from shared.ledger import migrations, plans, target_profiles
from shared.ledger.migration_row import MigrationRow
from shared.plan.model import Plan
from shared.plan.profiles import TargetProfile, unknown_profile
from shared.plan.used_profile import UsedProfile
from shared.problems import NotFound
from shared.states import MigrationStatus


class KeptProfiles:
    """Profiles in the version that a plan names, else the newest."""

    def find(self, used: UsedProfile, _plan: str, /) -> TargetProfile:
        """Give the profile. Raise `InvalidPlan` with the names that there are."""
        known = target_profiles.versions(used.name)
        rows = [row for row in known if row.version == used.version] if used.version else known[-1:]
        if not rows or not rows[0].settings:
            raise unknown_profile(used, [row.name for row in target_profiles.newest()])
        return rows[0].profile


class ProfilesToStart(KeptProfiles):
    """As they are for a plan that is to be started: one that runs already keeps its version."""

    def __init__(self, idempotency_key: str = "") -> None:
        """Keep the key of the call, which names a migration for ever."""
        self._key = idempotency_key

    def find(self, used: UsedProfile, plan: str, /) -> TargetProfile:
        """Give the profile. Raise `InvalidPlan` with the names that there are."""
        return super().find(used if used.version else _as_in(self._running(plan), used), plan)

    def _running(self, plan: str) -> MigrationRow | None:
        if self._key and (row := migrations.get(migration_id(plan, run_of(self._key)))):
            return row
        return next((row for row in migrations.all_of(plan) if row.status != MigrationStatus.ENDED), None)


class ProfilesToChange(KeptProfiles):
    """As they are for a change of one migration: it keeps its version unless the plan names another."""

    def __init__(self, migration: str) -> None:
        """Keep which migration."""
        self._migration = migration

    def find(self, used: UsedProfile, plan: str, /) -> TargetProfile:
        """Give the profile. Raise `InvalidPlan` with the names that there are."""
        row = migrations.get(self._migration)
        return super().find(used if used.version else _as_in(row, used), plan)


KEPT_PROFILES: Final = KeptProfiles()


def _as_in(row: MigrationRow | None, used: UsedProfile) -> UsedProfile:
    """Name the version that a migration runs with, where it runs with this profile."""
    if row is None:
        return used
    try:
        held = Plan.model_validate_json(plans.load_as(row.id, row.plan_key)).profile
    except NotFound:  # whoever wrote the row has died before the plan was kept
        held = UsedProfile.model_construct(name=row.profile, version=row.profile_version)
    return used.model_copy(update={"version": held.version}) if held and held.name == used.name else used
