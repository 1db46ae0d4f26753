"""Who waits for whom: as machines' tags name applications, and as waves of the plan name waves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shared.lists.waves.units import WaveUnit
from shared.plan.model import Plan

Node = int | str  # a unit by its number; before or behind a wave: what all of its units wait for, or what waits for all
Graph = dict[Node, list[Node]]


@dataclass
class UnitDependencies:
    """What units wait for: other units, and waves as the plan has them."""

    units: dict[int, list[int]] = field(default_factory=dict)
    waves: dict[str, tuple[str, ...]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def dependencies_of(plan: Plan, units: Sequence[WaveUnit]) -> UnitDependencies:
    """Return what is stated of units; an application of the same environment is meant first."""
    found = UnitDependencies(waves=_waves(plan, {unit.home for unit in units}))
    members: dict[str, list[int]] = {}
    for number, unit in enumerate(units):
        for name in {each.machine.application.casefold() for each in unit.machines}:
            members.setdefault(name, []).append(number)
    for number, unit in enumerate(units):
        needed = list[int]()
        for name in unit.needs:
            everywhere = members.get(name, [])
            needed += [each for each in everywhere if units[each].stage == unit.stage] or everywhere
            if not everywhere:
                found.notes.append(f"{_title(unit)} depends on {name}, which is no application of the plan")
        found.units[number] = sorted(set(needed) - {number})
    _drop_contradictions(units, found)
    return found


def _drop_contradictions(units: Sequence[WaveUnit], found: UnitDependencies) -> None:
    """Let what applications say count where the order of waves says otherwise."""
    groups = {node: number for number, nodes in enumerate(circles(graph_of(units, found))) for node in nodes}
    for wave, others in found.waves.items():
        against = [each for each in others if groups[f"before {wave}"] == groups[f"all of {each}"]]
        found.waves[wave] = tuple(each for each in others if each not in against)
        found.notes += [
            f"wave {wave} depends on wave {each}, but applications of {each} depend on such of {wave}: these count"
            for each in against
        ]


def _title(unit: WaveUnit) -> str:
    return unit.application or unit.machines[0].name


def _waves(plan: Plan, homes: set[str]) -> dict[str, tuple[str, ...]]:
    """Return the waves with work that each wave waits for; where a wave has none, those that it waits for."""
    stated = {wave.name: wave.depends_on for wave in plan.waves}
    return {wave: tuple(sorted(set(_awaited(wave, stated, homes)) - {wave})) for wave in sorted(homes)}


def _awaited(wave: str, stated: Mapping[str, tuple[str, ...]], homes: set[str]) -> Iterator[str]:
    todo, seen = list(stated.get(wave, ())), set[str]()
    while todo:
        if (name := todo.pop()) in seen:
            continue
        seen.add(name)
        if name in homes:
            yield name
        else:
            todo += stated.get(name, ())


def graph_of(units: Sequence[WaveUnit], stated: UnitDependencies) -> Graph:
    """Return the graph: what stands behind a node must serve before it. Waves are nodes, too, so that it stays small."""
    graph: Graph = {f"before {wave}": [f"all of {other}" for other in others] for wave, others in stated.waves.items()}
    graph |= {f"all of {wave}": [] for wave in stated.waves}
    for number, unit in enumerate(units):
        graph[number] = [*stated.units[number], f"before {unit.home}"]
        graph[f"all of {unit.home}"].append(number)
    return graph


class _Walk:
    """Tarjan's walk, without recursion: plans may chain deeply."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._number: dict[Node, int] = {}
        self._lowest: dict[Node, int] = {}
        self._open: dict[Node, None] = {}

    def __iter__(self) -> Iterator[list[Node]]:
        for root in self._graph:
            if root not in self._number:
                yield from self._from(root)

    def _enter(self, node: Node) -> tuple[Node, Iterator[Node]]:
        self._number[node] = self._lowest[node] = len(self._number)
        self._open[node] = None
        return node, iter(self._graph[node])

    def _from(self, root: Node) -> Iterator[list[Node]]:
        trail = [self._enter(root)]
        while trail:
            node, others = trail[-1]
            new = next((each for each in others if self._is_new(node, each)), None)
            if new is not None:
                trail.append(self._enter(new))
                continue
            trail.pop()
            if trail:
                above = trail[-1][0]
                self._lowest[above] = min(self._lowest[above], self._lowest[node])
            if self._lowest[node] == self._number[node]:
                yield self._closed(node)

    def _is_new(self, node: Node, other: Node) -> bool:
        if other in self._open:
            self._lowest[node] = min(self._lowest[node], self._number[other])
        return other not in self._number

    def _closed(self, node: Node) -> list[Node]:
        found = list[Node]()
        while not found or found[-1] != node:
            found.append(self._open.popitem()[0])
        return found


def circles(graph: Graph) -> list[list[Node]]:
    """Return the nodes in groups that wait for each other, most of them alone; who is waited for comes first."""
    return list(_Walk(graph))
