"""Rows about one machine become one; rows that contradict each other, or share a name, are errors that name both."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from shared.ids import LONGEST_NAME, name_from
from shared.lists.records import Finding, ListedMachine, ListedValue, Severity

ONE_ONLY = ("instanceId", "privateIp")  # of what a machine has several names, but one of these


@dataclass(frozen=True)
class NamedMachine:
    """A listed machine with the name that a plan calls it by."""

    name: str
    machine: ListedMachine


def joined(machines: Iterable[ListedMachine]) -> tuple[list[NamedMachine], list[Finding]]:
    """Return each machine once, with all that its rows say; the machines of rows that are at odds are left out."""
    groups: dict[str, list[ListedMachine]] = {}
    for each in machines:
        groups.setdefault(each.key.casefold(), []).append(each)
    findings, found, named = list[Finding](), list[NamedMachine](), dict[str, list[ListedMachine]]()
    for rows in groups.values():
        wrong = [*_unlike(rows), *_contradictions(rows)]
        findings += wrong
        if not wrong:
            named.setdefault(name_from(rows[0].key), []).append(_as_one(rows))
    for name, same in named.items():
        wrong = list(_unnamed(same) if not name else _homonyms(name, same))
        findings += wrong
        if not wrong:
            found.append(NamedMachine(name, same[0]))
    return found, findings


def _unlike(rows: list[ListedMachine]) -> Iterator[Finding]:
    """Yield rows of one name that the list itself tells apart."""
    for before, after in pairwise(rows):
        if before.identity and after.identity and before.identity != after.identity:
            message = f"has the name of another machine, in {before.place}"
            advice = "Write one of the two into the plan by hand, under a name of its own."
            yield after.place.finding(Severity.ERROR, f"{message}; neither is taken over", advice)


def _contradictions(rows: list[ListedMachine]) -> Iterator[Finding]:
    """Yield what one row says and a later one says otherwise."""
    first: dict[tuple[str, ...], ListedValue] = {}
    for row in rows if len(rows) > 1 else ():
        own = dict[tuple[str, ...], ListedValue]()
        wave = () if row.wave is None else (row.wave,)
        known = (each for each in row.selectors if each.path[0] in ONE_ONLY)
        for each in (*wave, *row.values, *known):
            own.setdefault(each.path, each)
        for path, each in own.items():
            before = first.setdefault(path, each)
            if before.value != each.value:
                message = f"contradicts {before.place}, which says {before.place.read}; the machine is not taken over"
                yield each.place.finding(Severity.ERROR, message, "Correct one of the two rows.")


def _as_one(rows: list[ListedMachine]) -> ListedMachine:
    """Return the first row with what the others add."""
    values = {each.path: each for row in reversed(rows) for each in row.values}
    selectors = {(each.path, each.value): each for row in rows for each in row.selectors}
    wave = next((row.wave for row in rows if row.wave), None)
    return replace(rows[0], wave=wave, values=tuple(values.values()), selectors=tuple(selectors.values()))


def _unnamed(machines: list[ListedMachine]) -> Iterator[Finding]:
    for each in machines:
        message = "holds no letter and no digit of ASCII, of which names in a plan are made"
        advice = "Write the machine into the plan by hand, with a name and `source: {name: …}`; it is found by that."
        yield each.place.finding(Severity.ERROR, message, advice)


def _homonyms(name: str, machines: list[ListedMachine]) -> Iterator[Finding]:
    for before, after in pairwise(machines):
        why = f"names have {LONGEST_NAME} characters at most, of a-z, 0-9 and hyphens"
        message = f"would be called {name}, as {before.key} of {before.place} would ({why}); neither is taken over"
        advice = f"Write one of the two into the plan by hand: {{name: …, source: {{name: {after.key!r}}}}}; it is found by that."
        yield after.place.finding(Severity.ERROR, message, advice)
