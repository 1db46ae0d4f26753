"""Judging: every rule that applies is asked, and what was acknowledged is marked so."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from shared.concerns.arrivals import VmCase
from shared.concerns.registry import (
    RULES,
    Acknowledged,
    Case,
    Concern,
    MachineCase,
    Rule,
    RuleScope,
    Seen,
    Sighting,
    Unknown,
)
from shared.concerns.rules import (
    arrivals,
    azure,
    cache_storage,
    changes,
    details,
    disks,
    hyperv,
    instances,
    named,
    networks,
    parts,
    premises,
    quota,
    servers,
    service,
    systems,
    target_networks,
    targets,
)
from shared.concerns.unjudged import UNKNOWN, Line, Unjudged, lines_of, lines_of_plan
from shared.plan.model import Plan

RULE_MODULES = (
    systems,
    instances,
    disks,
    details,
    parts,
    networks,
    premises,
    targets,
    cache_storage,
    named,
    quota,
    target_networks,
    servers,
    service,
    hyperv,
    azure,
    changes,
    arrivals,
)  # importing them filled the registry
CATALOGUE = {**RULES, UNKNOWN.id: UNKNOWN}
NOT_FOUND = ("machine-not-found", "machine-ambiguous")
Accepted = Mapping[tuple[str, str], Acknowledged]  # by concern and machine
VM_CONCERNS = frozenset(rule.id for rule in RULES.values() if rule.scope == "vm")


class Judged(NamedTuple):
    """What judging came to: the concerns, and the rules that a fact was missing for, each with that fact."""

    concerns: tuple[Concern, ...]
    unjudged: dict[str, str]


def judge(case: Case, acknowledged: Iterable[Acknowledged] = ()) -> tuple[Concern, ...]:
    """Judge the plan and all machines whose facts are in the case."""
    accepted = (*in_plan(case), *acknowledged)
    found, unjudged = [*judge_plan(case, accepted)], dict[str, Unjudged]()
    for wave, machine in case.plan.entries():
        if machine.name in case.sources:
            judgement = judged_machine(case.of_machine(wave, machine), accepted)
            found += judgement.concerns
            unjudged[machine.name] = judgement.unjudged
    return (*found, *not_judged(unjudged, accepted))


def judge_plan(case: Case, acknowledged: Iterable[Acknowledged] = ()) -> tuple[Concern, ...]:
    """Judge the plan as a whole; what could not be judged comes last."""
    concerns, unjudged = _judged(case, "plan", "")
    lines = lines_of_plan(unjudged)
    return _accepted((*concerns, *(_concern(UNKNOWN, "", line.evidence) for line in lines)), acknowledged)


def judge_machine(case: MachineCase, acknowledged: Iterable[Acknowledged] = ()) -> tuple[Concern, ...]:
    """Judge one machine, as far as its facts are known."""
    return judged_machine(case, acknowledged).concerns


def judged_machine(case: MachineCase, acknowledged: Iterable[Acknowledged] = ()) -> Judged:
    """Judge one machine; of one that was not found nothing else can be said."""
    concerns, unjudged = _judged(case, "machine", case.machine.name)
    if not case.source.found:
        concerns, unjudged = [concern for concern in concerns if concern.id in NOT_FOUND], {}
    return Judged(_accepted(concerns, acknowledged), unjudged)


def judged_vm(case: VmCase, acknowledged: Iterable[Acknowledged] = ()) -> Judged:
    """Judge the VM that a machine became."""
    concerns, unjudged = _judged(case, "vm", case.machine)
    return Judged(_accepted(concerns, acknowledged), unjudged)


def concerns_of(
    rule: str, machine: str, lines: Iterable[str], acknowledged: Iterable[Acknowledged] = ()
) -> tuple[Concern, ...]:
    """Give the concerns of one rule about a VM, for what was seen when nothing else of it is looked at."""
    return _accepted((_concern(RULES[rule], machine, line) for line in lines), acknowledged)


def not_judged(by_machine: Mapping[str, Unjudged], acknowledged: Iterable[Acknowledged] = ()) -> tuple[Concern, ...]:
    """Give one warning for each rule that machines could not be judged by; accepted where it is so of all of them."""
    accepted = {(each.concern, each.machine): each for each in acknowledged}
    return tuple(_line(line, accepted) for line in lines_of(by_machine))


def _line(line: Line, accepted: Accepted) -> Concern:
    each = [_word(UNKNOWN.id, machine, accepted) for machine in line.machines]
    concern = _concern(UNKNOWN, "", line.evidence)
    return _marked(concern, each[0]) if all(each) else concern


def why_not_acknowledged(concern: str) -> str:
    """Say why a concern cannot be acknowledged at all; empty when it can."""
    if concern not in CATALOGUE:
        return f"there is no concern '{concern[:64]}'; docs/errors.md lists them all"
    return "" if CATALOGUE[concern].acknowledgeable else f"'{concern}' cannot be acknowledged: it must be put right"


def in_plan(case: Case) -> tuple[Acknowledged, ...]:
    """Give what the plan itself acknowledges."""
    return said_in(case.plan)


def said_in(plan: Plan) -> tuple[Acknowledged, ...]:
    """Give what a plan acknowledges."""
    return tuple(Acknowledged(entry.concern, "plan", entry.reason, entry.machine) for entry in plan.acknowledge)


def _judged(case: Case | VmCase, scope: RuleScope, machine: str) -> tuple[list[Concern], dict[str, str]]:
    """Ask every rule that applies; what a rule found before a fact was missing counts."""
    found, unjudged = [], dict[str, str]()
    for rule in RULES.values():
        if rule.scope == scope and case.plan.scenario in rule.roads:
            try:
                for seen in rule.judge(case):
                    found.append(_concern(rule, machine, seen))  # noqa: PERF401 - kept when a fact is missing then
            except Unknown as unknown:
                unjudged[rule.id] = str(unknown)
    return found, unjudged


def _concern(rule: Rule, machine: str, seen: Seen) -> Concern:
    """Make a concern of what a rule saw."""
    found = seen if isinstance(seen, Sighting) else Sighting(seen, "")
    return Concern(
        id=rule.id,
        category=rule.category,
        title=rule.title,
        machine=machine,
        evidence=found.evidence,
        subject=found.subject,
        advice=rule.advice,
        docs=f"docs/errors.md#concern-{rule.id}",
        acknowledgeable=rule.acknowledgeable,
    )


def _accepted(found: Iterable[Concern], acknowledged: Iterable[Acknowledged]) -> tuple[Concern, ...]:
    """Mark what somebody accepted; what must not be accepted stays as it is."""
    accepted = {(each.concern, each.machine): each for each in acknowledged}
    return tuple(_marked(concern, _word(concern.id, concern.machine, accepted)) for concern in found)


def _word(concern: str, machine: str, accepted: Accepted) -> Acknowledged | None:
    """Give who accepted a concern; a word about the machine goes before a word about all."""
    return accepted.get((concern, machine)) or accepted.get((concern, "*"))


def _marked(concern: Concern, by: Acknowledged | None) -> Concern:
    if by is None or not concern.acknowledgeable:
        return concern
    return concern.replace(acknowledged_by=by.by, acknowledged_reason=by.reason)
