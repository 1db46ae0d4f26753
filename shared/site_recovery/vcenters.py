"""vCenter servers of a configuration server: added once, then read by it; their machines show as protectable items.

| operation | role action |
| --- | --- |
| list_vcenters | Microsoft.RecoveryServices/vaults/replicationFabrics/replicationvCenters/read |
| add_vcenter | Microsoft.RecoveryServices/vaults/replicationFabrics/replicationvCenters/write |
"""

import re

from shared.azure import clients
from shared.azure.arm import submit
from shared.azure.refusals import asking
from shared.ids import short_hash, shortened
from shared.models import Model
from shared.problems import CloudRefused
from shared.site_recovery.vault import VaultRef
from shared.site_recovery.wire import FromWire, HealthError

PENDING = "pending"  # documented by example; which other words there are is not
LONGEST_NAME = 63


class Vcenter(FromWire):
    """A vCenter server as its configuration server knows it."""

    id: str
    name: str
    friendly_name: str = ""
    ip_address: str = ""
    port: str = ""
    run_as_account_id: str = ""
    process_server_id: str = ""
    discovery_status: str = ""
    health_errors: tuple[HealthError, ...] = ()

    @property
    def discovered(self) -> bool:
        """Tell whether its machines were read once."""
        return self.discovery_status.lower() not in ("", PENDING)

    def raise_errors(self) -> None:
        """Raise `CloudRefused` where Site Recovery says what is wrong with its discovery."""
        error = next((each for each in self.health_errors if each.error_level.lower() != "warning"), None)
        if error is not None:
            raise CloudRefused(
                f"{self.friendly_name} cannot be read: {error.error_message or error.summary_message}",
                code=error.error_code,
                causes=error.possible_causes,
                advice=error.recommended_action
                or "Look at the vCenter server under the configuration server, then retry.",
            )


class NewVcenter(Model):
    """A vCenter server to add; its friendly name is its address."""

    address: str
    port: int
    process_server_id: str
    run_as_account_id: str


def list_vcenters(vault: VaultRef, fabric: str) -> tuple[Vcenter, ...]:
    """Give the vCenter servers of a configuration server's fabric."""
    vcenters = clients.site_recovery(vault.subscription).replicationv_centers
    with asking(f"listing the vCenter servers of {fabric}"):
        return tuple(Vcenter.of(each) for each in vcenters.list_by_replication_fabrics(*vault.place, fabric))


def find_vcenter(vault: VaultRef, fabric: str, address: str) -> Vcenter | None:
    """Give the vCenter server of that address (or friendly name, in any case), whoever added it; or None."""
    wanted = address.lower()
    listed = list_vcenters(vault, fabric)
    return next((each for each in listed if wanted in (each.ip_address.lower(), each.friendly_name.lower())), None)


def add_vcenter(vault: VaultRef, fabric: str, wanted: NewVcenter, request: str) -> str:
    """Add a vCenter server; give the job. Its machines show some time after that (documented: up to 15 minutes)."""
    properties = {
        "friendlyName": wanted.address,
        "ipAddress": wanted.address,
        "port": str(wanted.port),
        "processServerId": wanted.process_server_id,
        "runAsAccountId": wanted.run_as_account_id,
    }
    send = clients.site_recovery(vault.subscription).replicationv_centers.begin_create
    name, body = vcenter_name(wanted.address), {"properties": properties}
    return submit(f"adding the vCenter {wanted.address}", request, send, *vault.place, fabric, name, body).job


def vcenter_name(address: str) -> str:
    """Give the name of its resource: the address without dots, told apart by a hash."""
    plain = re.sub(r"[^a-z0-9-]", "-", address.lower())
    return shortened(f"{plain}-{short_hash(address.lower(), 8)}", LONGEST_NAME)
