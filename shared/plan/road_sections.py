"""Sections: the waves of a plan that go the same road, and the plan as each of them sees it.

A wave may have a road of its own (scenario, replication, source, target, policy); what it leaves out is the plan's.
Waves with the same road share its preparation: vault, appliance and policy are made ready once for all of them.
"""

from dataclasses import dataclass
from typing import Any

from shared.plan.model import Plan, Wave
from shared.plan.pointers import pointer
from shared.plan.replication import Replication

OWN = ("scenario", "replication", "source", "target", "policy")


@dataclass(frozen=True)
class Section:
    """Waves that go one road; `name` is empty for the plan's own road, else it is the first of these waves."""

    name: str
    plan: Plan  # as these waves see it, with these waves only
    at: int = -1  # place of that first wave in the plan

    @property
    def waves(self) -> tuple[str, ...]:
        """Give the names of its waves."""
        return tuple(wave.name for wave in self.plan.waves)

    def pointer(self, *steps: str) -> str:
        """Give where a field of its road stands in the plan: in its first wave where that says it, else at the top."""
        own = self.at >= 0 and steps[0] in OWN and getattr(self.plan.waves[0], steps[0]) is not None
        return pointer(("waves", self.at, *steps) if own else steps)


def seen_from(plan: Plan, wave: Wave) -> Plan:
    """Give the plan with what a wave has of its own in the place of the plan's."""
    own: dict[str, Any] = {name: value for name in OWN if (value := getattr(wave, name)) is not None}
    if not own:
        return plan
    if own.get("scenario", plan.scenario) != plan.scenario and "replication" not in own:
        own["replication"] = Replication()
    return plan.model_copy(update=own)


def sections(plan: Plan) -> tuple[Section, ...]:
    """Give the sections of a plan, in the order of their first waves."""
    found: list[tuple[str, int, Plan, list[Wave]]] = []
    for i, wave in enumerate(plan.waves):
        seen = seen_from(plan, wave)
        waves = next((waves for _, _, other, waves in found if _same_road(seen, other)), None)
        if waves is None:
            own = not _same_road(seen, plan)
            found.append((wave.name if own else "", i if own else -1, seen, waves := []))
        waves.append(wave)
    return tuple(Section(name, seen.model_copy(update={"waves": tuple(waves)}), at) for name, at, seen, waves in found)


def _same_road(plan: Plan, other: Plan) -> bool:
    return plan is other or all(getattr(plan, name) == getattr(other, name) for name in OWN)
