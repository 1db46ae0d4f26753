"""Through a replication appliance: machines register with it by their agents, or it discovers them in a vCenter.

Site Recovery's provider is InMageRcm. EC2 instances, physical servers and VMs of a vCenter go this way.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from shared.plan.model import Plan
from shared.roads.appliance_texts import APPLIANCE
from shared.roads.server_road import AgentRoad
from shared.site_recovery.inmage_rcm import InMageRcm
from shared.site_recovery.provider import Provider
from shared.site_recovery.servers import WITH_AGENTS, ReplicationAppliance, ServerSide, site_of
from shared.site_recovery.vault import vault_of_plan


@dataclass(frozen=True)
class ApplianceRoad(AgentRoad):
    """The way of most machines; onto EC2 an appliance pushes no agent (documented)."""

    shown_as: str = "servers"  # or vms: which kind of site its machines show in

    provider: ClassVar[Provider] = InMageRcm()
    server: ClassVar[ServerSide] = ReplicationAppliance()
    feature: ClassVar[str] = "appliance"
    machines_per_server: ClassVar[int] = WITH_AGENTS
    server_releases: ClassVar[tuple[str, ...]] = ("2022",)
    installer_kind: ClassVar[str] = "appliance"
    agent_registers_with: ClassVar[str] = "its configuration file"

    def rights(self, plan: Plan) -> Iterator[str]:
        """Read the machines of a site, and its accounts where one of them pushes the agent."""
        yield f"{self.shown_as} show"
        if plan.replication.agent.install == "push":
            yield f"{self.shown_as} pushed"

    def discovery_site(self, plan: Plan) -> str | None:
        """Return the site of the appliance's fabric."""
        return site_of(vault_of_plan(plan), self.container(plan).fabric)

    def gate_texts(self, plan: Plan) -> dict[str, str]:
        """Tell how the appliance is set up for this kind of machine."""
        return {name: text + self.more_texts.get(name, "") for name, text in APPLIANCE.items()}

    def configure_agent(self, plan: Plan, machine: str, place: str, agent_text: str) -> str:
        """Say how the configuration file is made of the text that the machine told."""
        return (
            f"a person to make the configuration file of {machine}: in the configuration manager of {plan.server} open "
            f"Mobility service configuration details, paste the text below, download the file, put it into {place}, and "
            f"confirm. The text:\n{agent_text or 'what AzureRcmCli --getagentconfiginput prints on the machine'}"
        )
