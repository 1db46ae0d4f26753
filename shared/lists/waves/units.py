"""What is kept together in a proposal: machines of one application and environment, or one machine that names none."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from shared.lists.merging import Document, Spot
from shared.plan.machines import Machine
from shared.plan.model import Plan
from shared.reporting.assessment import AssessedMachine

ROAD: Final = ("scenario", "replication", "source", "target", "policy", "protectTarget")  # of a wave of its own
NEEDS: Final = ("dependson",)
ENVIRONMENT: Final = ("environment", "env", "serverenvironment")


class EnvironmentStage(IntEnum):
    """Environments in the order in which they go."""

    DEVELOPMENT = 0
    TEST = 1
    ACCEPTANCE = 2
    PRODUCTION = 3


STAGES: Final = {
    EnvironmentStage.DEVELOPMENT: "dev development sandbox lab poc",
    EnvironmentStage.TEST: "test tst testing qa sit",
    EnvironmentStage.ACCEPTANCE: "acceptance acc uat staging stage preprod preproduction",
}


@dataclass(frozen=True, slots=True)
class PlacedMachine:
    """A machine of a plan with the wave that it stands in, and what an assessment found."""

    spot: Spot
    machine: Machine
    wave: str
    found: AssessedMachine | None = None

    @property
    def name(self) -> str:
        """Give its name; of a selection what it selects by."""
        return self.machine.name or self.machine.source.words

    @property
    def gigabytes(self) -> float | None:
        """Give the size of its disks, where it was found."""
        return sum(self.found.disks_gb) if self.found and self.found.disks_gb is not None else None

    @property
    def stage(self) -> EnvironmentStage | None:
        """Give its environment; what a tag says that nobody knows counts as production."""
        words = self.tagged(ENVIRONMENT)
        plain = "".join(character for character in words.casefold() if character.isalnum())
        known = (stage for stage, names in STAGES.items() if plain in names.split())
        return next(known, EnvironmentStage.PRODUCTION) if plain else None

    def tagged(self, names: Iterable[str]) -> str:
        """Give the first tag of such a name, written in whatever way."""
        tags = {"".join(filter(str.isalnum, key.casefold())): value for key, value in self.machine.target.tags.items()}
        return next((tags[name] for name in names if name in tags), "")


@dataclass(frozen=True)
class WaveUnit:
    """Machines that go together, the wave that they belong to, and the applications that they need."""

    application: str
    stage: EnvironmentStage | None
    machines: tuple[PlacedMachine, ...]
    home: str
    fixed: bool = False  # a wave with actions of its recovery plan: they name its boot groups

    @property
    def needs(self) -> tuple[str, ...]:
        """Give the applications that its machines say they depend on."""
        if self.fixed:
            return ()
        words = (each.tagged(NEEDS).replace(";", ",").split(",") for each in self.machines)
        return tuple(sorted({word.strip().casefold() for listed in words for word in listed if word.strip()}))


def units_of(plan: Plan, waves: list[Document], found: Mapping[str, AssessedMachine]) -> tuple[WaveUnit, ...]:
    """Return the units of a plan, in an order that does not depend on that of the plan; each machine is in one."""
    fixed = {wave.name for wave in plan.waves if wave.cutover.actions}
    roads = {str(wave.get("name")): json.dumps([wave.get(key) for key in ROAD], sort_keys=True) for wave in waves}
    groups: dict[tuple[str, str, str, EnvironmentStage | None], list[PlacedMachine]] = {}
    for each, stage in _with_stages(_placed(plan, found)):
        key: tuple[str, str, str, EnvironmentStage | None]
        if each.wave in fixed:
            key = ("fixed", each.wave, "", None)
        elif each.machine.application:
            key = (roads[each.wave], each.machine.application.casefold(), "", stage)
        else:
            key = (roads[each.wave], "", each.name, stage)
        groups.setdefault(key, []).append(each)
    units = (_unit(machines, key[3], fixed=key[0] == "fixed") for key, machines in groups.items())
    return tuple(sorted(units, key=order_of))


def order_of(unit: WaveUnit) -> tuple[bool, float, int, str, str]:
    """Order units: what is small goes first; those whose size nobody knows by their number of machines."""
    sizes = [each.gigabytes for each in unit.machines]
    known = [size for size in sizes if size is not None]
    return len(known) < len(sizes), sum(known), len(sizes), unit.application, unit.machines[0].name


def _placed(plan: Plan, found: Mapping[str, AssessedMachine]) -> Iterator[PlacedMachine]:
    for number, wave in enumerate(plan.waves):
        for line, machine in enumerate(wave.machines):
            if machine.is_migrated:
                yield PlacedMachine((number, line), machine, wave.name, found.get(machine.name))


def _with_stages(placed: Iterable[PlacedMachine]) -> Iterator[tuple[PlacedMachine, EnvironmentStage | None]]:
    """Yield machines with their environment: one without goes as its application does, where that is clear."""
    machines = list(placed)
    stages: dict[str, set[EnvironmentStage]] = {}
    for each in machines:
        if each.stage is not None and each.machine.application:
            stages.setdefault(each.machine.application.casefold(), set()).add(each.stage)
    for each in machines:
        others = stages.get(each.machine.application.casefold(), set())
        yield each, next(iter(others)) if each.stage is None and len(others) == 1 else each.stage


def _unit(machines: list[PlacedMachine], stage: EnvironmentStage | None, *, fixed: bool) -> WaveUnit:
    ordered = tuple(sorted(machines, key=lambda each: (each.machine.boot_group, each.name, each.wave)))
    applications = sorted({each.machine.application for each in ordered})
    return WaveUnit(", ".join(filter(None, applications)), stage, ordered, home_of(ordered), fixed)


def home_of(machines: Iterable[PlacedMachine]) -> str:
    """Return the wave that most of them stand in."""
    counted = Counter(each.wave for each in machines)
    return min(counted, key=lambda wave: (-counted[wave], wave))
