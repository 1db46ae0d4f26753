"""Where in AWS a plan's machines are."""

from shared.plan.model import Plan
from shared.problems import Refused
from shared.sources.aws.session import AwsPlace


def place_of(plan: Plan) -> AwsPlace:
    """Return the region and role of a plan's sources. Raise `Refused` when the plan names none."""
    if plan.source.aws is None:
        raise Refused("the plan names no AWS source", id="no-source", title="The plan names no such source")
    return AwsPlace(region=plan.source.aws.region, role_arn=plan.source.aws.role_arn)


def find_place(plan: Plan) -> AwsPlace | None:
    """Return the region and role of a plan's sources; None where none of its machines is in AWS."""
    return place_of(plan) if plan.source.aws else None


def vpc_of(plan: Plan) -> str:
    """Return the VPC that a plan names; empty where it names none."""
    return plan.source.aws.vpc_id if plan.source.aws else ""
