"""What can be said of a plan before any look at the clouds."""

from shared.concerns.judge import in_plan, judge_plan
from shared.concerns.registry import Case
from shared.concerns.server_facts import ApplianceFacts
from shared.concerns.target_facts import TargetFacts
from shared.concerns.unjudged import UNKNOWN
from shared.plan.model import Plan
from shared.plan.strategies import left_out_of
from shared.reporting.views import Validation


def validation_of(plan: Plan) -> Validation:
    """Judge the plan as a whole by the rules that need no facts; the others speak when it is assessed."""
    work = plan.working()
    case = Case(plan=work, target=TargetFacts(), appliance=ApplianceFacts())
    concerns = tuple(each for each in judge_plan(case, in_plan(case)) if each.id != UNKNOWN.id)
    machines = sum(1 for _ in work.entries())
    made = Validation(name=plan.name, machines=machines, concerns=concerns, left_out=left_out_of(plan))
    profile = plan.profile
    return made.replace(profile=profile.name, profile_version=profile.version) if profile else made
