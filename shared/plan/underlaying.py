"""A plan laid upon the profile that it names, field by field.

A plan says `profile: prod-weu`; what it says itself holds, what it leaves out is the profile's. The plan that comes of it
names the version of the profile and the places that it filled: a plan that was frozen is read again as it is, and a fault in
what the profile gave names the profile.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from pydantic import ValidationError

from shared.plan.error_messages import faults_of
from shared.plan.model import Plan
from shared.plan.pointers import pointer, value_at
from shared.plan.profiles import EACH_WAVE, PARTS, Settings, TargetProfile, TargetProfiles
from shared.plan.used_profile import UsedProfile
from shared.problems import Fault, InvalidPlan

STEPS_TO_WAVE: Final = 3  # of a pointer: "", waves, i
MISSING: Final[Any] = object()


@dataclass(frozen=True)
class Underlaid:
    """A plan's document with its profile under it, the document as it was written, and which places the profile filled."""

    document: Any
    written: Any
    profile: TargetProfile | None = None
    gave: frozenset[str] = frozenset()

    def attributed(self, faults: Sequence[Fault]) -> tuple[Fault, ...]:
        """Give the faults; those in what the profile gave name it, and where it says so."""
        return tuple(map(self._attributed, faults)) if self.profile else tuple(faults)

    def _attributed(self, fault: Fault) -> Fault:
        if self.profile is None or not self._is_given(fault.pointer):
            return fault
        place = _in_profile(fault.pointer)
        message = f"{fault.message}; it comes from {place} of {self.profile.words}"
        return fault.model_copy(update={"message": message, "profile": self.profile.name, "origin": place})

    def _is_given(self, place: str) -> bool:
        """Whether a place, or something above it, was filled; or all that is below it, where the plan says nothing there."""
        if any(start in self.gave for start in _starts(place)):
            return True
        return place in self._above and value_at(self.written, place) is None

    @cached_property
    def _above(self) -> frozenset[str]:
        return frozenset(start for each in self.gave for start in _starts(each))


def underlaid(document: Any, profiles: TargetProfiles) -> Underlaid:
    """Lay the profile that a plan names under it. Raise `InvalidPlan` where there is none of that name."""
    if not isinstance(document, dict) or "profile" not in document:
        return Underlaid(document, document)
    used = _used(document["profile"])
    profile = profiles.find(used, str(document.get("name", "")))
    laying = _Laying(frozenset(used.gave) if used.is_frozen else None, [])
    laid = laying.under(document, profile.settings)
    filled = UsedProfile(name=profile.name, version=profile.version, gave=tuple(laying.gave))
    laid["profile"] = filled.model_dump(mode="json", by_alias=True)
    return Underlaid(laid, document, profile, frozenset(laying.gave))


def _used(raw: Any) -> UsedProfile:
    try:
        return UsedProfile.model_validate(raw, by_alias=True, by_name=False)
    except ValidationError as error:
        faults = [each.model_copy(update={"pointer": f"/profile{each.pointer}"}) for each in faults_of(error)]
        raise InvalidPlan(faults) from None


def attributed(plan: Plan, faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Give faults of a plan that was read; those in what its profile gave name it."""
    if plan.profile is None:
        return tuple(faults)
    profile = TargetProfile(name=plan.profile.name, version=plan.profile.version)
    document = plan.model_dump(mode="json", by_alias=True)
    return Underlaid(document, document, profile, frozenset(plan.profile.gave)).attributed(faults)


@contextmanager
def attributing(plan: Plan) -> Iterator[None]:
    """Let what is raised of a plan that was read name the profile that gave what is wrong."""
    try:
        yield
    except InvalidPlan as invalid:
        raise InvalidPlan(attributed(plan, invalid.facts.errors), invalid.facts.detail) from None


@dataclass(frozen=True)
class _Laying:
    """Lays settings under a document, and notes what they filled; of a frozen plan only what they filled then."""

    only: frozenset[str] | None
    gave: list[str]

    def under(self, document: dict[str, Any], settings: Settings) -> dict[str, Any]:
        parts = {name: settings[name] for name in PARTS if name in settings}
        laid: dict[str, Any] = self._laid(document, parts, ())
        each, waves = settings.get(EACH_WAVE), document.get("waves")
        if each and isinstance(waves, list):
            laid["waves"] = [
                self._laid(wave, each, ("waves", at)) if isinstance(wave, dict) else wave
                for at, wave in enumerate(waves)
            ]
        return laid

    def _laid(self, own: Any, given: Any, path: tuple[str | int, ...]) -> Any:
        """Go down as long as both are objects; what is none is taken whole."""
        if isinstance(given, dict) and (own is MISSING or isinstance(own, dict)):
            before: dict[str, Any] = {} if own is MISSING else own
            found = {key: self._laid(before.get(key, MISSING), value, (*path, key)) for key, value in given.items()}
            laid = before | {key: value for key, value in found.items() if value is not MISSING}
            return laid if laid or not given or own is not MISSING else MISSING
        return self._leaf(own, given, pointer(path))

    def _leaf(self, own: Any, given: Any, place: str) -> Any:
        again = self.only is not None and place in self.only and own == given
        if (own is not MISSING or (self.only is not None and place not in self.only)) and not again:
            return own
        self.gave.append(place)
        return given


def _in_profile(place: str) -> str:
    """Give where a profile says what stands at a place of the plan."""
    steps = place.split("/")
    return "/".join(["", EACH_WAVE, *steps[STEPS_TO_WAVE:]]) if steps[1:2] == ["waves"] else place


def _starts(place: str) -> Iterator[str]:
    while place:
        yield place
        place = place.rpartition("/")[0]
