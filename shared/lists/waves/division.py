"""Units divided into waves: by the wave that they belong to, by their order, and by what a wave can bear."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from shared.lists.waves.boot_order import BootPlace, boot_places
from shared.lists.waves.ordering import UnitCluster
from shared.lists.waves.units import EnvironmentStage, PlacedMachine
from shared.lists.waves.wave_limits import WaveLimit

Key = tuple[EnvironmentStage, int, str]  # order of waves: environment, dependencies, and where they come from


@dataclass
class WaveDraft:
    """A wave that is being put together."""

    key: Key
    home: str  # whose settings it has
    limit: WaveLimit
    clusters: list[UnitCluster]
    machines: list[PlacedMachine]
    part: int = 0  # of a cluster that is too large for a wave: its first part is 1
    name: str = ""
    shares: bool = False  # the limit made several waves of what could have been together
    awaits: dict[int, str] = field(default_factory=dict)  # drafts by number, with the reason

    @property
    def stage(self) -> EnvironmentStage:
        """Give the environment of the machines, which a draft never mixes."""
        return self.key[0]


@dataclass(frozen=True)
class WaveSettings:
    """What waves may be put together, and what each can bear."""

    pool: Callable[[str], str]  # the wave whose settings stand for those of a wave
    limit: Callable[[str], WaveLimit]


def divided(clusters: Iterable[UnitCluster], settings: WaveSettings) -> list[WaveDraft]:
    """Return the waves in their order: each machine is in one, and a cluster in one if it fits."""
    groups: dict[Key, list[UnitCluster]] = {}
    for each in clusters:
        groups.setdefault((each.stage, each.level, settings.pool(each.home)), []).append(each)
    return [draft for key in sorted(groups) for draft in _packed(key, groups[key], settings.limit(key[2]))]


def _packed(key: Key, clusters: Sequence[UnitCluster], limit: WaveLimit) -> list[WaveDraft]:
    """Put each cluster into the first wave that has room for it."""
    found, with_room = list[WaveDraft](), list[WaveDraft]()
    for each in clusters:
        machines = each.machines
        if len(machines) > limit.machines and not each.is_fixed:
            found += _parts(key, each, limit)
            continue
        room = next((wave for wave in with_room if len(wave.machines) + len(machines) <= limit.machines), None)
        if room is None:
            found.append(room := WaveDraft(key, key[2], limit, [], []))
            with_room.append(room)
        room.clusters.append(each)
        room.machines += machines
        with_room = [wave for wave in with_room if len(wave.machines) < limit.machines]
    for wave in found:
        wave.shares = len(found) > 1
    return found


def _parts(key: Key, cluster: UnitCluster, limit: WaveLimit) -> Iterator[WaveDraft]:
    """Divide what is larger than a wave, in the order of starting."""
    places = boots_of([cluster])
    ordered = sorted(cluster.machines, key=lambda each: (places[each.spot].group, each.name))
    for part, start in enumerate(range(0, len(ordered), limit.machines), 1):
        yield WaveDraft(key, key[2], limit, [cluster], ordered[start : start + limit.machines], part)


def boots_of(clusters: Iterable[UnitCluster]) -> dict[tuple[int, int], BootPlace]:
    """Return the boot group of each machine, by its place in the plan."""
    return {
        machine.spot: place
        for cluster in clusters
        for unit in cluster.units
        for machine, place in zip(unit.machines, boot_places(unit), strict=True)
    }
