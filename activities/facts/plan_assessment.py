"""Assess a plan that nobody started: facts are read and judged as a migration would; no row is written, nothing is claimed."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from activities.facts.target_facts import read_appliance_facts, read_target_facts
from activities.flow.kept_reads import KeptReads
from shared.concerns.judge import judge
from shared.concerns.registry import Case, Concern
from shared.concerns.server_facts import ApplianceFacts
from shared.concerns.source_facts import SourceFacts
from shared.contracts.contracts import JUDGE_PLAN, KEEP_REFUSED_ASSESSMENT
from shared.contracts.requests import PhaseExit
from shared.durable.seam import Blueprint, serves
from shared.ledger import assessments, source_claims
from shared.ledger.assessments import AssessmentResult
from shared.ledger.history import Before, before
from shared.models import Done, Scope
from shared.plan.expand import SourceMatch, expand
from shared.plan.model import Plan
from shared.plan.road_sections import Section, sections
from shared.plan.strategies import left_out_of
from shared.reporting.assessment import Assessment, assessed_machines, grouped
from shared.roads.registry import road_of
from shared.roads.target_names import name_of
from shared.sources.joined import joined

bp = Blueprint()


@serves(bp, JUDGE_PLAN)
def judge_plan(scope: Scope) -> Done:
    """Read what the clouds tell of a plan's machines and target, judge it, keep the assessment; nothing else is written.

    What is only busy is asked again; what was read of the target meanwhile is kept.
    """
    order = assessments.load_order(scope.migration)
    cases = _cases(scope, order.plan.working())
    judged = [(case, judge(case)) for case in cases]
    result = Assessment(
        id=scope.migration,
        plan=order.plan.name,
        made=scope.now,
        made_by=order.by,
        blocked=any(_blocks_plan(concerns) for _, concerns in judged),
        machines=tuple(each for case, concerns in judged for each in assessed_machines(case, concerns)),
        rules=grouped(concern for _, concerns in judged for concern in concerns),
        unmatched=cases[0].unmatched,
        left_out=left_out_of(order.plan),
    )
    assessments.save_result(scope.migration, AssessmentResult(assessment=result))
    return Done()


def _cases(scope: Scope, work: Plan) -> list[Case]:
    """Read everything, and give what is judged on each road."""
    found = [road_of(section.plan).source.read(section.plan, None) for section in sections(work)]
    whole = joined(work, found)
    facts = _with_others(whole, {name: each for read in found for name, each in read.facts.items()})
    kept = KeptReads.of(scope)
    cases = kept.whole(scope, lambda: [_case(section, facts, kept) for section in sections(whole)])
    matches = [SourceMatch(instance_id=each.instance_id, tags=each.tags or {}) for each in facts.values()]
    return [replace(cases[0], unmatched=expand(work, matches).unmatched), *cases[1:]]


def _case(section: Section, facts: Mapping[str, SourceFacts], kept: KeptReads) -> Case:
    """Read the target of one road, and give what is judged there."""
    sources = {machine.name: facts[machine.name] for _, machine in section.plan.entries() if machine.name in facts}
    target = read_target_facts(section.plan, kept, section.name)
    appliance = kept.known(
        f"{section.name}/appliance", ApplianceFacts, lambda: read_appliance_facts(section.plan, sources)
    )
    return Case(section.plan, target, appliance or ApplianceFacts(), sources)


def _with_others(whole: Plan, facts: Mapping[str, SourceFacts]) -> dict[str, SourceFacts]:
    """Say of the machines which of them other migrations have, or moved; nothing is claimed."""
    promised = {
        machine.name: name_of(section.plan, machine)
        for section in sections(whole)
        for _, machine in section.plan.entries()
    }
    ids = [each.instance_id for each in facts.values() if each.instance_id]
    busy, earlier = source_claims.busy_elsewhere([*ids, *promised.values()], ""), before(ids, "")
    return {
        name: each.replace(
            busy_in=busy.get(each.instance_id, ""),
            name_promised_to=busy.get(promised.get(name, ""), ""),
            **earlier.get(each.instance_id.lower(), Before()).model_dump(),
        )
        for name, each in facts.items()
    }


def _blocks_plan(concerns: Iterable[Concern]) -> bool:
    return any(each.blocks and not each.machine for each in concerns)


@serves(bp, KEEP_REFUSED_ASSESSMENT)
def keep_refused_assessment(refused: PhaseExit) -> Done:
    """Keep why a plan could not be assessed, so that who asked is told."""
    assessments.save_result(refused.migration, AssessmentResult(problem=refused.problem))
    return Done()
