"""What could not be judged because a fact is not known: one line for each rule, however many machines it concerns."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from shared.concerns.registry import EVERYWHERE, Rule
from shared.reporting.name_lists import some_of

UNKNOWN: Final = Rule(
    id="fact-unknown",
    category="warning",
    scope="plan",
    title="A fact could not be read, so a rule that needs it was not judged",
    advice="Give the app the permission to read it, or see for yourself and acknowledge.",
    roads=EVERYWHERE,
    acknowledgeable=True,
    judge=lambda _: iter(()),
)
MOST_NAMES: Final = 5

Unjudged = Mapping[str, str]  # id of a rule -> the fact that could not be read


class Line(NamedTuple):
    """A rule that was not judged, and of which machines."""

    evidence: str
    machines: tuple[str, ...] = ()


def lines_of(by_machine: Mapping[str, Unjudged]) -> Iterator[Line]:
    """Give a line for each rule that some machines could not be judged by."""
    machines: dict[str, list[str]] = {}
    facts: dict[str, dict[str, None]] = {}
    for machine, unjudged in by_machine.items():
        for rule, fact in unjudged.items():
            machines.setdefault(rule, []).append(machine)
            facts.setdefault(rule, {})[fact] = None
    for rule, names in machines.items():
        yield Line(f"{_said(rule, tuple(facts[rule]))} of {_names(names)}", tuple(names))


def lines_of_plan(unjudged: Unjudged) -> Iterator[Line]:
    """Give a line for each rule that the plan as a whole could not be judged by."""
    return (Line(_said(rule, (fact,))) for rule, fact in unjudged.items())


def _said(rule: str, facts: tuple[str, ...]) -> str:
    return f"{rule} was not judged: {', '.join(facts)} {'is' if len(facts) == 1 else 'are'} not known"


def _names(names: list[str]) -> str:
    shown = some_of(names, MOST_NAMES)
    return shown if len(names) == 1 else f"{len(names)} machines ({shown})"
