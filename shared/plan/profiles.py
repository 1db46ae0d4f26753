"""Profiles: named sets of target and policy settings that plans lie upon, and where they are found."""

from collections.abc import Sequence
from typing import Final, Protocol

from pydantic import Field, JsonValue

from shared.models import Model
from shared.plan.used_profile import UsedProfile
from shared.problems import Fault, InvalidPlan
from shared.reporting.name_lists import some_of

Settings = dict[str, JsonValue]
PARTS: Final = ("target", "policy", "replication", "limits", "gates", "finish", "notifications")  # of the plan
EACH_WAVE: Final = "eachWave"
PARTS_OF_WAVES: Final = ("gates", "test", "cutover", "acceptance", "verify", "targetScripts", "protectTarget")
MOST_NAMES: Final = 20


class TargetProfile(Model):
    """One version of a profile, as plans are read with it."""

    name: str
    version: int = 1
    settings: Settings = Field(default={})

    @property
    def words(self) -> str:
        """Name it in a sentence."""
        return f"profile {self.name}, version {self.version}"


class TargetProfiles(Protocol):
    """Where profiles are found."""

    def find(self, used: UsedProfile, plan: str, /) -> TargetProfile:
        """Give the profile that a plan of this name means. Raise `InvalidPlan` where there is none."""


class NoProfiles:
    """A place that knows no profiles."""

    def find(self, used: UsedProfile, _plan: str, /) -> TargetProfile:
        """Raise `InvalidPlan`."""
        raise unknown_profile(used, ())


NO_PROFILES: Final = NoProfiles()


def unknown_profile(used: UsedProfile, known: Sequence[str], more: str = "") -> InvalidPlan:
    """Say that there is no such profile, and which there are."""
    version = f" in version {used.version}" if used.version else ""
    others = f"there are {some_of(sorted(known), MOST_NAMES)}" if known else "there is none"
    message = f"there is no profile '{used.name}'{version}; {more or others}"
    return InvalidPlan((Fault(pointer="/profile", message=message),))
