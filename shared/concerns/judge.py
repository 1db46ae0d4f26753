"""Judging: every rule that applies is asked, and what was acknowledged is marked so."""

from collections.abc import Iterable, Iterator

from shared.concerns.arrivals import VmCase
from shared.concerns.registry import (
    EVERYWHERE,
    RULES,
    Acknowledged,
    Case,
    Concern,
    MachineCase,
    Rule,
    Scope,
    Unknown,
)
from shared.concerns.rules import (
    arrivals,
    azure,
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
UNKNOWN = Rule(
    id="fact-unknown",
    category="warning",
    scope="machine",
    title="A fact could not be read, so rules that need it were not judged",
    advice="Give the app the permission to read it, or see for yourself and acknowledge.",
    roads=EVERYWHERE,
    acknowledgeable=True,
    judge=lambda _: iter(()),
)
CATALOGUE = {**RULES, UNKNOWN.id: UNKNOWN}
NOT_FOUND = ("machine-not-found", "machine-ambiguous")
VM_CONCERNS = frozenset(rule.id for rule in RULES.values() if rule.scope == "vm")


def judge(case: Case, acknowledged: Iterable[Acknowledged] = ()) -> tuple[Concern, ...]:
    """Judge the plan and all machines whose facts are in the case."""
    accepted = (*in_plan(case), *acknowledged)
    found = [*judge_plan(case, accepted)]
    for wave, machine in case.plan.entries():
        if machine.name in case.sources:
            found += judge_machine(case.of_machine(wave, machine), accepted)
    return tuple(found)


def judge_plan(case: Case, acknowledged: Iterable[Acknowledged] = ()) -> tuple[Concern, ...]:
    """Judge the plan as a whole."""
    return _accepted(_concerns(case, "plan", ""), acknowledged)


def judge_machine(case: MachineCase, acknowledged: Iterable[Acknowledged] = ()) -> tuple[Concern, ...]:
    """Judge one machine; of one that was not found nothing else can be said."""
    found = _concerns(case, "machine", case.machine.name)
    if not case.source.found:
        found = (concern for concern in found if concern.id in NOT_FOUND)
    return _accepted(found, acknowledged)


def judge_vm(case: VmCase, acknowledged: Iterable[Acknowledged] = ()) -> tuple[Concern, ...]:
    """Judge the VM that a machine became."""
    return _accepted(_concerns(case, "vm", case.machine), acknowledged)


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
    return tuple(Acknowledged(said.concern, "plan", said.reason, said.machine) for said in plan.acknowledge)


def _concerns(case: Case | VmCase, scope: Scope, machine: str) -> Iterator[Concern]:
    """Ask every rule that applies; facts that could not be read come last, each with the rules that needed it."""
    blind: dict[str, list[str]] = {}
    for rule in RULES.values():
        if rule.scope == scope and case.plan.scenario in rule.roads:
            try:
                for evidence in rule.judge(case):  # what a rule found before it came to what is not known counts
                    yield _concern(rule, machine, evidence)
            except Unknown as unknown:
                blind.setdefault(str(unknown), []).append(rule.id)
    for fact, rules in blind.items():
        yield _concern(UNKNOWN, machine, f"{fact} is not known; not judged: {', '.join(rules)}")


def _concern(rule: Rule, machine: str, evidence: str) -> Concern:
    """Make a concern of what a rule found."""
    return Concern(
        id=rule.id,
        category=rule.category,
        title=rule.title,
        machine=machine,
        evidence=evidence,
        advice=rule.advice,
        docs=f"docs/errors.md#concern-{rule.id}",
        acknowledgeable=rule.acknowledgeable,
    )


def _accepted(found: Iterable[Concern], acknowledged: Iterable[Acknowledged]) -> tuple[Concern, ...]:
    """Mark what somebody accepted; what must not be accepted stays as it is."""
    accepted = {(one.concern, one.machine): one for one in acknowledged}
    return tuple(_marked(concern, accepted) for concern in found)


def _marked(concern: Concern, accepted: dict[tuple[str, str], Acknowledged]) -> Concern:
    """Mark one concern; a word about the machine goes before a word about all."""
    by = accepted.get((concern.id, concern.machine)) or accepted.get((concern.id, "*"))
    if by is None or not concern.acknowledgeable:
        return concern
    return concern.but(acknowledged_by=by.by, acknowledged_reason=by.reason)
