"""From entries that tags select to single machines: done once, at assessment, and the same each time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from shared.ids import LONGEST_NAME, name_from
from shared.models import Model
from shared.plan.machines import Machine, Selector
from shared.plan.model import Plan, Wave
from shared.plan.pointers import pointer


class SourceMatch(Model):
    """A machine that was found at the source, and how a plan selects it by its id."""

    instance_id: str
    name: str = ""
    private_ip: str = ""
    tags: Mapping[str, str] = {}

    @property
    def selector(self) -> Selector:
        """Give what selects it by its id: EC2's ids are like no others."""
        return Selector.model_validate(
            {"instanceId" if self.instance_id.startswith("i-") else "vmId": self.instance_id}
        )


@dataclass(frozen=True)
class Expanded:
    """A plan of single machines only, and the entries (JSON pointers) for which nothing was found."""

    plan: Plan
    unmatched: tuple[str, ...] = ()


def expand(plan: Plan, found: Sequence[SourceMatch]) -> Expanded:
    """Put machines in the place of entries that tags select; a machine that an earlier or exact entry has is left out.

    Names come from the Name tags, or else from the ids; the order in which machines were found does not matter.
    """
    taken = TakenNames(plan, found)
    waves = tuple(_wave(wave, taken) for wave in plan.waves)
    # A plan whose every machine is selected by tags that nothing carries has empty waves: not valid, but told apart.
    return Expanded(plan.model_copy(update={"waves": waves}), _unmatched(plan, found))


def _wave(wave: Wave, taken: "TakenNames") -> Wave:
    """Expand the entries of one wave."""
    machines = tuple(single for machine in wave.machines for single in _machines(machine, taken))
    return wave.model_copy(update={"machines": machines})


def _machines(machine: Machine, taken: "TakenNames") -> Iterator[Machine]:
    """Give the machine itself, or those that its tags select."""
    if not machine.source.tags:
        yield machine
        return
    for each in taken.free(machine.source.tags):
        source = each.selector
        yield machine.model_copy(update={"name": taken.name(each), "source": source})


def _unmatched(plan: Plan, found: Sequence[SourceMatch]) -> tuple[str, ...]:
    """Give the entries whose tags nothing carries."""
    return tuple(
        pointer(("waves", i, "machines", j, "source", "tags"))
        for i, wave in enumerate(plan.waves)
        for j, machine in enumerate(wave.machines)
        if machine.source.tags and not any(carries(each, machine.source.tags) for each in found)
    )


def carries(found: SourceMatch, tags: Mapping[str, str]) -> bool:
    """Tell whether a machine carries all of these tags."""
    return all(found.tags.get(key) == value for key, value in tags.items())


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

    def free(self, tags: Mapping[str, str]) -> list[SourceMatch]:
        """Give the machines that carry the tags and belong to no entry yet; from now on they belong to this one."""
        matching = [each for each in self._found if carries(each, tags) and not self._has(each)]
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
    """Whether a machine is one that the plan leaves out of the work, by its name at the source or by tags."""
    named = bool(left_out.name) and match.name.lower() == left_out.name.lower()
    return named or (bool(left_out.tags) and carries(match, left_out.tags))
