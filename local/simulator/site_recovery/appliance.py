"""Registers a replication appliance: the fabric appears, then its components become healthy one by one."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ..provider import ControlCall, ControlRoute
from ..world import World
from . import ids
from .fabric_json import COMPONENTS, fabric_health
from .fabrics import new_agentless_fabric, new_fabric
from .first_policies import set_up
from .lookup import vault_by_id, vaults_of
from .state import Appliance, Component, Container, Fabric, SrVault


class Registration(BaseModel):
    """What the control API takes: the vault, the appliance's name, and (optionally) its server and fabric.

    An `agentless` appliance is Azure Migrate's: it brings a fabric for migration items and a site of VMware machines.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    vault_id: str = Field(alias="vaultId")
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,40}$")
    fabric: str = ""
    fqdn: str = ""
    ip: str = "10.0.0.4"
    site: str = ""
    agentless: bool = False


def register(world: World, wanted: Registration) -> Appliance:
    """Begin a registration; the same name in the same vault again is the same appliance."""
    vault = vault_by_id(world, wanted.vault_id)
    known = known_by(vault, wanted.name)
    if known is not None:
        return known
    components = [Component(kind) for kind in (("dras",) if wanted.agentless else COMPONENTS)]
    appliance_id = ids.guid(vault.id, wanted.name, "appliance")
    appliance = Appliance(appliance_id, wanted.name, wanted.fqdn or wanted.name.upper(), wanted.ip, components)
    enlist(vault, appliance, lambda: _agentless(vault, wanted) if wanted.agentless else _fabric(vault, wanted))
    return appliance


def enlist(vault: SrVault, appliance: Appliance, home: Callable[[], Fabric]) -> None:
    """Let its fabric (which `home` gives) appear after a while, then its components one by one."""
    seconds = vault.world.durations.of("appliance.fabric")
    vault.world.timeline.after(seconds, lambda: _appear(vault, appliance, home))


def known_by(vault: SrVault, name: str) -> Appliance | None:
    """Return the appliance or configuration server of a name that has appeared."""
    found = (each for fabric in vault.fabrics.values() for each in fabric.appliances)
    return next((each for each in found if each.name.lower() == name.lower()), None)


def _appear(vault: SrVault, appliance: Appliance, home: Callable[[], Fabric]) -> None:
    world = vault.world
    if world.faults.holds("appliance-never-registers", appliance.name, vault.name):
        world.timeline.after(60, lambda: _appear(vault, appliance, home))
        return
    fabric = home()
    if all(each.id != appliance.id for each in fabric.appliances):
        fabric.appliances.append(appliance)
    world.timeline.after(world.durations.of("appliance.component"), lambda: _next_component(vault, appliance))


def _fabric(vault: SrVault, wanted: Registration) -> Fabric:
    """Return the fabric that the appliance belongs to, made with its container and its OffAzure sites if it is new."""
    name = wanted.fabric or f"{vault.name}-vmwarefabric"
    if name.lower() in vault.fabrics:
        return vault.fabrics[name.lower()]
    group = ids.plain(vault.id).partition("/providers/")[0]
    stem = f"{vault.name}{ids.guid(vault.id, name)[:4]}"
    site = wanted.site or f"{stem}physicalsite"
    sites = {
        "vmwareSiteId": f"{group}/providers/Microsoft.OffAzure/VMwareSites/{stem}vmwaresite",
        "physicalSiteId": f"{group}/providers/Microsoft.OffAzure/ServerSites/{site}",
    }
    for site_id in sites.values():
        properties = {"applianceName": wanted.name, "provisioningState": "Succeeded"}
        vault.world.resources.put({"id": site_id, "location": vault.location, "properties": properties})
    fabric = new_fabric(vault, name, sites)
    container = Container(f"{stem}replicationcontainer")
    fabric.containers[container.name.lower()] = container
    vault.fabrics[name.lower()] = fabric
    set_up(vault, fabric, container)
    return fabric


def _agentless(vault: SrVault, wanted: Registration) -> Fabric:
    """Return the fabric of agentless migration, made with its site of VMware machines if it is new (recorded names)."""
    stem = f"{wanted.name.lower()}{ids.guid(vault.id, wanted.name)[:4]}"
    name = wanted.fabric or f"{stem}replicationfabric"
    if name.lower() in vault.fabrics:
        return vault.fabrics[name.lower()]
    group = ids.plain(vault.id).partition("/providers/")[0]
    site = f"{group}/providers/Microsoft.OffAzure/VMwareSites/{wanted.site or f'{stem}site'}"
    properties = {"applianceName": wanted.name, "provisioningState": "Succeeded"}
    vault.world.resources.put({"id": site, "location": vault.location, "properties": properties})
    solution = (
        f"{group}/providers/Microsoft.Migrate/MigrateProjects/{vault.name}/Solutions/Servers-Migration-ServerMigration"
    )
    fabric = new_agentless_fabric(vault, name, {"vmwareSiteId": site, "migrationSolutionId": solution})
    vault.fabrics[name.lower()] = fabric
    return fabric


def _next_component(vault: SrVault, appliance: Appliance) -> None:
    """Make the next component healthy; one that a fault names stays Critical while the fault lives."""
    world = vault.world
    waiting = [component for component in appliance.components if component.health != "Normal"]
    if world.faults.holds("appliance-never-registers", appliance.name, vault.name):
        world.timeline.after(60, lambda: _next_component(vault, appliance))
        return
    for component in waiting:
        names = (component.kind, f"{appliance.name}/{component.kind}")
        if world.faults.holds("component-unhealthy", *names):
            component.health = "Critical"
            continue
        component.health = "Normal"
        break
    if not appliance.healthy:
        world.timeline.after(world.durations.of("appliance.component"), lambda: _next_component(vault, appliance))


def _post(call: ControlCall) -> Any:
    appliance = register(call.world, Registration.model_validate(call.body))
    return {"id": appliance.id, "name": appliance.name}


def _list(call: ControlCall) -> Any:
    rows = [
        {
            "vaultId": ids.plain(vault.id),
            "fabric": fabric.name,
            "health": fabric_health(fabric),
            "name": appliance.name,
            "id": appliance.id,
            "components": {component.kind: component.health for component in appliance.components},
        }
        for vault in vaults_of(call.world).values()
        for fabric in vault.fabrics.values()
        for appliance in fabric.appliances
    ]
    return {"appliances": rows}


CONTROL: tuple[ControlRoute, ...] = (
    ControlRoute("POST", "/control/appliances", _post),
    ControlRoute("GET", "/control/appliances", _list),
)
