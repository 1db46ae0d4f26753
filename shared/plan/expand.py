"""From entries that select several machines to single ones: done once, at assessment, and the same each time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from shared.ids import LONGEST_NAME, name_from
from shared.plan.machines import Machine, Selector
from shared.plan.model import Plan, Wave
from shared.plan.pointers import pointer
from shared.plan.selection import SourceMatch, selects


@dataclass(frozen=True)
class Expanded:
    """A plan of single machines only, and the entries (JSON pointers) for which nothing was found."""

    plan: Plan
    unmatched: tuple[str, ...] = ()


def expand(plan: Plan, found: Sequence[SourceMatch]) -> Expanded:
    """Put machines in the place of entries that select several; a machine that an earlier or exact entry has is left out.

    Names come from the Name tags, or else from the ids; the order in which machines were found does not matter.
    """
    taken = TakenNames(plan, found)
    waves = tuple(_wave(wave, taken) for wave in plan.waves)
    # A plan whose every entry selects what is not there has empty waves: not valid, but told apart.
    return Expanded(plan.model_copy(update={"waves": waves}), _unmatched(plan, found))


def traced(plan: Plan, found: Sequence[SourceMatch]) -> list[tuple[Wave, Machine, tuple[Machine, ...]]]:
    """Give each entry with the single machines that it becomes, as `expand` makes them."""
    taken = TakenNames(plan, found)
    return [(wave, machine, tuple(_machines(machine, taken))) for wave in plan.waves for machine in wave.machines]


def _wave(wave: Wave, taken: "TakenNames") -> Wave:
    """Expand the entries of one wave."""
    machines = tuple(single for machine in wave.machines for single in _machines(machine, taken))
    return wave.model_copy(update={"machines": machines})


def _machines(machine: Machine, taken: "TakenNames") -> Iterator[Machine]:
    """Give the machine itself, or those that it selects."""
    if not machine.source.selects_several:
        yield machine
        return
    for each in taken.free(machine.source):
        source = each.selector
        yield machine.model_copy(update={"name": taken.name(each), "source": source})


def _unmatched(plan: Plan, found: Sequence[SourceMatch]) -> tuple[str, ...]:
    """Give the entries that select nothing."""
    return tuple(
        pointer(("waves", i, "machines", j, "source", machine.source.kind))
        for i, wave in enumerate(plan.waves)
        for j, machine in enumerate(wave.machines)
        if machine.source.selects_several and not any(selects(machine.source, each) for each in found)
    )


class TakenNames:
    """Which machines and which names are taken already."""

    def __init__(self, plan: Plan, found: Iterable[SourceMatch]) -> None:
        machines = [*(machine for _, machine in plan.entries()), *plan.left_out]
        self._names = {machine.name for machine in machines if machine.name}
        self._stay = [machine.source for machine in plan.left_out]
        self._ids = {
            known.lower() for machine in machines for known in (machine.source.instance_id, machine.source.vm_id)
        }
        self._ips = {machine.source.private_ip for machine in machines if machine.source.private_ip}
        self._found = sorted(found, key=lambda machine: (machine.name, machine.instance_id))

    def free(self, selector: Selector) -> list[SourceMatch]:
        """Give the machines that an entry selects and that belong to none yet; from now on they belong to this one."""
        matching = [each for each in self._found if selects(selector, each) and not self._has(each)]
        self._ids |= {each.instance_id.lower() for each in matching}
        return matching

    def _has(self, match: SourceMatch) -> bool:
        is_taken = match.instance_id.lower() in self._ids or match.private_ip in self._ips
        return is_taken or any(_stays(match, each) for each in self._stay)

    def name(self, match: SourceMatch) -> str:
        """Give a free name: from the Name tag, with the end of the id if it is taken, or the id itself."""
        plain, from_id = name_from(match.name), name_from(match.instance_id)
        tail = f"-{from_id[-6:]}"
        wanted = (plain, plain[: LONGEST_NAME - len(tail)] + tail if plain else "", from_id)
        name = next((name for name in wanted if name and name not in self._names), from_id)
        self._names.add(name)
        return name


def _stays(match: SourceMatch, left_out: Selector) -> bool:
    """Whether a machine is one that the plan leaves out of the work, by its name at the source or by a selection."""
    named = bool(left_out.name) and match.name.lower() == left_out.name.lower()
    return named or (left_out.selects_several and selects(left_out, match))
