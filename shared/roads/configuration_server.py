"""Through a configuration server: machines are added to it by their address, and it pushes their agents.

Site Recovery's provider is InMageAzureV2, which Microsoft has retired; a plan that goes this way has to acknowledge that.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from shared.plan.model import Plan
from shared.roads.configuration_server_texts import CONFIGURATION_SERVER
from shared.roads.server_road import AgentRoad
from shared.site_recovery.in_mage_azure_v2 import InMageAzureV2
from shared.site_recovery.provider import Provider
from shared.site_recovery.servers import WITH_AGENTS, ConfigurationServer, ServerSide


@dataclass(frozen=True)
class ConfigurationServerRoad(AgentRoad):
    """The way of EC2 instances and physical servers; VMs of a vCenter have their own (vcenter.py)."""

    can_push: bool = True
    adds_machines: bool = True

    provider: ClassVar[Provider] = InMageAzureV2()
    server: ClassVar[ServerSide] = ConfigurationServer()
    feature: ClassVar[str] = "configuration server"
    machines_per_server: ClassVar[int] = WITH_AGENTS
    server_releases: ClassVar[tuple[str, ...]] = ("2016", "2012-R2_RTM")
    server_makes_key: ClassVar[bool] = True
    installer_kind: ClassVar[str] = "configurationServer"
    agent_registers_with: ClassVar[str] = "the passphrase"

    def rights(self, plan: Plan) -> Iterator[str]:
        """Add machines to the server."""
        yield "adds machines"

    def gate_texts(self, plan: Plan) -> dict[str, str]:
        """Tell how the server is set up, and its agents installed."""
        return CONFIGURATION_SERVER

    def configure_agent(self, plan: Plan, machine: str, place: str, agent_text: str) -> str:
        """Say where the passphrase is shown; it is the same for all machines of the server."""
        return f"a person to put the passphrase of {plan.server} (there `genpassphrase.exe -v` shows it) into {place}, and confirm"
