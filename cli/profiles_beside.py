"""Profiles for what this machine reads itself: `profiles/NAME.yaml` beside the plan, else as the app keeps them."""

from pathlib import Path
from typing import Final
from urllib.parse import quote

from cli.client import Api
from cli.failing import Failing, Unreachable
from cli.session import Session
from shared.plan.profile_settings import read_settings
from shared.plan.profiles import Settings, TargetProfile, unknown_profile
from shared.plan.used_profile import UsedProfile

FOLDER: Final = "profiles"
ENDINGS: Final = (".yaml", ".yml", ".json")
NOT_THERE: Final = 404
PROFILES: Final = "target-profiles"  # where the app lists them


class ProfilesBeside:
    """The profiles of one plan; a plan that names a version, or was frozen, goes by what the app keeps."""

    def __init__(self, plan: Path, session: Session | None = None) -> None:
        """Keep where the plan is; nothing is read, and nothing asked, before a plan names a profile.

        Without a session no app is asked.
        """
        self._plan, self._session = plan, session
        self._found: dict[tuple[str, int], TargetProfile] = {}  # a command lays its plan upon it more than once

    def find(self, used: UsedProfile, _plan: str, /) -> TargetProfile:
        """Give the profile. Raise `InvalidPlan` where there is none, and `InvalidRequest` for a file that is not valid."""
        key = used.name, used.version
        if key not in self._found:
            self._found[key] = self._read(used)
        return self._found[key]

    def _read(self, used: UsedProfile) -> TargetProfile:
        found = None if used.version else settings_beside(self._plan, used.name)
        if found is not None:
            return TargetProfile(name=used.name, version=used.version or 1, settings=found)
        if self._session is None:
            raise unknown_profile(used, (), f"there is no {FOLDER}/{used.name}.yaml beside the plan")
        return self._kept(used, self._session.api)

    def _kept(self, used: UsedProfile, api: Api) -> TargetProfile:
        query: dict[str, str | int] = {"version": used.version} if used.version else {}
        try:
            kept = api.get(profile_path(used.name), query)
        except Unreachable as nobody:
            message = f"there is no {FOLDER}/{used.name}.yaml beside the plan, and no app answers ({nobody})"
            raise unknown_profile(used, (), message) from None
        except Failing as failing:
            if failing.document.status != NOT_THERE:
                raise
            known = [str(each["name"]) for each in api.get(PROFILES)["value"]]
            raise unknown_profile(used, known) from None
        return TargetProfile.model_validate(kept)


def profile_path(name: str) -> str:
    """Give the path of a profile that the app keeps."""
    return f"{PROFILES}/{quote(name, safe='')}"


def settings_beside(plan: Path, name: str) -> Settings | None:
    """Give the settings of the file of a profile beside a plan; None where there is none. Raise `InvalidRequest`."""
    paths = (plan.resolve().parent / FOLDER / f"{name}{ending}" for ending in ENDINGS)
    found = next((path for path in paths if path.is_file()), None)
    return read_settings(found.read_bytes(), "", f"{FOLDER}/{found.name}") if found else None
