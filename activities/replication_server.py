"""The plan's replication appliance or configuration server, as the side of the plan's provider knows it."""

from shared.itinerary import road
from shared.plan.model import Plan
from shared.site_recovery import containers
from shared.site_recovery.fabrics import Appliance
from shared.site_recovery.mappings import ContainerRef
from shared.site_recovery.servers import ServerSide, server_side
from shared.site_recovery.vault import vault_of_plan


def _provider(plan: Plan) -> str:
    found = road(plan.scenario, plan.replication.mode)
    return found.provider if found else ""


def side_of(plan: Plan) -> ServerSide:
    """Give what the plan's kind of server can do."""
    return server_side(_provider(plan))


def find_server(plan: Plan) -> Appliance | None:
    """Give the server, or None while it is not registered."""
    return side_of(plan).find(vault_of_plan(plan), plan.replication.appliance.name)


def server_here(plan: Plan) -> Appliance:
    """Give the server for the ids of its parts. Raises `Later` while it does not show."""
    return containers.source_server(vault_of_plan(plan), _provider(plan), plan.replication.appliance.name)


def container_here(plan: Plan) -> ContainerRef:
    """Give the container of the server's fabric. Raises `Later` while it does not show."""
    return containers.container_of(vault_of_plan(plan), _provider(plan), plan.replication.appliance.name)


def pushed(plan: Plan) -> bool:
    """Tell whether the server itself brings the agent onto the machines, when they are enabled."""
    return plan.replication.agent.install == "push" and side_of(plan).pushes


def account_for_push(plan: Plan) -> str:
    """Give the name of the account to push with; none where nothing is pushed."""
    return plan.replication.appliance.run_as_account if pushed(plan) else ""
