"""Which source side a plan has."""

from shared.plan.model import Plan
from shared.problems import Refused
from shared.sources.aws.side import AwsSide
from shared.sources.azure.side import AzureSide
from shared.sources.hyperv.side import HyperVSide
from shared.sources.physical.side import PhysicalSide
from shared.sources.side import SourceSide
from shared.sources.vmware.side import VmwareSide

SIDES: dict[str, SourceSide] = {
    "aws": AwsSide(),
    "azure": AzureSide(),
    "physical": PhysicalSide(),
    "vmware": VmwareSide(),
    "hyperv": HyperVSide(),
}


def side(plan: Plan) -> SourceSide:
    """Give the side of a plan's road. Raises `Refused` for a road that this version cannot walk."""
    found = plan.road
    if found is None or found.source not in SIDES:
        raise Refused(
            f"{plan.scenario} in mode {plan.replication.mode} cannot be walked by this version",
            id="road-not-available",
            title="This road is not available yet",
        )
    return SIDES[found.source]
