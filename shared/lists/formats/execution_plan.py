"""Azure Migrate: the definition of a wave's execution plan (`az migrate runbook`), as JSON or its ZIP."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, ClassVar, Final

from shared.lists.formats.list_format import ListFormat
from shared.lists.options import ListOptions
from shared.lists.records import CellPlace, Finding, ListedMachine, ListedValue, ListReading, Severity
from shared.lists.sources import ListSource
from shared.roads.scenarios import FROM_VMWARE, WITHOUT_AGENTS

AGENTLESS: Final = "vm.agentless"
MIGRATION: Final = "vm.agentless.migration"
APPROVAL: Final = "common.approval"
MANUAL: Final = "common.manual"
WHOLE: Final = frozenset({"wholestep", "step"})
MOST_GROUPS: Final = 7
Json = Mapping[str, Any]


@dataclass(frozen=True)
class RunbookStep:
    """A step, whatever version of the format spelled it."""

    id: str
    ref: str
    title: str
    entities: tuple[str, ...]
    groups: tuple[str, ...]
    waits_whole: tuple[str, ...]  # steps that have to be over for every machine


class ExecutionPlan(ListFormat):
    """One file is one wave."""

    name: ClassVar[str] = "azure-execution-plan"
    title: ClassVar[str] = "Azure Migrate wave execution plan"

    def why_not(self, source: ListSource) -> str:
        """See that there is a definition, told by its content."""
        return "" if _definition(source) else "no JSON with spec or workstreams, and entities in it"

    def read(self, source: ListSource, options: ListOptions) -> ListReading:  # noqa: ARG002 - of no use here
        """Read entities as machines, and steps that wait for whole steps as boot groups."""
        found = _definition(source)
        if found is None:
            raise AssertionError("a format is asked to read what fits it")
        file, document = found
        spec = _spec(document)
        entities, steps = _objects(spec, "entities"), tuple(_steps(spec))
        groups, findings = _boot_groups(steps), list[Finding]()
        wave = ListedValue(("wave",), _wave_name(document, spec, file), CellPlace(file, column="waveId"))
        applications = dict(_applications(spec, steps, entities))
        machines = list[ListedMachine]()
        for number, entity in enumerate(entities):
            place = CellPlace(file, f"/entities/{number}", 0, "displayName", str(entity.get("displayName", "")))
            machines.append(_machine(entity, place, wave, (applications, groups)))
        findings += _untaken(file, source, steps, groups)
        agentless = any(each.ref.startswith(AGENTLESS) for each in steps)
        plan = {"replication": {"mode": WITHOUT_AGENTS}} if agentless else {}
        named = tuple(each for each in machines if each.key)
        findings += [
            each.place.finding(Severity.ERROR, "names no machine", "Give it a displayName.")
            for each in machines
            if not each.key
        ]
        return ListReading(self.name, named, tuple(findings), FROM_VMWARE, plan, len(entities))


def _definition(source: ListSource) -> tuple[str, Json] | None:
    """Return the definition among the documents; parameters, status and schema are told apart by what they hold."""
    for name, document in source.documents:
        if isinstance(document, dict) and _objects(_spec(document), "entities") and _has_steps(_spec(document)):
            return name, document
    return None


def _spec(document: Json) -> Json:
    """Return the definition with its envelope: what lies inside `spec` counts before what lies beside it."""
    inner = document.get("spec")
    return {**document, **inner} if isinstance(inner, dict) else document


def _has_steps(spec: Json) -> bool:
    return isinstance(spec.get("workstreams"), list) or isinstance(spec.get("steps"), list)


def _objects(part: Json, name: str) -> list[dict[str, Any]]:
    value = part.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _steps(spec: Json) -> Iterator[RunbookStep]:
    """Yield the steps of all workstreams, or of an old flat definition."""
    listed = [step for stream in _objects(spec, "workstreams") for step in _objects(stream, "steps")]
    for each in (*listed, *_objects(spec, "steps")):
        yield RunbookStep(
            id=str(each.get("stepId") or each.get("id") or each.get("displayName") or ""),
            ref=str(each.get("stepRef", "")),
            title=str(each.get("displayName", "")),
            entities=_ids(each.get("entities")),
            groups=_ids(each.get("affectedEntityGroups")),
            waits_whole=tuple(_whole(each)),
        )


def _ids(value: Any) -> tuple[str, ...]:
    """Return ids, whether they stand alone or in objects."""
    listed = value if isinstance(value, list) else []
    return tuple(str(each.get("id", "")) if isinstance(each, dict) else str(each) for each in listed)


def _whole(step: Json) -> Iterator[str]:
    """Yield the steps that this one waits for as a whole, in each of the three spellings."""
    depends = step.get("dependsOn")
    for each in depends if isinstance(depends, list) else ():
        if isinstance(each, dict):
            how = str(each.get("waitFor") or each.get("mode") or "wholeStep").casefold()
            if how in WHOLE:
                yield str(each.get("stepId") or each.get("step") or "")
        elif isinstance(each, str):
            yield each


def _boot_groups(steps: tuple[RunbookStep, ...]) -> dict[str, int]:
    """Return the boot group of each entity: one more than that of the migration steps its own waits for."""
    by_id = {each.id: each for each in steps}
    ranks: dict[str, int] = {}

    def rank(step: RunbookStep, above: tuple[str, ...]) -> int:
        if step.id not in ranks:
            before = [by_id[each] for each in step.waits_whole if each in by_id and each not in above]
            highest = max((rank(each, (*above, step.id)) for each in before), default=0)
            ranks[step.id] = highest + (1 if step.ref == MIGRATION else 0)
        return ranks[step.id]

    found: dict[str, int] = {}
    for each in steps:
        if each.ref == MIGRATION:
            for entity in each.entities:
                found[entity.casefold()] = min(rank(each, ()), MOST_GROUPS)
    return found if len(set(found.values())) > 1 else {}


def _applications(
    spec: Json, steps: tuple[RunbookStep, ...], entities: list[dict[str, Any]]
) -> Iterator[tuple[str, str]]:
    """Yield the application of each entity: the only group of all, or the only one that a step of its names."""
    titles = {
        str(each.get("id", "")).casefold(): str(each.get("displayName", "")) for each in _objects(spec, "entityGroups")
    }
    if len(titles) == 1:
        only = next(iter(titles.values()))
        yield from ((str(each.get("id", "")).casefold(), only) for each in entities)
        return
    for step in steps:
        if len(step.groups) == 1 and (title := titles.get(step.groups[0].casefold(), "")):
            yield from ((each.casefold(), title) for each in step.entities)


def _machine(
    entity: Json, place: CellPlace, wave: ListedValue, known: tuple[Mapping[str, str], Mapping[str, int]]
) -> ListedMachine:
    name, entity_id = str(entity.get("displayName") or "").strip(), str(entity.get("id", "")).casefold()
    applications, groups = known
    values = list[ListedValue]()
    if application := applications.get(entity_id):
        values.append(ListedValue(("application",), application, place))
    if group := groups.get(entity_id):
        values.append(ListedValue(("bootGroup",), group, place))
    selectors = (ListedValue(("name",), name, place),) if name else ()
    return ListedMachine(name, place, entity_id, wave, tuple(values), selectors)


def _wave_name(document: Json, spec: Json, file: str) -> str:
    """Return the wave's own name, else that of the file."""
    metadata = document.get("metadata")
    parts = [document, spec, metadata if isinstance(metadata, dict) else {}]
    wave_id = next((str(each["waveId"]) for each in parts if each.get("waveId")), "")
    return wave_id.rstrip("/").rpartition("/")[2] or PurePath(file).stem


def _untaken(
    file: str, source: ListSource, steps: tuple[RunbookStep, ...], groups: Mapping[str, int]
) -> Iterator[Finding]:
    """Yield what a plan says otherwise, or not at all."""
    for each in steps:
        place = CellPlace(file, "", 0, f"step {each.id}", each.title)
        if each.ref == APPROVAL:
            message = "an approval is the gate of its wave: `gates: {cutover: manual}`, which is the default"
            yield place.finding(Severity.INFORMATION, message)
        elif each.ref == MANUAL:
            advice = "Write it as a manual action of the wave (`cutover.actions`), or into your own run sheet."
            yield place.finding(Severity.INFORMATION, "a manual step is not taken over", advice)
        elif not each.ref.startswith(AGENTLESS):
            yield place.finding(Severity.WARNING, f"a step of kind {each.ref or '?'} is not taken over", "Look at it.")
    if max(groups.values(), default=1) == MOST_GROUPS:
        message = f"a wave has {MOST_GROUPS} boot groups; what comes later is in the last of them"
        yield CellPlace(file).finding(Severity.WARNING, message, "See whether that order will do.")
    for name, document in source.documents:
        if name != file and isinstance(document, dict):
            yield CellPlace(name).finding(
                Severity.INFORMATION, "parameters, status and schemas are not taken over: they are Azure Migrate's own"
            )
