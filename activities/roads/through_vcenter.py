"""Through a configuration server that reads a vCenter: it is told of the vCenter, whose machines show once it was read."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from activities.flow.idempotent_setup import Missing
from activities.roads.replication_server import container_here, server_here
from shared.ledger import migrations
from shared.models import Scope
from shared.plan.model import Plan
from shared.plan.vmware import VmwareSource
from shared.problems import Busy, Refused
from shared.site_recovery.servers import kept_account
from shared.site_recovery.vault import vault_of_plan
from shared.site_recovery.vcenters import NewVcenter, Vcenter, add_vcenter, find_vcenter
from shared.sources.vmware.behind_server import applies_to

A_LOOK = timedelta(minutes=2)

__all__ = ["applies_to", "missing_vcenter", "wait_until_read"]


def missing_vcenter(plan: Plan) -> Iterator[Missing]:
    """Give the vCenter where its server does not know it. Raises `Refused` for an account that the server has not."""
    if _known(plan) is not None:
        return
    told, server = _told(plan), server_here(plan)
    if server.process_server is None:
        raise Busy(f"the process server of {server.name} does not show yet", A_LOOK)
    asked = NewVcenter(
        address=told.vcenter,
        port=told.port,
        process_server_id=server.process_server.id,
        run_as_account_id=kept_account(server, told.account),
    )
    send = partial(add_vcenter, vault_of_plan(plan), container_here(plan).fabric, asked)
    yield Missing("vcenter", f"the vCenter server {told.vcenter} is being added to {server.name}", send)


def wait_until_read(scope: Scope, plan: Plan) -> None:
    """Raise `Busy` until the vCenter was read once, and `CloudRefused` with what Site Recovery says is wrong with it."""
    known = _known(plan)
    if known is None or not known.discovered:
        if known is not None:
            known.raise_errors()
        said = f"{plan.replication.appliance.name} to read the vCenter server {_told(plan).vcenter}"
        migrations.change(scope, waiting_for=said, release="")
        raise Busy(f"waiting for {said}", A_LOOK)
    migrations.change(scope, waiting_for="")


def _told(plan: Plan) -> VmwareSource:
    if plan.source.vmware is None:
        raise Refused("the plan names no vCenter server", id="no-source")
    return plan.source.vmware


def _known(plan: Plan) -> Vcenter | None:
    return find_vcenter(vault_of_plan(plan), container_here(plan).fabric, _told(plan).vcenter)
