"""Assess a plan that nobody started: facts are read and judged as a migration would; no row is written, nothing is claimed."""

from collections.abc import Iterable
from dataclasses import replace

from activities.facts.plan_inventory import take_inventory
from activities.facts.section_case import case_of_section, with_others
from activities.flow.kept_reads import KeptReads
from shared.concerns.judge import judge
from shared.concerns.registry import Case, Concern
from shared.contracts.contracts import JUDGE_PLAN, KEEP_REFUSED_ASSESSMENT
from shared.contracts.requests import PhaseExit
from shared.durable.seam import Blueprint, serves
from shared.ledger import assessments
from shared.ledger.assessments import AssessmentResult
from shared.models import Done, Scope
from shared.plan.expand import expand
from shared.plan.model import Plan
from shared.plan.road_sections import sections
from shared.plan.strategies import left_out_of
from shared.reporting.assessment import Assessment, assessed_machines, grouped
from shared.roads.registry import road_of
from shared.sources.joined import joined
from shared.sources.matches import match_of

bp = Blueprint()


@serves(bp, JUDGE_PLAN)
def judge_plan(scope: Scope) -> Done:
    """Read what the clouds tell of a plan's machines and target, judge it, keep the assessment; nothing else is written.

    An order of an inventory is about all machines of a place instead.
    What is only busy is asked again; what was read of the target meanwhile is kept.
    """
    order = assessments.load_order(scope.migration)
    if order.inventory:
        found = take_inventory(scope, order.plan, order.inventory).replace(made_by=order.by)
        assessments.save_result(scope.migration, AssessmentResult(inventory=found))
        return Done()
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
    facts = with_others(whole, {name: each for read in found for name, each in read.facts.items()})
    kept = KeptReads.of(scope)
    cases = kept.whole(scope, lambda: [case_of_section(section, facts, kept) for section in sections(whole)])
    matches = [match_of(each) for each in facts.values()]
    return [replace(cases[0], unmatched=expand(work, matches).unmatched), *cases[1:]]


def _blocks_plan(concerns: Iterable[Concern]) -> bool:
    return any(each.blocks and not each.machine for each in concerns)


@serves(bp, KEEP_REFUSED_ASSESSMENT)
def keep_refused_assessment(refused: PhaseExit) -> Done:
    """Keep why a plan could not be assessed, so that who asked is told."""
    assessments.save_result(refused.migration, AssessmentResult(problem=refused.problem))
    return Done()
