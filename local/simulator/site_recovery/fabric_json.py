"""Fabrics, their appliances and providers as the wire shows them."""

from ..operations import stamp
from . import ids
from .azure_fabric import azure_details
from .classic_json import CONFIGURATION, classic_details
from .hyperv import HOST, VMM, custom_details
from .state import Appliance, Container, Fabric, Json, SrVault, fabric_id

_AGENTS = (
    "processServers",
    "rcmProxies",
    "pushInstallers",
    "replicationAgents",
    "reprotectAgents",
    "marsAgents",
    "dras",
)


_VERSIONS = {
    "processServers": "9.63.7266.1",
    "rcmProxies": "1.46.9140.11966",
    "pushInstallers": "1.47.9140.21742",
    "replicationAgents": "1.46.9140.13595",
    "reprotectAgents": "1.48.9140.15612",
    "marsAgents": "2.0.9938.0",
    "dras": "5.25.916.3",
}


COMPONENTS = _AGENTS
_PROVIDERS = ("dras", CONFIGURATION, HOST, VMM)  # the component that is a fabric's recovery services provider


_GIB = 1024**3


def fabric_json(vault: SrVault, fabric: Fabric, *, full: bool = True) -> Json:
    """Return a fabric; a listing empties every agent array and the identity (recorded)."""
    none: Json = {"kekState": "None", "kekCertThumbprint": None}
    kek = _own_keys(fabric) if fabric.kind == "VMM" else none
    properties: Json = {
        "friendlyName": fabric.shown,
        "encryptionDetails": kek,
        "rolloverEncryptionDetails": {"kekState": kek["kekState"], "kekCertThumbprint": None},
        "internalIdentifier": fabric.internal_id,
        "bcdrState": "Valid",
        "customDetails": _details(vault, fabric, full=full),
        "healthErrorDetails": [],
        "health": fabric_health(fabric),
    }
    return {"name": fabric.name, "type": ids.FABRIC_TYPE, "id": fabric_id(vault, fabric), "properties": properties}


def _own_keys(fabric: Fabric) -> Json:
    """Return the keys that a VMM server has of its own (recorded)."""
    print_ = ids.guid(fabric.internal_id, "kek").replace("-", "").upper() + fabric.internal_id[:8].upper()
    return {"kekState": "Enabled", "kekCertThumbprint": print_, "kekCertExpiryDate": "2029-08-11T12:43:50Z"}


def fabric_health(fabric: Fabric) -> str:
    """Return the worst of the components' health (unknown while they register: assumed Critical)."""
    parts = [component.health for appliance in fabric.appliances for component in appliance.components]
    return "Normal" if all(part == "Normal" for part in parts) else "Critical"


def _details(vault: SrVault, fabric: Fabric, *, full: bool) -> Json:
    if fabric.kind == "VMwareV2":
        return fabric.details
    if fabric.kind in ("HyperVSite", "VMM"):
        return custom_details(fabric)
    if fabric.kind == "VMware":
        return classic_details(vault, fabric)  # recorded: a listing keeps the servers of such a fabric
    if fabric.kind == "Azure":
        return azure_details(vault, fabric, full=full)
    shown = fabric.appliances if full else []
    identity = _identity(vault, fabric) if full else None
    agents = {kind: [component_json(vault, each, kind) for each in shown] for kind in _AGENTS}
    return {**fabric.details, "sourceAgentIdentityDetails": identity, **agents, "agentDetails": []}


def _identity(vault: SrVault, fabric: Fabric) -> Json:
    tenant = vault.world.settings.tenant
    return {
        "tenantId": tenant,
        "applicationId": ids.guid(vault.id, fabric.name, "application"),
        "objectId": ids.guid(vault.id, fabric.name, "object"),
        "audience": f"api://{tenant}/{fabric.name}agentauthaadapp",
        "aadAuthority": f"https://login.microsoftonline.com/{tenant}",
    }


def component_json(vault: SrVault, appliance: Appliance, kind: str) -> Json:
    """Return one component of an appliance (recorded shape)."""
    found = next(component for component in appliance.components if component.kind == kind)
    site = str(next((f.details.get("physicalSiteId") for f in vault.fabrics.values() if appliance in f.appliances), ""))
    shown: Json = {
        "id": appliance.id,
        "name": appliance.name,
        "biosId": ids.guid(appliance.id, "bios").upper(),
        "fabricObjectId": f"{site}/machines/{ids.guid(appliance.id, 'machine')}",
        "fqdn": appliance.fqdn,
        "version": _VERSIONS[kind],
        "lastHeartbeatUtc": stamp(vault.world.now) if found.health == "Normal" else "0001-01-01T00:00:00",
        "health": found.health,
        "healthErrors": [],
    }
    if kind == "dras":
        return {name: value for name, value in shown.items() if name not in ("fabricObjectId", "fqdn")}
    if kind == "processServers":
        shown["ipAddresses"] = [appliance.ip]
        shown.update(_load())
        shown["historicHealth"] = found.health
    elif kind == "rcmProxies":
        shown["clientAuthenticationType"] = "Certificate"
    elif kind == "reprotectAgents":
        shown.update({"accessibleDatastores": [], "vcenterId": None, "lastDiscoveryInUtc": None})
    return shown


def _load() -> Json:
    memory, space = 32 * _GIB, 620 * _GIB
    return {
        "totalMemoryInBytes": memory,
        "availableMemoryInBytes": memory * 9 // 10,
        "usedMemoryInBytes": memory - memory * 9 // 10,
        "memoryUsagePercentage": 10.0,
        "totalSpaceInBytes": space,
        "availableSpaceInBytes": space * 98 // 100,
        "usedSpaceInBytes": space - space * 98 // 100,
        "freeSpacePercentage": 98.0,
        "throughputUploadPendingDataInBytes": 0,
        "throughputInBytes": 0,
        "processorUsagePercentage": 3.0,
        "throughputStatus": "Healthy",
        "systemLoad": 0,
        "systemLoadStatus": "Healthy",
        "diskUsageStatus": "Healthy",
        "memoryUsageStatus": "Healthy",
        "processorUsageStatus": "Healthy",
    }


def dra_json(vault: SrVault, fabric: Fabric, appliance: Appliance) -> Json:
    """Return a fabric's recovery services provider (recorded shape)."""
    normal = next(each for each in appliance.components if each.kind in _PROVIDERS).health == "Normal"
    identity = _identity(vault, fabric)
    version = _VERSIONS["dras"]
    never = "9999-12-31T23:59:59.9999999"
    properties = {
        "fabricType": fabric.kind,
        "friendlyName": appliance.name,
        "providerVersion": version,
        "serverVersion": "0.0",
        "providerVersionState": "Latest",
        "providerVersionExpiryDate": never,
        "fabricFriendlyName": fabric.shown,
        "lastHeartBeat": stamp(vault.world.now) if normal else "0001-01-01T00:00:00",
        "connectionStatus": "Connected" if normal else "NotConnected",
        "protectedItemCount": sum(len(container.items) for container in fabric.containers.values()),
        "allowedScenarios": ["Refresh"],
        "healthErrorDetails": [],
        "draIdentifier": appliance.id,
        "machineId": appliance.id,
        "machineName": appliance.name,
        "biosId": ids.guid(appliance.id, "bios").upper(),
        "authenticationIdentityDetails": identity,
        "resourceAccessIdentityDetails": identity,
        "dataPlaneAuthenticationIdentityDetails": identity,
        "providerVersionDetails": {"version": version, "expiryDate": never, "status": "Supported"},
    }
    name = dra_name(appliance)
    own = f"{fabric_id(vault, fabric)}/replicationRecoveryServicesProviders/{name}"
    return {"id": own, "type": ids.DRA_TYPE, "name": name, "properties": properties}


def dra_name(appliance: Appliance) -> str:
    """Return the name of an appliance's recovery services provider."""
    return appliance.dra or f"{appliance.name.lower()}{appliance.id[:4]}dra"


def affected_fabric(fabric: Fabric) -> Json:
    """Return the fabrics of a job's affectedObjectDetails (recorded)."""
    return {
        "primaryVmmId": fabric.internal_id,
        "primaryVmmName": fabric.shown,
        "recoveryVmmId": ids.AZURE_FABRIC_ID,
        "recoveryVmmName": ids.AZURE,
        "primaryFabricProviderId": fabric.kind,
        "recoveryFabricProviderId": "Azure",
    }


def affected_container(fabric: Fabric, container: Container) -> Json:
    """Return the containers and fabrics of a job's affectedObjectDetails (recorded)."""
    return {
        "primaryCloudId": f"cloud_{fabric.internal_id}",
        "primaryCloudName": container.shown,
        "recoveryCloudId": ids.AZURE_CONTAINER,
        "recoveryCloudName": ids.AZURE,
        **affected_fabric(fabric),
    }
