"""Which source side a plan has."""

from shared.plan.model import Plan
from shared.problems import Refused
from shared.sources.aws.source_adapter import AwsSide
from shared.sources.azure.source_adapter import AzureSide
from shared.sources.hyperv.source_adapter import HyperVSide
from shared.sources.physical.source_adapter import PhysicalSide
from shared.sources.source_adapter import SourceSide
from shared.sources.vmware.source_adapter import VmwareSide

SOURCE_ADAPTERS: dict[str, SourceSide] = {
    "aws": AwsSide(),
    "azure": AzureSide(),
    "physical": PhysicalSide(),
    "vmware": VmwareSide(),
    "hyperv": HyperVSide(),
}


def source_adapter(plan: Plan) -> SourceSide:
    """Give the side of a plan's road. Raises `Refused` for a road that this version cannot walk."""
    found = plan.road
    if found is None or found.source not in SOURCE_ADAPTERS:
        raise Refused(
            f"{plan.scenario} in mode {plan.replication.mode} cannot be walked by this version",
            id="road-not-available",
            title="This road is not available yet",
        )
    return SOURCE_ADAPTERS[found.source]
