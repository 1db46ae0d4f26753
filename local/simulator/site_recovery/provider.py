"""Registers Site Recovery with the simulator."""

from ..provider import Provider
from ..world import World
from . import (
    appliance,
    configuration_server,
    containers,
    eligibility,
    fabrics,
    hyperv_registration,
    item_reads,
    items,
    job_routes,
    migration_items,
    networks,
    plans,
    policies,
    protectables,
    reads,
    replication,
    standstill,
    switching,
    vcenters,
    vmm_resources,
    wire,
)
from .lookup import vaults_of


def _setup(world: World) -> None:
    replication.watch(world)

    def deleted(resource_id: str) -> None:
        """Forget what was kept for a vault that is gone."""
        standstill.deleted_of(world).add(resource_id.rstrip("/").lower())
        known = vaults_of(world)
        for key in [key for key in known if key == resource_id.lower() or key.startswith(f"{resource_id.lower()}/")]:
            del known[key]

    world.delete_watchers.append(deleted)


SITE_RECOVERY = Provider(
    "Microsoft.RecoveryServices/vaults/replication*",
    routes=(
        *wire.ROUTES,
        *fabrics.ROUTES,
        *containers.ROUTES,
        *protectables.ROUTES,
        *vcenters.ROUTES,
        *vmm_resources.ROUTES,
        *networks.ROUTES,
        *switching.ROUTES,
        *eligibility.ROUTES,
        *policies.ROUTES,
        *item_reads.ROUTES,
        *items.ROUTES,
        *migration_items.ROUTES,
        *job_routes.ROUTES,
        *plans.ROUTES,
        *reads.ROUTES,
    ),
    control=(*appliance.CONTROL, *configuration_server.CONTROL, *hyperv_registration.CONTROL),
    setup=_setup,
)
