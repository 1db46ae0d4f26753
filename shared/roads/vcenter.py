"""Through a configuration server that reads a vCenter: it is told of the vCenter, whose machines show once it was read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import chain
from typing import ClassVar

from shared.ledger import migrations
from shared.models import Scope
from shared.plan.model import Plan
from shared.plan.vmware import VmwareSource
from shared.problems import Busy, Refused
from shared.roads.configuration_server import ConfigurationServerRoad
from shared.roads.configuration_server_texts import BEHIND_VCENTER
from shared.roads.gate_words import put_in
from shared.roads.road import Missing
from shared.site_recovery.policies import ReplicationPolicy
from shared.site_recovery.servers import kept_account
from shared.site_recovery.vault import vault_of_plan
from shared.site_recovery.vcenters import NewVcenter, Vcenter, add_vcenter, find_vcenter

A_LOOK = timedelta(minutes=2)


@dataclass(frozen=True)
class VcenterRoad(ConfigurationServerRoad):
    """The machines are those that the server reads of a vCenter; none is added by its address."""

    adds_machines: bool = False

    pairs_several: ClassVar[bool] = True

    def rights(self, plan: Plan) -> Iterator[str]:
        """Add the vCenter."""
        yield "vcenter"

    def gate_texts(self, plan: Plan) -> dict[str, str]:
        """Tell also of the account that reads the vCenter."""
        vcenter = _told(plan)
        more = {
            name: put_in(text, {"vcenter": vcenter.vcenter, "account": vcenter.account})
            for name, text in BEHIND_VCENTER.items()
        }
        return {name: text + more.get(name, "") for name, text in super().gate_texts(plan).items()}

    def missing_pairings(self, scope: Scope, plan: Plan, policy: ReplicationPolicy) -> Iterator[Missing]:
        """Return the vCenter, then the mapping, where they are not there."""
        return chain(self._missing_vcenter(plan), super().missing_pairings(scope, plan, policy))

    def check_paired(self, scope: Scope, plan: Plan) -> None:
        """Raise `Busy` until the vCenter was read once, and `CloudRefused` with what Site Recovery says is wrong with it."""
        known = self._known(plan)
        if known is None or not known.discovered:
            if known is not None:
                known.raise_errors()
            waiting_for = f"{plan.replication.appliance.name} to read the vCenter server {_told(plan).vcenter}"
            migrations.change(scope, waiting_for=waiting_for, release="")
            raise Busy(f"waiting for {waiting_for}", A_LOOK)
        migrations.change(scope, waiting_for="")

    def _missing_vcenter(self, plan: Plan) -> Iterator[Missing]:
        """Return the vCenter where its server does not know it. Raise `Refused` for an account that the server has not."""
        if self._known(plan) is not None:
            return
        vcenter, server = _told(plan), self.server_parts(plan)
        if server.process_server is None:
            raise Busy(f"the process server of {server.name} does not show yet", A_LOOK)
        wanted = NewVcenter(
            address=vcenter.vcenter,
            port=vcenter.port,
            process_server_id=server.process_server.id,
            run_as_account_id=kept_account(server, vcenter.account),
        )
        send = partial(add_vcenter, vault_of_plan(plan), self.container(plan).fabric, wanted)
        yield Missing("vcenter", f"the vCenter server {vcenter.vcenter} is being added to {server.name}", send)

    def _known(self, plan: Plan) -> Vcenter | None:
        return find_vcenter(vault_of_plan(plan), self.container(plan).fabric, _told(plan).vcenter)


def _told(plan: Plan) -> VmwareSource:
    if plan.source.vmware is None:
        raise Refused("the plan names no vCenter server", id="no-source", title="The plan names no such source")
    return plan.source.vmware
