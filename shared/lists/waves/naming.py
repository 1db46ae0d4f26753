"""Names of proposed waves: a wave that is there keeps its name where most of its machines are, so that little changes."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from shared.ids import LONGEST_NAME, name_from
from shared.lists.waves.division import WaveDraft
from shared.lists.waves.units import EnvironmentStage


def name_all(drafts: Sequence[WaveDraft], settings: Mapping[str, str]) -> None:
    """Give each wave its name; none is that of another wave of the plan, whose settings are given by name, unless it is that wave."""
    names = set(settings)
    heirs = _heirs(drafts, settings)
    for number, draft in enumerate(drafts):
        own = sorted((wave != draft.home, wave) for wave, heir in heirs.items() if heir == number)
        draft.name = own[0][1] if own else _new(draft, names)
        names.add(draft.name)


def _heirs(drafts: Sequence[WaveDraft], settings: Mapping[str, str]) -> dict[str, int]:
    """Return for each wave that is there the proposed wave of its settings with most of its machines."""
    counted: dict[str, Counter[int]] = {}
    for number, draft in enumerate(drafts):
        for each in draft.machines:
            if settings[draft.home] == settings[each.wave]:
                counted.setdefault(each.wave, Counter())[number] += 1
    return {wave: _heir(wave, numbers, drafts) for wave, numbers in counted.items()}


def _heir(wave: str, numbers: Mapping[int, int], drafts: Sequence[WaveDraft]) -> int:
    """Return who goes on with a wave: first of those that come from it, and of these who has most of it."""
    return min(numbers, key=lambda at: (drafts[at].home != wave, -numbers[at], at))


def _new(draft: WaveDraft, names: Collection[str]) -> str:
    """Name a wave by its only application (and environment, before production), else by the wave that it comes from."""
    applications = {each.machine.application for each in draft.machines}
    stage = "" if draft.stage == EnvironmentStage.PRODUCTION else f" {draft.stage.name}"
    only = name_from(f"{applications.pop()}{stage}") if len(applications - {""}) == 1 == len(applications) else ""
    if only and only not in names and not draft.part:
        return only
    start, number = only or draft.home, 2 if not draft.part else draft.part
    while (name := f"{start[: LONGEST_NAME - 5].rstrip('-')}-{number}") in names:
        number += 1
    return name
