"""The `Microsoft.OffAzure` site in which a plan's source machines show, once its server is registered.

One function per provider gives the fabric whose details name the site: a table row for a provider that has sites.
"""

from collections.abc import Callable
from typing import Literal

from shared.site_recovery import agentless, fabrics
from shared.site_recovery.fabrics import FabricDetails
from shared.site_recovery.remembered import Remembered
from shared.site_recovery.vault import VaultRef, get_vault

Kind = Literal["vmware", "physical"]

_SITES = Remembered[str]()


def find_site(vault: VaultRef, provider: str, server: str, kind: Kind) -> str | None:
    """Give the ARM id of a site of the plan's server; None while the server is not registered, or where it has none.

    `server` is the appliance's name. Looked up once per process, as it does not change.
    """
    look = LOOKS.get(provider)
    if look is None:
        return None
    key = f"{vault.id}/{provider}/{server}/{kind}".lower()
    return _SITES.of(key, lambda: _site(look(vault, server), kind) if get_vault(vault) else None)


def _site(details: FabricDetails | None, kind: Kind) -> str | None:
    if details is None:
        return None
    return (details.vmware_site_id if kind == "vmware" else details.physical_site_id) or None


def _of_appliance(vault: VaultRef, server: str) -> FabricDetails | None:
    """Give the details of the fabric that a replication appliance serves; a LIST leaves its agents out, not its sites."""
    appliance = fabrics.find_appliance(vault, server)
    fabric = fabrics.get_fabric(vault, appliance.fabric) if appliance and appliance.fabric else None
    return fabric.custom_details if fabric else None


LOOKS: dict[str, Callable[[VaultRef, str], FabricDetails | None]] = {
    "InMageRcm": _of_appliance,
    "VMwareCbt": agentless.details_of,
}
