"""What a change of a plan means for its single machines: the plan of them that follows, and which are touched how."""

from collections.abc import Iterator
from enum import StrEnum

from pydantic import Field

from shared.models import Model
from shared.plan.machines import Machine
from shared.plan.model import Plan, Wave


class Touch(StrEnum):
    """What a change does to a machine."""

    ADDED = "added"
    DROPPED = "dropped"
    RETARGETED = "retargeted"  # it becomes something else in Azure


class MachineEffect(Model):
    """What a change does to one machine."""

    machine: str
    touch: Touch
    text: str = Field(default="", description="what becomes of it, in words")


def carried_over(single: Plan, before: Plan, after: Plan) -> Plan:
    """Give the plan of single machines with what has changed; those that tags selected stay as they were found."""
    waves = tuple(_wave(wave, before.wave(wave.name), after.wave(wave.name)) for wave in single.waves)
    changed = {
        "limits": after.limits,
        "applications": after.applications,
        "target": after.target,
        "profile": after.profile,
    }
    return single.model_copy(update={"waves": waves, **changed})


def _wave(single: Wave, before: Wave, after: Wave) -> Wave:
    return single.model_copy(
        update={
            "machines": tuple(_machines(single, before, after)),
            "cutover": after.cutover,
            "target_scripts": after.target_scripts,
            "target": after.target,
        }
    )


def _machines(single: Wave, before: Wave, after: Wave) -> Iterator[Machine]:
    earlier, later = _named(before), _named(after)
    known = {machine.name for machine in single.machines}
    for machine in single.machines:
        if entry := later.get(machine.name):
            changed = {"windows": entry.windows, "target": entry.target, "target_scripts": entry.target_scripts}
            yield machine.model_copy(update=changed)
        elif machine.name not in earlier:
            yield machine
    yield from (entry for name, entry in later.items() if name not in earlier and name not in known)


def _named(wave: Wave) -> dict[str, Machine]:
    return {machine.name: machine for machine in wave.machines if machine.name and machine.is_migrated}
