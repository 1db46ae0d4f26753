"""The order of units: test before production, and what is depended on before what depends on it."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.lists.waves.dependencies import Graph, Node, circles
from shared.lists.waves.units import EnvironmentStage, PlacedMachine, WaveUnit, home_of, order_of

LAST = EnvironmentStage.PRODUCTION


@dataclass(frozen=True)
class UnitCluster:
    """Units that wait for each other and so go together (mostly it is one), and their place in the order."""

    numbers: tuple[int, ...]
    units: tuple[WaveUnit, ...]
    stage: EnvironmentStage
    level: int

    @property
    def machines(self) -> tuple[PlacedMachine, ...]:
        """Give all its machines."""
        return tuple(machine for unit in self.units for machine in unit.machines)

    @property
    def is_fixed(self) -> bool:
        """Tell whether it holds a wave that stays as it is."""
        return any(unit.fixed for unit in self.units)

    @property
    def home(self) -> str:
        """Give the wave that it belongs to."""
        fixed = [unit.home for unit in self.units if unit.fixed]
        return min(fixed) if fixed else home_of(self.machines)


def clusters_of(units: Sequence[WaveUnit], graph: Graph) -> list[UnitCluster]:
    """Return the units in groups with their places; machines of no environment count as production."""
    groups = circles(graph)
    group_of = {node: number for number, nodes in enumerate(groups) for node in nodes}
    awaited = [{group_of[other] for node in nodes for other in graph[node]} - {at} for at, nodes in enumerate(groups)]
    stages = [_own_stage(units, nodes) for nodes in groups]
    for at in reversed(range(len(groups))):  # who needs something comes before it here
        for other in awaited[at]:
            stages[other] = min(stages[other], stages[at])
    levels = list[int]()
    for at, others in enumerate(awaited):
        alike = [other for other in others if stages[other] == stages[at]]
        levels.append(max((levels[other] + _counts(groups[other]) for other in alike), default=0))
    found = [_cluster(units, nodes, stages[at], levels[at]) for at, nodes in enumerate(groups) if _counts(nodes)]
    return sorted(found, key=lambda each: order_of(each.units[0]))


def _counts(nodes: Sequence[Node]) -> bool:
    return any(isinstance(node, int) for node in nodes)


def _own_stage(units: Sequence[WaveUnit], nodes: Sequence[Node]) -> EnvironmentStage:
    own = [units[node].stage for node in nodes if isinstance(node, int)]
    return min((LAST if stage is None else stage for stage in own), default=LAST)


def _cluster(units: Sequence[WaveUnit], nodes: Sequence[Node], stage: EnvironmentStage, level: int) -> UnitCluster:
    numbers = tuple(sorted(node for node in nodes if isinstance(node, int)))
    return UnitCluster(numbers, tuple(units[number] for number in numbers), stage, level)
