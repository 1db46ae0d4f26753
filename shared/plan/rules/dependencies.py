"""Dependencies between waves: they exist, and they do not go round in a circle."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice

from shared.plan.error_messages import quoted
from shared.plan.model import Plan
from shared.plan.pointers import pointer
from shared.problems import Fault

MOST_CYCLES = 20  # a dense knot has thousands; by then these are enough to untie it


def dependencies_exist(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """A wave depends on other waves of the plan, on each once."""
    known = {wave.name for wave in plan.waves}
    for i, wave in enumerate(plan.waves):
        for j, other in enumerate(wave.depends_on):
            here = pointer(("waves", i, "dependsOn", j))
            if other == wave.name:
                yield Fault(pointer=here, message=f"wave {quoted(other)} cannot depend on itself")
            elif other not in known:
                yield Fault(pointer=here, message=f"there is no wave {quoted(other)} in the plan")
            elif other in wave.depends_on[:j]:
                yield Fault(pointer=here, message=f"wave {quoted(other)} is named twice")


def dependencies_end(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """No wave waits for itself through others; each circle is named once."""
    graph = {wave.name: [other for other in wave.depends_on if other != wave.name] for wave in plan.waves}
    places = {wave.name: i for i, wave in enumerate(plan.waves)}
    for cycle in islice(_cycles(graph), MOST_CYCLES):
        chain = " → ".join([*cycle, cycle[0]])
        yield Fault(
            pointer=pointer(("waves", places[cycle[0]], "dependsOn")), message=f"the waves wait for each other: {chain}"
        )


def _cycles(graph: Mapping[str, list[str]]) -> Iterator[list[str]]:
    """Give a circle for every way back that a walk through the graph meets; iterative: plans may chain deeply."""
    done: set[str] = set()
    for root in graph:
        trail: list[str] = []
        todo = [(root, False)]
        while todo:
            name, leaving = todo.pop()
            if leaving:
                done.add(trail.pop())
            elif name in trail:
                yield trail[trail.index(name) :]
            elif name not in done and name in graph:
                trail.append(name)
                todo += [(name, True), *((other, False) for other in graph[name])]
