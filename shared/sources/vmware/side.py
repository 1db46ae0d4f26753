"""The VMware side: virtual machines of a vCenter, as the appliance has discovered them. The app itself reaches no vCenter.

| operation | role action |
| --- | --- |
| read, state | Microsoft.OffAzure/VMwareSites/machines/read |
"""

from collections.abc import Collection
from typing import ClassVar

from shared.concerns.facts import SourceFacts
from shared.plan.model import Plan
from shared.site_recovery import discovery
from shared.site_recovery.discovery import DiscoveredMachine
from shared.sources.discovered import facts_of, read_site, site_of, unread
from shared.sources.side import Sources, no_power

# vCenter's words as the site tells them; `SUSPENDED` is assumed.
STATES = {"ON": "running", "OFF": "stopped", "SUSPENDED": "suspended"}


class VmwareSide:
    """Virtual machines that Site Recovery shuts down through vCenter as part of the failover."""

    has_power: ClassVar[bool] = False
    failover_shuts_down: ClassVar[bool] = True

    def read(self, plan: Plan, names: Collection[str] | None = None) -> Sources:
        """Find by vCenter name, address or uuid; before the appliance is registered nothing of them is known."""
        site = site_of(plan, "vmware")
        if site is None:
            return unread(plan, names)
        return read_site(plan, site, names, SourceFacts(found=False), tell)

    def state(self, plan: Plan, source_id: str) -> str:  # noqa: ARG002 - the side's
        """Give what vCenter last told the appliance; `unknown` for a machine that was never discovered."""
        if not source_id:
            return "unknown"
        found = discovery.get_machine(source_id)
        return "gone" if found is None or found.is_deleted else state_of(found)

    def stop(self, plan: Plan, source_id: str) -> None:  # noqa: ARG002 - the side's
        """Raise `Refused`: a person, or the failover, shuts the machine down."""
        raise no_power("virtual machines of a vCenter")

    def start(self, plan: Plan, source_id: str) -> None:  # noqa: ARG002 - the side's
        """Raise `Refused`: a person starts the machine."""
        raise no_power("virtual machines of a vCenter")


def state_of(one: DiscoveredMachine) -> str:
    """Give the power state in the app's words."""
    return STATES.get(one.power_status.upper(), one.power_status.lower() or "unknown")


def tell(one: DiscoveredMachine) -> SourceFacts:
    """Give the facts of a virtual machine."""
    state = state_of(one)
    tools = one.vmware_tools_status.upper() == "OK" if one.vmware_tools_status and state == "running" else None
    return facts_of(one).but(state=None if state == "unknown" else state, guest_tools=tools)
