"""Which object walks a plan's road: one row for each road of table.py."""

from shared.plan.model import Plan
from shared.problems import Refused
from shared.roads import appliance_texts
from shared.roads.agentless import AgentlessRoad
from shared.roads.appliance import ApplianceRoad
from shared.roads.azure_regions import AzureRegionsRoad
from shared.roads.configuration_server import ConfigurationServerRoad
from shared.roads.hyperv import HyperVRoad
from shared.roads.road import Road
from shared.roads.vcenter import VcenterRoad
from shared.sources.aws.source_adapter import AwsSide
from shared.sources.azure.source_adapter import AzureSide
from shared.sources.hyperv.source_adapter import HyperVSide
from shared.sources.physical.source_adapter import PhysicalSide, PlannedSide
from shared.sources.vmware.behind_server import BehindServerSide
from shared.sources.vmware.source_adapter import VmwareSide

FOR_SERVERS, BEHIND_VCENTER = appliance_texts.FOR_SERVERS, appliance_texts.BEHIND_VCENTER

ROADS: dict[tuple[str, str], Road] = {
    ("aws-to-azure", "appliance"): ApplianceRoad(AwsSide()),
    ("aws-to-azure", "configurationServer"): ConfigurationServerRoad(AwsSide()),
    ("physical-to-azure", "appliance"): ApplianceRoad(PhysicalSide(), can_push=True, more_texts=FOR_SERVERS),
    ("physical-to-azure", "configurationServer"): ConfigurationServerRoad(PlannedSide()),
    ("vmware-to-azure", "appliance"): ApplianceRoad(
        VmwareSide(), can_push=True, more_texts=BEHIND_VCENTER, shown_as="vms"
    ),
    ("vmware-to-azure", "agentless"): AgentlessRoad(VmwareSide()),
    ("vmware-to-azure", "configurationServer"): VcenterRoad(BehindServerSide()),
    ("hyperv-to-azure", "appliance"): HyperVRoad(HyperVSide()),
    ("azure-to-azure", "appliance"): AzureRegionsRoad(AzureSide()),
}


def road_of(plan: Plan) -> Road:
    """Return the road of a plan. Raise `Refused` for one that this version cannot walk."""
    found = ROADS.get((plan.scenario, plan.replication.mode))
    if found is None:
        raise Refused(
            f"{plan.scenario} in mode {plan.replication.mode} cannot be walked by this version",
            id="road-not-available",
            title="This road is not available yet",
        )
    return found
