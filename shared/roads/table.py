"""Roads by name: where machines come from, who replicates them, which phases they walk.

A plan is read, and an orchestrator replayed, with this table alone; what a road does is said by its object in registry.py.
"""

from dataclasses import dataclass

from shared.itinerary import ITINERARY


@dataclass(frozen=True)
class RoadRow:
    """A scenario in one of its modes: where machines come from, who replicates, which phases are walked."""

    scenario: str
    mode: str
    source: str  # folder in shared/sources
    provider: str  # Site Recovery's instance type
    phases: tuple[str, ...]
    available: bool = False  # this version can walk it


def _all_but(*left_out: str) -> tuple[str, ...]:
    """Give the phases of the itinerary without some."""
    return tuple(step.phase for step in ITINERARY if step.phase not in left_out)


EVERY_PHASE = _all_but()
NOT_ON_EC2 = _all_but("open_security_groups")
NO_AGENT = _all_but("open_security_groups", "check_connectivity", "install_agent")
NO_SERVER = _all_but("open_security_groups", "register_appliance", "install_agent")

# fmt: off
# Roads that know one way only carry the default mode's name, so that a plan need not say it.
ROADS = (
    #       scenario             mode                   source      provider              phases
    RoadRow("aws-to-azure",      "appliance",           "aws",      "InMageRcm",          EVERY_PHASE, available=True),
    RoadRow("aws-to-azure",      "configurationServer", "aws",      "InMageAzureV2",      EVERY_PHASE, available=True),
    RoadRow("physical-to-azure", "appliance",           "physical", "InMageRcm",          NOT_ON_EC2, available=True),
    RoadRow("physical-to-azure", "configurationServer", "physical", "InMageAzureV2",      NOT_ON_EC2, available=True),
    RoadRow("vmware-to-azure",   "appliance",           "vmware",   "InMageRcm",          NOT_ON_EC2, available=True),
    RoadRow("vmware-to-azure",   "agentless",           "vmware",   "VMwareCbt",          NO_AGENT, available=True),
    RoadRow("vmware-to-azure",   "configurationServer", "vmware",   "InMageAzureV2",      NOT_ON_EC2, available=True),
    RoadRow("hyperv-to-azure",   "appliance",           "hyperv",   "HyperVReplicaAzure", NO_AGENT, available=True),
    RoadRow("azure-to-azure",    "appliance",           "azure",    "A2A",                NO_SERVER, available=True),
)
# fmt: on


def row_of(scenario: str, mode: str) -> RoadRow | None:
    """Return the row of a scenario in a mode, or None when there is no such road."""
    return next((each for each in ROADS if (each.scenario, each.mode) == (scenario, mode)), None)


def road_name(scenario: str, mode: str) -> str:
    """Name a road as people read it: with its mode where the scenario has several."""
    modes = {each.mode for each in ROADS if each.scenario == scenario}
    return f"{scenario} ({mode})" if mode and modes != {mode} else scenario
