"""Lists into a plan: read, joined, checked, merged, and written beside what the plan has already. Nothing is started."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from shared.ids import name_from
from shared.lists.applying import applied
from shared.lists.joining import joined
from shared.lists.limits import check_machines
from shared.lists.merging import Document, MergedPlan, merged
from shared.lists.options import ListOptions
from shared.lists.records import CellPlace, Finding, ListReading, Severity
from shared.lists.registry import format_of
from shared.lists.results import ImportResult, ReadList
from shared.lists.sources import ListFile, findings_of, sources_of
from shared.plan.documents import read_document
from shared.plan.locating import located
from shared.plan.plan_yaml import plan_text
from shared.plan.profiles import NO_PROFILES, TargetProfiles
from shared.plan.reader import to_plan
from shared.plan.underlaying import underlaid
from shared.problems import Fault, InvalidPlan, UnreadablePlan
from shared.roads.scenarios import BY_APPLIANCE, FROM_AWS

ORDER: Final = (Severity.ERROR, Severity.WARNING, Severity.INFORMATION)


def import_lists(
    files: Sequence[ListFile], plan: str, name: str, options: ListOptions, *, profiles: TargetProfiles = NO_PROFILES
) -> ImportResult:
    """Return a plan (its text; empty for a new one of this name) with what lists say, and everything that was found.

    Raise `UnreadableList`, `UnknownList`, `TooLarge`, `UnreadableRequest` for lists, `UnreadablePlan` for the plan.
    """
    plan = plan.removeprefix("\ufeff")
    sources = sources_of(files, options.encoding)
    readings = [format_of(each, options.format).read(each, options) for each in sources]
    check_machines(sum(len(each.machines) for each in readings))
    document = _document(plan) if plan.strip() else _new_plan(name, readings, options)
    machines, clashes = joined(machine for each in readings for machine in each.machines)
    work = merged(document, machines, options)
    work.roads = {name_from(title): dict(road) for each in readings for title, road in each.waves.items()}
    text = plan or plan_text(document)
    stated = dict(_stated(_laid(document, profiles), readings, work)) if plan.strip() else {}
    after, data = applied(text, document, work, stated)
    errors = located(after, _errors(data, profiles), data)
    findings = [
        *findings_of(sources),
        *(each for reading in readings for each in reading.findings),
        *clashes,
        *work.findings,
    ]
    return ImportResult(
        lists=tuple(_read_list(source.name, reading) for source, reading in zip(sources, readings, strict=True)),
        machines=len(machines),
        changes=tuple(work.changes),
        findings=tuple(sorted(findings, key=_order)),
        plan=after,
        changed=after != plan,
        valid=not errors,
        errors=errors,
    )


def _read_list(file: str, reading: ListReading) -> ReadList:
    return ReadList(file=file, format=reading.format, rows=reading.rows, machines=len(reading.machines))


def _order(finding: Finding) -> tuple[int, str, str, int]:
    return ORDER.index(finding.severity), finding.file, finding.sheet, finding.row


def _document(plan: str) -> Document:
    """Read the plan as plain data; it may lack anything but its shape."""
    document = read_document(plan.encode(), "")
    waves = document.get("waves") if isinstance(document, dict) else None
    listed = waves if isinstance(waves, list) else []
    readable = isinstance(document, dict) and isinstance(waves, list | None)
    if not readable or not all(isinstance(each, dict) and _is_list(each.get("machines")) for each in listed):
        raise UnreadablePlan(
            "What lists are to be imported into is no plan: an object with `waves`, each with `machines`",
            advice="Name a plan, or a file that is not there yet.",
        )
    return dict(document)


def _is_list(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(each, dict) for each in value))


def _new_plan(name: str, readings: Sequence[ListReading], options: ListOptions) -> Document:
    """Begin a plan with what the lists say of it as a whole; `validate` tells what is missing."""
    scenario = options.scenario or next((each.scenario for each in readings if each.scenario), FROM_AWS)
    found: Document = {"name": name_from(name) or "imported", "scenario": scenario}
    for each in readings:
        _fill(found, each.plan)
    target = found.setdefault("target", {})
    for part in ("network", "vault"):
        target.setdefault(part, {})
    return found


def _fill(document: Document, more: Mapping[str, Any]) -> None:
    """Add what a document does not say yet."""
    for key, value in more.items():
        if isinstance(value, Mapping):
            _fill(document.setdefault(key, {}), value)
        else:
            document.setdefault(key, value)


def _stated(document: Document, readings: Sequence[ListReading], work: MergedPlan) -> Iterator[tuple[str, Any]]:
    """Yield what lists say of the plan as a whole and it does not say itself; what it says otherwise stays."""
    for reading in readings:
        place = CellPlace(next((each.place.file for each in reading.machines), ""))
        for key, value in reading.plan.items():
            own = document.get(key)
            if key == "replication" and _mode(value) != _mode(own):
                message = (
                    f"the list is for mode {_mode(value)}, the plan for {_mode(own)}; the plan's replication stays"
                )
                work.findings.append(
                    place.finding(Severity.WARNING, message, "Import it into a plan of that mode if it has to be.")
                )
            elif own is None:
                yield key, value
            elif missing := _missing(own, value, (key,), (place, work)):
                yield key, missing


def _mode(replication: Any) -> str:
    return str(replication.get("mode", BY_APPLIANCE)) if isinstance(replication, Mapping) else BY_APPLIANCE


def _missing(own: Any, listed: Any, path: tuple[str, ...], at: tuple[CellPlace, MergedPlan]) -> Any:
    """Return what is new in a part of the plan; nothing where it says the same, or otherwise."""
    if isinstance(own, dict) and isinstance(listed, Mapping):
        return {
            key: value if key not in own else new
            for key, value in listed.items()
            if key not in own or (new := _missing(own[key], value, (*path, key), at))
        }
    if str(own).casefold() != str(listed).casefold():
        place, work = at
        message = f"the list says {'.'.join(path)}: {listed}, the plan {own}; the plan's stays"
        work.findings.append(place.finding(Severity.WARNING, message, "Correct the plan if the list is right."))
    return None


def _laid(document: Document, profiles: TargetProfiles) -> Document:
    """Return the plan upon its profile: what that says no list has to; one that is not there is told with the errors."""
    try:
        return dict(underlaid(document, profiles).document)
    except InvalidPlan:
        return document


def _errors(document: Document, profiles: TargetProfiles) -> tuple[Fault, ...]:
    """Return what the plan lacks."""
    try:
        to_plan(document, profiles=profiles)
    except InvalidPlan as invalid:
        return invalid.facts.errors
    return ()
