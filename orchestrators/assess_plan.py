"""Assess a plan that nobody started: its facts are read and judged; nothing is started, changed or claimed."""

from shared.contracts.contracts import ASSESS_PLAN, JUDGE_PLAN, KEEP_REFUSED_ASSESSMENT
from shared.contracts.requests import PhaseExit, where
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates, outcome
from shared.models import Done, Scope
from shared.problems import Problem

bp = Blueprint()


@orchestrates(bp, ASSESS_PLAN)
def assess_plan(context: Context, scope: Scope) -> Waits[Done]:
    """Judge the plan; where that is refused, keep why."""
    judged = yield from outcome(call(context, JUDGE_PLAN, scope))
    if isinstance(judged, Problem):
        yield from call(context, KEEP_REFUSED_ASSESSMENT, PhaseExit(**where(scope), problem=judged.facts))
    return Done()
