"""A configuration server's fabric as the wire shows it (recorded shape, instanceType VMware)."""

from datetime import timedelta

from ..operations import stamp
from .state import Appliance, Fabric, Json, SrVault

CONFIGURATION, PROCESS, MASTER_TARGET = "configurationServer", "processServers", "masterTargetServers"
CLASSIC_COMPONENTS = (CONFIGURATION, PROCESS, MASTER_TARGET)
_VERSION = "9.63.7266.1"
_NEVER = "9999-12-31T23:59:59.9999999"
_NOT_YET = "0001-01-01T00:00:00"
_SUPPORTED = {"version": _VERSION, "expiryDate": _NEVER, "status": "Supported"}
_GIB = 1024**3


def classic_details(vault: SrVault, fabric: Fabric) -> Json:
    """Return the customDetails of a configuration server with its process and master target server."""
    server = fabric.appliances[0] if fabric.appliances else None
    if server is None:
        return {"instanceType": "VMware", "processServers": [], "masterTargetServers": [], "runAsAccounts": []}
    protected = sum(len(container.items) for container in fabric.containers.values())
    return {
        "instanceType": "VMware",
        "processServers": [_process_server(vault, server, protected)] if _there(server, PROCESS) else [],
        "masterTargetServers": [_master_target(vault, server)] if _there(server, MASTER_TARGET) else [],
        "runAsAccounts": [{"accountId": each.id, "accountName": each.name} for each in fabric.accounts],
        "replicationPairCount": str(protected),
        "processServerCount": "1" if _there(server, PROCESS) else "0",
        "agentCount": str(protected + 1),
        "protectedServers": str(protected),
        **_load(),
        "webLoad": "0",
        "webLoadStatus": "Green",
        "databaseServerLoad": "0.25",
        "databaseServerLoadStatus": "Green",
        "csServiceStatus": "Running" if _well(server, CONFIGURATION) else "Stopped",
        "ipAddress": server.ip,
        "agentVersion": _VERSION,
        "hostName": server.fqdn,
        "lastHeartbeat": _heartbeat(vault, server, CONFIGURATION),
        "versionStatus": "Supported",
        **_certificate(vault),
        "psTemplateVersion": "202102.14.00",
        "agentExpiryDate": _NEVER,
        "agentVersionDetails": _SUPPORTED,
    }


def _there(server: Appliance, kind: str) -> bool:
    """Return whether a component has registered at all."""
    return _health(server, kind) != "None"


def _well(server: Appliance, kind: str) -> bool:
    return _health(server, kind) == "Normal"


def _health(server: Appliance, kind: str) -> str:
    return next((each.health for each in server.components if each.kind == kind), "None")


def _heartbeat(vault: SrVault, server: Appliance, kind: str) -> str | None:
    return stamp(vault.world.now) if _well(server, kind) else _NOT_YET


def _certificate(vault: SrVault) -> Json:
    """Return when the server's own certificate ends (recorded: three years after its set-up)."""
    return {"sslCertExpiryDate": stamp(vault.world.now + timedelta(days=1080)), "sslCertExpiryRemainingDays": 1080}


def _load() -> Json:
    memory, space = 32 * _GIB, 620 * _GIB
    return {
        "systemLoad": "0",
        "systemLoadStatus": "Green",
        "cpuLoad": "0%",
        "cpuLoadStatus": "Green",
        "totalMemoryInBytes": memory,
        "availableMemoryInBytes": memory * 8 // 10,
        "memoryUsageStatus": "Green",
        "totalSpaceInBytes": space,
        "availableSpaceInBytes": space * 97 // 100,
        "spaceUsageStatus": "Green",
    }


def _process_server(vault: SrVault, server: Appliance, protected: int) -> Json:
    well = _well(server, PROCESS)
    updates = [
        {"version": _VERSION, "rebootStatus": "NotRequired", "osType": system} for system in ("Windows", "Linux")
    ]
    return {
        "friendlyName": server.name,
        "id": server.id,
        "ipAddress": server.ip,
        "osType": "Windows",
        "agentVersion": _VERSION,
        "lastHeartbeat": _heartbeat(vault, server, PROCESS),
        "versionStatus": "Supported",
        "mobilityServiceUpdates": updates,
        "hostId": server.id,
        "machineCount": str(protected),
        "replicationPairCount": str(protected),
        **_load(),
        "psServiceStatus": "Running" if well else "Stopped",
        **_certificate(vault),
        "osVersion": None,
        "healthErrors": [],
        "agentExpiryDate": _NEVER,
        "agentVersionDetails": _SUPPORTED,
        "health": _health(server, PROCESS),
        "historicHealth": _health(server, PROCESS),
        "psStatsRefreshTime": _heartbeat(vault, server, PROCESS),
        "throughputUploadPendingDataInBytes": 0,
        "throughputInMBps": 0,
        "throughputInBytes": 0,
        "throughputStatus": "Green",
        "marsCommunicationStatus": "1",
        "marsRegistrationStatus": "1",
    }


def _master_target(vault: SrVault, server: Appliance) -> Json:
    """Return the master target server; it has no health of its own, only a heart-beat (recorded)."""
    volume = {
        "volumeName": "D",
        "capacityInBytes": 620 * _GIB,
        "freeSpaceInBytes": 600 * _GIB,
        "thresholdPercentage": None,
    }
    mars = {"version": "2.0.9202.0", "expiryDate": _NEVER, "status": "Supported"}
    return {
        "id": server.id,
        "ipAddress": server.ip,
        "name": server.name,
        "osType": "Windows",
        "agentVersion": _VERSION,
        "lastHeartbeat": _heartbeat(vault, server, MASTER_TARGET),
        "versionStatus": "Supported",
        "retentionVolumes": [volume],
        "dataStores": [],
        "validationErrors": [],
        "healthErrors": [],
        "diskCount": 0,
        "osVersion": "Microsoft Windows Server 2016 Datacenter",
        "agentExpiryDate": _NEVER,
        "marsAgentVersion": "2.0.9202.0",
        "marsAgentExpiryDate": _NEVER,
        "agentVersionDetails": _SUPPORTED,
        "marsAgentVersionDetails": mars,
    }
