"""The VMware side: virtual machines of a vCenter, as their server has discovered them. The app itself reaches no vCenter.

| operation | role action |
| --- | --- |
| read, state | Microsoft.OffAzure/VMwareSites/machines/read; of a configuration server …/replicationProtectableItems/read |
"""

from collections.abc import Collection
from datetime import timedelta
from typing import ClassVar

from shared.concerns.source_facts import SourceFacts
from shared.plan.model import Plan
from shared.plan.selection import SourceMatch
from shared.site_recovery import discovery
from shared.site_recovery.discovery import DiscoveredMachine
from shared.sources.discovered import Shown, facts_of, in_site, listed_in, read_shown, site_of, unread
from shared.sources.source_adapter import PowerlessSide, Sources

# vCenter's words as the site tells them; `SUSPENDED` is assumed.
STATES = {"ON": "running", "OFF": "stopped", "SUSPENDED": "suspended"}


class VmwareSide(PowerlessSide):
    """Virtual machines that Site Recovery shuts down through vCenter as part of the failover."""

    machines: ClassVar[str] = "virtual machines of a vCenter"
    failover_shuts_down: ClassVar[bool] = True
    told_within: ClassVar[timedelta] = timedelta(minutes=30)  # an appliance reads a vCenter about so often (documented)

    def shown(self, plan: Plan) -> Shown | None:
        """Give where the machines show; None before their server is registered and has read the vCenter."""
        site = site_of(plan, "vmware")
        return in_site(site) if site else None

    def get_machine(self, source_id: str) -> DiscoveredMachine | None:
        """Give one machine by its id, or None when it does not show any more."""
        return discovery.get_machine(source_id)

    def read(self, plan: Plan, names: Collection[str] | None = None) -> Sources:
        """Find by vCenter name, address or id; before their server has read the vCenter nothing of them is known."""
        at = self.shown(plan)
        return read_shown(plan, at, names, SourceFacts(found=False), tell) if at else unread(plan, names)

    def listed(self, plan: Plan) -> tuple[SourceMatch, ...]:
        """List the virtual machines that the server has discovered."""
        return listed_in(self.shown(plan))

    def state(self, plan: Plan, source_id: str) -> str:  # noqa: ARG002 - the id says it all
        """Give what vCenter last told the server; `unknown` for a machine that was never discovered."""
        if not source_id:
            return "unknown"
        found = self.get_machine(source_id)
        return "gone" if found is None or found.is_deleted else state_of(found)


def state_of(machine: DiscoveredMachine) -> str:
    """Give the power state in the app's words."""
    return STATES.get(machine.power_status.upper(), machine.power_status.lower() or "unknown")


def tell(machine: DiscoveredMachine) -> SourceFacts:
    """Give the facts of a virtual machine."""
    state = state_of(machine)
    tools = machine.vmware_tools_status.upper() == "OK" if machine.vmware_tools_status and state == "running" else None
    return facts_of(machine).replace(state=None if state == "unknown" else state, guest_tools=tools)
