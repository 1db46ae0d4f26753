"""Finds what a call names: the vault, the container, the item."""

from ..arm import Call
from ..errors import not_found
from ..world import World
from . import ids
from .refusals import found
from .state import Container, Fabric, Place, SrVault


def vaults_of(world: World) -> dict[str, SrVault]:
    """Return Site Recovery's state by lower-case vault id."""
    known: dict[str, SrVault] = world.services.setdefault("site-recovery", {})
    return known


def vault_by_id(world: World, vault_id: str) -> SrVault:
    """Return the state of a vault that exists as a resource; raise ARM's 404."""
    resource = world.resources.get(vault_id)
    if resource is None:
        name = vault_id.rpartition("/")[2]
        raise not_found(f"Microsoft.RecoveryServices/vaults/{name}")
    known = vaults_of(world)
    key = vault_id.lower()
    if key not in known:
        own = "/Subscriptions" + resource["id"][len("/subscriptions") :]
        known[key] = SrVault(own, resource["name"], world, resource.get("location", ""))
    return known[key]


def vault_of(call: Call) -> SrVault:
    """Return the vault that a call names; raise ARM's 404."""
    return vault_by_id(call.world, ids.VAULT.format(**call.params))


def container_of(call: Call) -> tuple[SrVault, Fabric, Container]:
    """Return the container that a call names; raise ARM's 404."""
    vault = vault_of(call)
    fabric = vault.fabric(call.params["fabric"])
    name = call.params["container"].lower()
    # recorded: the service itself calls the container by an internal name
    if name == f"cloud_{fabric.internal_id}" and fabric.containers:
        name = next(iter(fabric.containers))
    return vault, fabric, found(fabric.containers, name)


def place_of(call: Call) -> Place:
    """Return the item that a call names; raise ARM's 404."""
    vault, fabric, container = container_of(call)
    return Place(vault, fabric, container, found(container.items, call.params["item"]))
