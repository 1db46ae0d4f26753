"""The fabric of an Azure region, for replication from one region to another."""

from ..errors import bad_request
from . import ids
from .state import Fabric, Json, SrVault, container_id

# The logical network under which the network mappings of a region lie (recorded name).
NETWORK = "azureNetwork"
_SHOWN = {
    "westeurope": "West Europe",
    "northeurope": "North Europe",
    "eastus": "East US",
    "eastus2": "East US 2",
    "westus": "West US",
    "westus2": "West US 2",
    "centralus": "Central US",
    "uksouth": "UK South",
    "ukwest": "UK West",
    "francecentral": "France Central",
    "germanywestcentral": "Germany West Central",
}


def new_azure_fabric(vault: SrVault, name: str, sent: Json) -> Fabric:
    """Return the fabric of the region that is asked for; raise ARM's 400 without one."""
    location = str(sent.get("location") or "").lower().replace(" ", "")
    if not location:
        raise bad_request("The location of the Azure fabric is missing.")
    network = {"fabricType": "Azure", "subnets": [], "friendlyName": NETWORK, "networkType": "AzureNetwork"}
    return Fabric(
        name,
        "Azure",
        {"instanceType": "Azure", "location": location},
        ids.guid(vault.id, name),
        friendly=_SHOWN.get(location, location),
        networks={NETWORK.lower(): {"name": NETWORK, **network}},
    )


def azure_details(vault: SrVault, fabric: Fabric, *, full: bool) -> Json:
    """Return the customDetails.

    Recorded keys: a listing (2023) tells neither containers nor zones; unknown: what containerIds hold, assumed the
    containers' ARM ids.
    """
    if not full:
        return {**fabric.details, "containerIds": None}
    held = [container_id(vault, fabric, each) for each in fabric.containers.values()]
    return {**fabric.details, "containerIds": held, "zones": [], "extendedLocations": []}


def location_of(fabric: Fabric) -> str:
    """Return the region of an Azure fabric, as ARM writes it."""
    return str(fabric.details.get("location") or "")
