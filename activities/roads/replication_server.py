"""What the plan's machines replicate through: an appliance, a configuration server, Hyper-V hosts, or nothing at all."""

from activities.facts.target_spec import target_of
from activities.flow.machine_context import MachineContext
from activities.roads import between_regions, from_hosts, without_agents
from shared.plan.model import Plan
from shared.problems import Busy
from shared.site_recovery import containers
from shared.site_recovery.discovery import get_machine
from shared.site_recovery.fabrics import RegisteredAppliance
from shared.site_recovery.mappings import ContainerRef
from shared.site_recovery.provider import ReplicationSource, ReplicationTarget, Sought
from shared.site_recovery.servers import SIDES, KnownDisk, ServerSide, server_side
from shared.site_recovery.vault import vault_of_plan


def through_server(plan: Plan) -> bool:
    """Tell whether the plan's machines replicate through a server that has to be registered."""
    return plan.provider in SIDES


def side_of(plan: Plan) -> ServerSide:
    """Give what the plan's kind of server can do."""
    return server_side(plan.provider)


def find_server(plan: Plan) -> RegisteredAppliance | None:
    """Give the server, or None while it is not registered."""
    found = side_of(plan).find(vault_of_plan(plan), plan.server)
    return from_hosts.with_awaited(found, plan) if found and from_hosts.applies_to(plan) else found


def is_healthy(server: RegisteredAppliance | None) -> bool:
    """Tell whether the server shows, with components that are all well."""
    return server is not None and bool(server.components) and not server.unhealthy


def ailing(server: RegisteredAppliance) -> str:
    """Say which components of the server are missing or not well, in Site Recovery's words."""
    if not server.components:
        return "none of its components shows yet"
    bad = [
        f"{part.kind} {part.name}".strip()
        + f" ({'no heartbeat yet' if part.health.lower() in ('', 'none') else part.health})"
        + "".join(f", {error.error_code}: {error.recommended_action}" for error in part.health_errors)
        for part in server.unhealthy
    ]
    return "; ".join(bad)


def server_here(plan: Plan) -> RegisteredAppliance:
    """Give the server for the ids of its parts. Raises `Busy` while it does not show."""
    return containers.source_server(vault_of_plan(plan), plan.provider, plan.server)


def container_here(plan: Plan) -> ContainerRef:
    """Give the container that the plan's machines replicate from. Raises `Busy` while it does not show."""
    if between_regions.applies_to(plan):
        return between_regions.source_container(plan)
    if from_hosts.applies_to(plan):
        return from_hosts.containers(plan)[0]
    return containers.container_of(vault_of_plan(plan), plan.provider, plan.server)


def container_of(machine: MachineContext) -> ContainerRef:
    """Give the container that a machine replicates from. Raises `Busy` while it does not show."""
    return from_hosts.container_of(machine) if from_hosts.applies_to(machine.plan) else container_here(machine.plan)


def pushed(plan: Plan) -> bool:
    """Tell whether the server itself brings the agent onto the machines, when they are enabled."""
    return plan.replication.agent.install == "push" and plan.scenario in side_of(plan).pushes_to


def account_for_push(plan: Plan, *, windows: bool = False) -> str:
    """Give the name of the account to push with; none where nothing is pushed."""
    server = plan.replication.appliance
    own = server.windows_run_as_account if windows else ""
    return (own or server.run_as_account) if pushed(plan) else ""


def source_here(machine: MachineContext) -> ReplicationSource | None:
    """Give what enabling says of a machine, or None while a part of its server, or the machine, does not show."""
    if between_regions.applies_to(machine.plan):
        return between_regions.source_asked(machine)
    if without_agents.applies_to(machine.plan):
        return without_agents.source_asked(machine, server_here(machine.plan))
    if from_hosts.applies_to(machine.plan):
        return from_hosts.source_asked(machine)
    discovered = str(machine.row.evidence.get("discoveredMachine") or "")
    plan = machine.plan
    account = account_for_push(plan, windows=machine.row.source.get("osFamily") == "windows")
    return side_of(plan).source(server_here(plan), discovered, account) if discovered else None


def network_by_mapping(plan: Plan) -> bool:
    """Tell whether VMM's network mapping says which network a machine joins, and not the plan's target."""
    hyperv = plan.source.hyperv
    return hyperv is not None and hyperv.vmm is not None and bool(hyperv.vmm.networks)


def target_here(machine: MachineContext) -> ReplicationTarget:
    """Give what the machine becomes, in the container of its region where there is one."""
    plan = machine.plan
    target = target_of(plan, machine.entry, disks_here(machine))
    if network_by_mapping(plan):
        return target.replace(network_id="")
    if not between_regions.applies_to(plan):
        return target
    container = between_regions.target_container(plan).id(machine.vault)
    return target.replace(container_id=container, vm_size=target.vm_size or between_regions.size_of(machine))


def disks_here(machine: MachineContext) -> tuple[KnownDisk, ...]:
    """Give the disks of a machine whose plan tells them apart. Raises `Busy` while its server does not show them."""
    if not machine.entry.target.disks:
        return ()
    plan, row = machine.plan, machine.row
    if between_regions.applies_to(plan):
        source = source_here(machine)
        return tuple(KnownDisk(id=disk.id, name=disk.id.rpartition("/")[2]) for disk in source.disks) if source else ()
    if plan.replication.mode == "agentless":
        read = get_machine(row.source_id)
        return tuple(KnownDisk(id=disk.uuid, name=disk.name or disk.label) for disk in read.disks) if read else ()
    found = side_of(plan).find_machine(
        machine.vault, container_here(plan), Sought(ip=row.private_ip, source_id=row.source_id)
    )
    if found is None or not found.disks:
        raise Busy(f"the disks of {row.name} do not show yet")
    return found.disks


def recovery_fabric(plan: Plan) -> str:
    """Give the id of the fabric that a recovery plan fails over to; empty = Azure itself."""
    if not between_regions.applies_to(plan):
        return ""
    return f"{vault_of_plan(plan).id}/replicationFabrics/{between_regions.target_container(plan).fabric}"
