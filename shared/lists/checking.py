"""What a list says of a machine is judged by the plan's own models, value by value."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pydantic import ValidationError

from shared.lists.cells import is_formula
from shared.lists.formats.words import is_ipv4
from shared.lists.records import Finding, ListedMachine, ListedValue, Severity
from shared.plan.error_messages import faults_of, quoted
from shared.plan.machines import Machine, Selector
from shared.plan.rules.tags import wrong_names
from shared.plan.target import DYNAMIC, KEEP

ADDRESSES: Final = ("privateIp", "testPrivateIp")
ANY: Final[Mapping[str, Any]] = {"name": "any", "source": {"name": "any"}}


@dataclass(frozen=True)
class CheckedMachine:
    """What of a machine may go into a plan."""

    values: tuple[ListedValue, ...]
    selectors: tuple[ListedValue, ...]
    findings: tuple[Finding, ...] = ()


def checked(machine: ListedMachine) -> CheckedMachine:
    """Return what the plan's models take, and a finding for each value that they do not."""
    findings = [*_formulas(machine), *_tag_names(machine)]
    wrong = {(each.row, each.column, each.read) for each in findings}
    values = tuple(each for each in machine.values if _where(each) not in wrong)
    selectors = tuple(each for each in machine.selectors if _where(each) not in wrong)
    good_values, refused = _by_model(values)
    findings += refused
    wrong_ones = {each: faults for each in selectors if (faults := _wrong(("source", *each.path), each.value))}
    good_selectors = tuple(each for each in selectors if each not in wrong_ones)
    findings += [
        each.place.finding(Severity.WARNING, f"{faults[0]}; it is not taken over", "Correct it.")
        for each, faults in wrong_ones.items()
    ]
    return CheckedMachine(good_values, good_selectors, tuple(findings))


def _where(listed: ListedValue) -> tuple[int, str, str]:
    return listed.place.row, listed.place.column, listed.place.read


def _formulas(machine: ListedMachine) -> Iterator[Finding]:
    for each in (*machine.values, *machine.selectors):
        if isinstance(each.value, str) and is_formula(each.value):
            message = "would be run as a formula by a spreadsheet; it is not taken over"
            yield each.place.finding(Severity.WARNING, message, "Write the value itself.")


def _tag_names(machine: ListedMachine) -> Iterator[Finding]:
    """Yield the names of tags that Azure does not take."""
    tags = {each.path[2]: each for each in machine.values if each.path[:2] == ("target", "tags")}
    for name, why in wrong_names({name: str(each.value) for name, each in tags.items()}):
        yield tags[name].place.finding(Severity.WARNING, f"the tag {name} {why}", "It is not taken over.")


def _by_model(values: tuple[ListedValue, ...]) -> tuple[tuple[ListedValue, ...], list[Finding]]:
    """Return the values that fit together at once; where they do not, each is tried by itself."""
    if not _faults_together(values) and not any(each.path[-1] in ADDRESSES for each in values):
        return values, []
    good, findings = list[ListedValue](), list[Finding]()
    for each in values:
        if faults := _wrong(each.path, each.value):
            message = f"{'.'.join(each.path)} {faults[0]}; it is not taken over"
            findings.append(each.place.finding(Severity.WARNING, message, "Correct it, or write it into the plan."))
        else:
            good.append(each)
    return tuple(good), findings


def _wrong(path: tuple[str, ...], value: Any) -> list[str]:
    """Say what is wrong with one value: by the models, and an address has to be one."""
    faults = _selector_faults(path[1], value) if path[0] == "source" else _faults(nested_value(path, value))
    is_address = path[-1] in ADDRESSES and value not in (KEEP, DYNAMIC)
    return faults or ([f"{quoted(value)} is no address"] if is_address and not is_ipv4(str(value)) else [])


def _selector_faults(kind: str, value: Any) -> list[str]:
    try:
        Selector.model_validate({kind: value}, by_alias=True, by_name=False)
    except ValidationError as error:
        return [each.message for each in faults_of(error, suggestions=0)]
    return []


def _faults_together(values: tuple[ListedValue, ...]) -> Sequence[str]:
    """Say what is wrong with values together; most machines of a list say the same of themselves as many others."""
    try:
        return _known_faults(tuple((each.path, type(each.value), each.value) for each in values))
    except TypeError:  # a value that is a list
        return _faults(nested(values))


@lru_cache(maxsize=4096)
def _known_faults(values: tuple[tuple[tuple[str, ...], type, Any], ...]) -> Sequence[str]:
    return tuple(_faults(_nested((path, value) for path, _, value in values)))


def _faults(document: Mapping[str, Any]) -> list[str]:
    try:
        Machine.model_validate({**ANY, **document}, by_alias=True, by_name=False)
    except ValidationError as error:
        return [each.message for each in faults_of(error, suggestions=0)]
    return []


def nested(values: Sequence[ListedValue]) -> dict[str, Any]:
    """Return values by their paths as the fields of a plan's machine."""
    return _nested((each.path, each.value) for each in values)


def _nested(values: Iterable[tuple[tuple[str, ...], Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path, value in values:
        part = found
        for step in path[:-1]:
            part = part.setdefault(step, {})
        part[path[-1]] = value
    return found


def nested_value(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """Return one value by its path as a field of a plan's machine."""
    document = value
    for step in reversed(path):
        document = {step: document}
    return dict(document)
