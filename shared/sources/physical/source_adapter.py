"""The physical side: servers that an appliance sees once their agent has registered, or once somebody added them there.

| operation | role action |
| --- | --- |
| read | Microsoft.OffAzure/ServerSites/machines/read |
"""

from collections.abc import Collection
from datetime import timedelta
from typing import ClassVar

from shared.concerns.source_facts import SourceFacts
from shared.plan.model import Plan
from shared.plan.selection import SourceMatch
from shared.problems import Refused
from shared.reporting import release_commands
from shared.sources.discovered import facts_of, in_site, listed_in, read_shown, site_of, unread
from shared.sources.source_adapter import PowerlessSide, Sources


class PhysicalSide(PowerlessSide):
    """Servers that only a person can switch off and on; nobody but that person can tell whether one runs."""

    machines: ClassVar[str] = "physical servers"
    failover_shuts_down: ClassVar[bool] = False
    told_within: ClassVar[timedelta] = timedelta()  # it tells nothing of power

    def read(self, plan: Plan, names: Collection[str] | None = None) -> Sources:
        """Find by host name, address or id; of a server that the appliance does not see yet nothing is known."""
        site = site_of(plan, "physical")
        if site is None:
            return unread(plan, names)
        return read_shown(plan, in_site(site), names, SourceFacts(), facts_of)

    def listed(self, plan: Plan) -> tuple[SourceMatch, ...]:
        """List the servers that the appliance sees."""
        site = site_of(plan, "physical")
        return listed_in(in_site(site) if site else None)

    def state(self, plan: Plan, source_id: str) -> str:  # noqa: ARG002 - the side's
        """Give `unknown`: what an appliance tells of a server's power is not recorded."""
        return "unknown"


class PlannedSide(PhysicalSide):
    """Servers behind a configuration server, which tells nothing of a server but whether it has its agent."""

    def listed(self, plan: Plan) -> tuple[SourceMatch, ...]:
        """Raise `Refused`: nobody shows servers that were not named to it."""
        raise Refused(
            f"{plan.replication.appliance.name or 'a configuration server'} shows no servers but those that were named to it",
            id="source-shows-nothing",
            title="The source lists no machines",
            advice=f"Import a list of them: {release_commands.import_list()}",
        )

    def read(self, plan: Plan, names: Collection[str] | None = None) -> Sources:
        """Give what the plan itself says.

        The address under its server is what a machine is claimed by, so that no two migrations move it.
        """
        server = plan.replication.appliance.name
        facts = {
            machine.name: SourceFacts(
                instance_id=f"{server}/{machine.source.private_ip}",
                private_ip=machine.source.private_ip,
                os_family=machine.system,
            )
            for _, machine in plan.entries()
            if names is None or machine.name in names
        }
        return Sources(plan=plan, facts=facts)
