"""Why a proposed wave is as it is, and why a machine is in it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from shared.lists.waves.division import WaveDraft, boots_of
from shared.lists.waves.results import ProposedMachine, ProposedWave
from shared.lists.waves.units import PlacedMachine, WaveUnit


def proposed(drafts: Sequence[WaveDraft]) -> Iterator[ProposedWave]:
    """Yield the waves with their reasons."""
    by_name = {draft.name: draft for draft in drafts}
    for draft in drafts:
        boots = boots_of(draft.clusters)
        homes = {
            machine.spot: unit for cluster in draft.clusters for unit in cluster.units for machine in unit.machines
        }
        yield ProposedWave(
            name=draft.name,
            depends_on=tuple(drafts[number].name for number in sorted(draft.awaits)),
            reasons=tuple(_reasons(draft, drafts)),
            gigabytes=_gigabytes(draft.machines),
            machines=tuple(
                ProposedMachine(
                    name=each.name,
                    boot_group=boots[each.spot].group,
                    boot_reason=boots[each.spot].reason,
                    before=each.wave,
                    reason=_why_here(each, homes[each.spot], draft, by_name),
                )
                for each in draft.machines
            ),
        )


def _gigabytes(machines: Sequence[PlacedMachine]) -> float | None:
    sizes = [each.gigabytes for each in machines]
    known = [size for size in sizes if size is not None]
    return round(sum(known), 1) if len(known) == len(sizes) else None


def _reasons(draft: WaveDraft, drafts: Sequence[WaveDraft]) -> Iterator[str]:
    yield _size(draft)
    together = sorted({unit.application for each in draft.clusters for unit in each.units if len(unit.machines) > 1})
    if draft.part:
        yield f"part {draft.part} of what is larger than a wave may be: {draft.limit.reason}"
    elif applications := ", ".join(filter(None, together)):
        yield f"each application together: {applications}"
    if any(len(each.units) > 1 for each in draft.clusters):
        yield "applications that depend on each other in a circle go together"
    if any(each.is_fixed for each in draft.clusters):
        yield "stays whole: the actions of its recovery plan name its boot groups"
    if len({each.stage for each in drafts}) > 1:
        yield from _environment(draft)
    if draft.shares and not draft.part:
        yield f"at most {draft.limit.machines} machines: {draft.limit.reason}"
    for number, reason in sorted(draft.awaits.items()):
        yield f"after {drafts[number].name}: {reason}"


def _size(draft: WaveDraft) -> str:
    size, count = _gigabytes(draft.machines), len(draft.machines)
    systems = Counter(
        each.machine.system or (each.found.os_family if each.found else "") or "" for each in draft.machines
    )
    words = [f"{number} {system}" for system, number in sorted(systems.items()) if system]
    parts = [f"{count} machine{'s' if count > 1 else ''}", *words, *([f"{size:,.0f} GB of disks"] if size else [])]
    return ", ".join(parts)


def _environment(draft: WaveDraft) -> Iterator[str]:
    yield f"environment {draft.stage.name.lower()}"
    units = [unit for each in draft.clusters for unit in each.units]
    if any(unit.stage is None and draft.stage == max(type(draft.stage)) for unit in units):
        yield "machines without an environment go as production"
    for unit in units:
        if (unit.stage is None or unit.stage > draft.stage) and draft.stage != max(type(draft.stage)):
            yield f"{unit.application or unit.machines[0].name} goes early: machines of {draft.stage.name.lower()} depend on it"


def _why_here(each: PlacedMachine, unit: WaveUnit, draft: WaveDraft, by_name: Mapping[str, WaveDraft]) -> str:
    """Say why a machine is in this wave: what made it leave its own, or that nothing does."""
    if each.wave == draft.name:
        return "stays"
    before = by_name.get(each.wave)
    if unit.home != each.wave:
        return f"most of application {unit.application} is in {unit.home}"
    if before is None or before.home != draft.home:
        return (
            "depends on others in a circle"
            if len(draft.clusters[0].units) > 1
            else "waves of the same settings are one"
        )
    if before.stage != draft.stage:
        return f"environment {draft.stage.name.lower()}"
    if before.key != draft.key:
        return "what it depends on serves first, or others depend on it"
    return draft.limit.reason
