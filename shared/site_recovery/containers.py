"""The server of a plan and its container; containers are looked up once per process, as they do not change."""

from functools import lru_cache

from shared.problems import Busy, Refused
from shared.site_recovery.fabrics import RegisteredAppliance, list_containers
from shared.site_recovery.mappings import ContainerRef
from shared.site_recovery.remembered import Remembered
from shared.site_recovery.servers import ServerSide
from shared.site_recovery.vault import VaultRef

_FABRICS = Remembered[str]()
_SERVERS = Remembered[RegisteredAppliance]()


def container_of(vault: VaultRef, side: ServerSide, server: str) -> ContainerRef:
    """Give the container of the fabric that a server serves. Raises `Busy` while it does not show."""
    fabric = _FABRICS.of(f"{vault.id}/{server}".lower(), lambda: server_of(vault, side, server).fabric or None)
    if fabric is None:
        raise Busy(f"the fabric of {server} does not show in {vault.name}")
    return _container(vault, fabric)


@lru_cache(maxsize=64)
def _container(vault: VaultRef, fabric: str) -> ContainerRef:
    containers = list_containers(vault, fabric)
    if not containers:
        raise Refused(
            f"the fabric {fabric} has no protection container",
            id="container-missing",
            title="The appliance has no container",
            advice="Look at the appliance's registration in the portal.",
        )
    return ContainerRef(fabric=fabric, container=containers[0].name)


def server_of(vault: VaultRef, side: ServerSide, server: str) -> RegisteredAppliance:
    """Give the appliance or configuration server. Raises `Busy` while it does not show."""
    found = side.find(vault, server)
    if found is None:
        raise Busy(f"{server} does not show in {vault.name}")
    return found


def source_server(vault: VaultRef, side: ServerSide, server: str) -> RegisteredAppliance:
    """Give the server for its parts' ids, which do not change; what a person may still add to it is read anew."""
    if side.keeps_accounts:
        return server_of(vault, side, server)
    found = _SERVERS.of(f"{vault.id}/{server}".lower(), lambda: _whole(server_of(vault, side, server)))
    return found or server_of(vault, side, server)


def _whole(server: RegisteredAppliance) -> RegisteredAppliance | None:
    """Give the server when the part that replication names is there."""
    return server if server.process_server else None
