"""Listed machines put into a plan: found by their source or name, changed where the list says otherwise, else added."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from shared.ids import name_from
from shared.lists.checking import CheckedMachine, checked, nested
from shared.lists.joining import NamedMachine
from shared.lists.options import ListOptions
from shared.lists.records import Finding, ListedValue, Severity
from shared.lists.results import PlanChange
from shared.plan.machines import SELECTORS
from shared.plan.rules.sources import ways_to_find
from shared.roads.scenarios import FROM_AWS

Document = dict[str, Any]
Spot = tuple[int, int]  # wave and machine in the plan
USUAL: Final = FROM_AWS
DEFAULTS: Final[Mapping[tuple[str, ...], Any]] = {
    ("strategy",): "rehost",
    ("bootGroup",): 1,
}  # what need not be written
NICS: Final = ("target", "nics")
NOTHING: Final[tuple[Any, ...]] = (None, "", {}, [])


@dataclass
class MergedPlan:
    """What is to be done to a plan: fields of its machines, machines that change their wave, machines that come."""

    fields: dict[Spot, Document] = field(default_factory=dict)
    moves: dict[Spot, str] = field(default_factory=dict)
    added: dict[str, list[Document]] = field(default_factory=dict)  # by wave
    roads: dict[str, Document] = field(default_factory=dict)  # what new waves have of their own
    waves: dict[int, Document] = field(default_factory=dict)  # fields of waves that are there
    gone: list[int] = field(default_factory=list)  # waves that nothing is left in; lists never take any away
    changes: list[PlanChange] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


class PlanIndex:
    """A plan's document by what machines are found by."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Index waves, names and sources."""
        self.scenario = str(document.get("scenario") or USUAL)
        self.waves: list[Document] = [each for each in document.get("waves") or () if isinstance(each, dict)]
        self.names: dict[str, Spot] = {}
        self.sources: dict[tuple[str, str], Spot] = {}
        for at, machine in self._machines():
            self.names.setdefault(str(machine.get("name", "")), at)
            source = machine.get("source")
            for kind, value in source.items() if isinstance(source, dict) else ():
                self.sources.setdefault((kind, str(value).casefold()), at)

    def _machines(self) -> Iterator[tuple[Spot, Document]]:
        for number, wave in enumerate(self.waves):
            for line, machine in enumerate(wave.get("machines") or ()):
                if isinstance(machine, dict):
                    yield (number, line), machine

    def ways_to_find(self, wave: str) -> tuple[str, ...]:
        """Return how machines of a wave are found: by its own scenario, or the plan's."""
        own = next((each.get("scenario") for each in self.waves if each.get("name") == wave), None)
        return ways_to_find(str(own or self.scenario))

    def at(self, spot: Spot) -> tuple[str, Document]:
        """Return the wave and the entry of a machine."""
        wave = self.waves[spot[0]]
        return str(wave.get("name", "")), wave["machines"][spot[1]]

    def spot(self, name: str, selectors: tuple[ListedValue, ...]) -> Spot | None:
        """Return where a machine stands: found by its source first, which people do not rename."""
        for each in selectors:
            if found := self.sources.get((each.path[0], str(each.value).casefold())):
                return found
        return self.names.get(name) if name else None


def merged(document: Mapping[str, Any], machines: list[NamedMachine], options: ListOptions) -> MergedPlan:
    """Return what a list changes in a plan; the plan itself is not touched."""
    index, result = PlanIndex(document), MergedPlan()
    waves = _WaveNames(index)
    seen: dict[Spot, str] = {}
    for each in machines:
        check = checked(each.machine)
        result.findings += check.findings
        wave = waves.name(each.machine.wave, result) if each.machine.wave else ""
        if wave is None:
            continue
        spot = index.spot(each.name, check.selectors)
        if spot is None:
            _add((each, check), wave or waves.usual(options.wave), index, result)
        elif spot in seen:
            message = (
                f"is {index.at(spot)[1].get('name')} of the plan, and so is {seen[spot]}; the first of them counts"
            )
            result.findings.append(each.machine.place.finding(Severity.ERROR, message, "Give each its own source."))
        else:
            seen[spot] = each.machine.key
            _update((each, check), wave, (index, spot), result)
    return result


class _WaveNames:
    """Waves of the list by the names that a plan calls them by."""

    def __init__(self, index: PlanIndex) -> None:
        self._spelled = {str(each.get("name", "")): str(each.get("name", "")) for each in index.waves}

    def usual(self, title: str) -> str:
        return name_from(title) or "imported"

    def name(self, listed: ListedValue, result: MergedPlan) -> str | None:
        """Return a wave's name; None, with a finding, where it has none or would be taken for another wave."""
        title = str(listed.value)
        name, spelling = (
            name_from(title),
            "-".join("".join(c if c.isalnum() else " " for c in title.casefold()).split()),
        )
        if not name:
            message = (
                "holds no letter and no digit of ASCII, of which names of waves are made; the machine is not taken over"
            )
            result.findings.append(listed.place.finding(Severity.ERROR, message, "Rename the wave."))
            return None
        before = self._spelled.setdefault(name, spelling)
        if before not in (spelling, name):
            message = f"would be called {name}, as another wave ({before}) is; the machine is not taken over"
            result.findings.append(listed.place.finding(Severity.ERROR, message, "Give the waves shorter names."))
            return None
        return name


def _add(listed: tuple[NamedMachine, CheckedMachine], wave: str, index: PlanIndex, result: MergedPlan) -> None:
    """Add a machine that the plan does not have."""
    named, check = listed
    values = [each for each in check.values if DEFAULTS.get(each.path) != each.value]
    staying = any(each.path == ("strategy",) for each in values)
    possible = SELECTORS if staying else index.ways_to_find(wave)
    chosen = next((each for kind in possible for each in check.selectors if each.path[0] == kind), None)
    if chosen is None:
        message = f"tells nothing that the road of wave {wave} finds machines by: {', '.join(possible)}; the machine is not taken over"
        advice = "Add such a column, name the plan's scenario, or write the machine into the plan by hand: it is then found by its name."
        result.findings.append(named.machine.place.finding(Severity.ERROR, message, advice))
        return
    document = {"name": named.name, "source": {chosen.path[0]: chosen.value}, **nested(values)}
    result.added.setdefault(wave, []).append(document)
    result.changes.append(PlanChange(kind="added", machine=named.name, wave=wave, after=document))


def _update(
    listed: tuple[NamedMachine, CheckedMachine], wave: str, at: tuple[PlanIndex, Spot], result: MergedPlan
) -> None:
    """Change what the list says otherwise; what it does not say stays."""
    (named, check), (index, spot) = listed, at
    own_wave, entry = index.at(spot)
    name = str(entry.get("name") or named.name)
    new = list[ListedValue]()
    for each in (*check.values, *_source(entry, check.selectors)):
        before = _value(entry, each.path)
        if each.path == NICS and before not in NOTHING:
            _tell_cards(each, before, result)
        elif before != each.value and not (before is None and DEFAULTS.get(each.path) == each.value):
            new.append(each)
            path = ".".join(each.path)
            result.changes.append(PlanChange(kind="changed", machine=name, field=path, before=before, after=each.value))
    if new:
        result.fields[spot] = nested(new)
    if wave and wave != own_wave:
        result.moves[spot] = wave
        result.changes.append(PlanChange(kind="moved", machine=name, field="wave", before=own_wave, after=wave))


def _source(entry: Document, selectors: tuple[ListedValue, ...]) -> Iterator[ListedValue]:
    """Yield a new value for the way in which the plan finds a machine; it is never found in another way."""
    source = entry.get("source")
    for kind, value in source.items() if isinstance(source, dict) else ():
        own = [each for each in selectors if each.path[0] == kind]
        if own and all(str(each.value).casefold() != str(value).casefold() for each in own):
            yield ListedValue(("source", kind), own[0].value, own[0].place)


def _tell_cards(listed: ListedValue, before: Any, result: MergedPlan) -> None:
    """Say that cards differ; the plan's have more to them than their addresses."""
    known = [each.get("sourceIp", "") for each in before if isinstance(each, dict)] if isinstance(before, list) else []
    wanted = [each["sourceIp"] for each in listed.value if "sourceIp" in each]
    if not set(wanted) <= set(known) and any(known):
        message = f"the list has cards {', '.join(wanted)}, the plan {', '.join(known)}; the plan's stay"
        result.findings.append(listed.place.finding(Severity.WARNING, message, "Correct target.nics in the plan."))


def _value(entry: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = entry
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value
