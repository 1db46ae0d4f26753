"""Which proposed wave waits for which, and why."""

from collections.abc import Iterator, Sequence

from shared.lists.waves.dependencies import UnitDependencies
from shared.lists.waves.division import WaveDraft
from shared.lists.waves.units import EnvironmentStage, WaveUnit
from shared.plan.model import Wave

MOST_AWAITED = next(each.max_length for each in Wave.model_fields["depends_on"].metadata if hasattr(each, "max_length"))


class _Places:
    """In which waves units are, and the units of waves that are there."""

    def __init__(self, drafts: Sequence[WaveDraft]) -> None:
        self.of_unit: dict[int, list[int]] = {}
        self.of_home: dict[str, dict[int, None]] = {}
        self.of_stage: dict[EnvironmentStage, list[int]] = {}
        for number, draft in enumerate(drafts):
            self.of_stage.setdefault(draft.stage, []).append(number)
            for cluster in draft.clusters:
                for unit, entry in zip(cluster.numbers, cluster.units, strict=True):
                    self.of_unit.setdefault(unit, []).append(number)
                    self.of_home.setdefault(entry.home, {})[number] = None


def let_wait(drafts: Sequence[WaveDraft], units: Sequence[WaveUnit], stated: UnitDependencies) -> None:
    """Let each wave wait for what has to serve before it; a wave never waits for one behind it."""
    places = _Places(drafts)
    for number, draft in enumerate(drafts):
        if draft.part > 1:
            draft.awaits[number - 1] = "its earlier part serves first"
        for other, reason in (*_needed(draft, units, stated, places), *_earlier(draft, places)):
            if other < number and len(draft.awaits) < MOST_AWAITED:
                draft.awaits.setdefault(other, reason)


def _needed(
    draft: WaveDraft, units: Sequence[WaveUnit], stated: UnitDependencies, places: _Places
) -> Iterator[tuple[int, str]]:
    """Yield what its units wait for: as tags say, and as waves of the plan do."""
    numbers = [number for cluster in draft.clusters for number in cluster.numbers]
    for number in numbers:
        for other in stated.units[number]:
            for wave in places.of_unit[other]:
                yield wave, f"{_title(units[number])} depends on {_title(units[other])}"
    for home in sorted({units[number].home for number in numbers}):
        for other_home in stated.waves[home]:
            for wave in places.of_home[other_home]:
                yield wave, f"wave {home} depends on wave {other_home} in the plan"


def _earlier(draft: WaveDraft, places: _Places) -> Iterator[tuple[int, str]]:
    before = [stage for stage in places.of_stage if stage < draft.stage]
    if before:
        for wave in places.of_stage[max(before)]:
            yield wave, f"{max(before).name.lower()} goes before {draft.stage.name.lower()}"


def _title(unit: WaveUnit) -> str:
    return f"application {unit.application}" if unit.application else unit.machines[0].name
