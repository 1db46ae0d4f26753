"""InMageRcm: machines replicated through a replication appliance (physical, AWS, VMware with agent)."""

from datetime import timedelta

from ...arm import Call
from ...errors import bad_request
from ...machines import Disk, SourceMachine
from ...operations import stamp
from ...vms import VmDisk, VmRequest
from .. import replication
from ..ids import guid, plain
from ..state import Container, Fabric, Item, Json, Place, Policy, SrVault

_REQUIRED = ("fabricDiscoveryMachineId", "processServerId", "targetResourceGroupId")
_UPDATABLE = (
    "targetVmName",
    "targetVmSize",
    "targetResourceGroupId",
    "targetAvailabilitySetId",
    "targetAvailabilityZone",
    "targetProximityPlacementGroupId",
    "targetBootDiagnosticsStorageAccountId",
    "targetNetworkId",
    "testNetworkId",
    "licenseType",
    "sqlServerLicenseType",
    "linuxLicenseType",
    "targetVmTags",
    "targetManagedDiskTags",
    "targetNicTags",
    "targetCapacityReservationGroupId",
)


def _text(value: object) -> str:
    """Return a boolean as this provider writes it: a lower-case string (recorded: False comes back as "false")."""
    return str(value).lower()


class InMageRcm:
    """The provider of the replication appliance."""

    instance_type = "InMageRcm"
    fabric_provider = "InMageRcmFabric"

    def policy_settings(self, sent: Json, before: Json | None) -> Json:
        """Return history, frequencies and the multi-VM switch."""
        known = before or {}
        names = (
            "recoveryPointHistoryInMinutes",
            "appConsistentFrequencyInMinutes",
            "crashConsistentFrequencyInMinutes",
        )
        numbers = {name: int(sent.get(name, known.get(name, 0)) or 0) for name in names}
        return {**numbers, "enableMultiVmSync": _text(sent.get("enableMultiVmSync", known.get("enableMultiVmSync")))}

    def policy_problem(self, settings: Json) -> str | None:
        """Refuse combinations that the service refuses (150261; the exact limits are assumed).

        Assumed: crash-consistent points at least every minute, application-consistent ones no more often than
        crash-consistent ones and within 12 hours, retention at most 15 days and not shorter than either.
        """
        history = settings["recoveryPointHistoryInMinutes"]
        crash, app = settings["crashConsistentFrequencyInMinutes"], settings["appConsistentFrequencyInMinutes"]
        wrong = (
            not 0 <= history <= 21600
            or not 1 <= crash <= 720
            or not 0 <= app <= 720
            or 0 < app < crash
            or max(app, crash) > max(history, 60)
        )
        return "150261" if wrong else None

    def policy_details(self, policy: Policy) -> Json:
        """Return the recorded shape, with the three keys that the real service adds."""
        return {
            "instanceType": self.instance_type,
            **policy.settings,
            "status": False,
            "associatedItemsCount": 0,
            "dataSourceType": "VM",
        }

    def mapping_details(self, sent: Json) -> Json:
        """Return the agent's upgrade switch (recorded: "true" unless the mapping says otherwise)."""
        return {
            "instanceType": self.instance_type,
            "enableAgentAutoUpgrade": _text(sent.get("enableAgentAutoUpgrade", "true")),
        }

    def new_item(self, call: Call, vault: SrVault, fabric: Fabric, container: Container) -> Item:
        """Check what an enable call sends; the machine and the process server must be known."""
        sent = call.properties()
        inputs = sent.get("providerSpecificDetails") or {}
        missing = [name for name in _REQUIRED if not inputs.get(name)]
        if missing:
            raise bad_request(f"The required properties are missing: {', '.join(missing)}.")
        policy = vault.policy(str(sent.get("policyId") or ""))
        if not any(mapping.policy == policy.name for mapping in container.mappings.values()):
            # the code is documented for the configuration server; assumed to hold here
            raise bad_request("The policy is not associated with the protection container.", "78253")
        if not any(inputs["processServerId"] == appliance.id for appliance in fabric.appliances):
            raise bad_request(f"The process server '{inputs['processServerId']}' is not registered with the fabric.")
        if bool(inputs.get("disksToInclude")) == bool(inputs.get("disksDefault")):
            raise bad_request("Give either disksToInclude or disksDefault.")
        machine = call.world.machine_by_site_id(inputs["fabricDiscoveryMachineId"])
        if machine is None:
            raise bad_request(f"The machine '{inputs['fabricDiscoveryMachineId']}' was not discovered.")
        return Item(
            name=call.params["item"],
            provider=self.instance_type,
            machine=machine,
            policy=policy.name,
            inputs=dict(inputs),
            internal_id=guid(vault.id, fabric.name, container.name, call.params["item"], call.request_id),
            created=call.now,
            activity=call.activity_id,
            source_on=machine.powered_on,
            agent_version=machine.agent_version,
        )

    def enable_problem(self, item: Item) -> str | None:
        """Fail where no agent is registered and none can be pushed, or the machine is off."""
        if not item.machine.powered_on:
            return "95117"
        if item.machine.agent_registered or item.inputs.get("runAsAccountId"):
            return None
        return "310056"

    def update(self, item: Item, sent: Json) -> None:
        """Take the provider's own fields (recorded: a top-level licenseType is ignored)."""
        inputs = sent.get("providerSpecificDetails") or {}
        item.inputs.update({name: inputs[name] for name in _UPDATABLE if inputs.get(name) is not None})
        for nic in inputs.get("vmNics") or []:
            kept = item.inputs.setdefault("nic", {})
            kept.update({name: value for name, value in nic.items() if value is not None and name != "nicId"})

    def shuts_down(self, place: Place, inputs: Json) -> bool:
        """Only a machine of a vCenter is shut down by the service; a physical one (EC2 too) is not."""
        return _text(inputs.get("performShutdown", "true")) == "true" and bool(place.item.machine.vcenter)

    def vm(self, place: Place, inputs: Json, *, test: bool) -> VmRequest:
        """Return the target VM; a test VM has `-test` at its name and lies in the test network."""
        item, target = place.item, place.item.inputs
        nic = target.get("nic", {})
        name = target.get("targetVmName") or item.machine.name
        network = target.get("targetNetworkId") or ""
        if test:
            network = inputs.get("networkId") or target.get("testNetworkId") or ""
        subnet = nic.get("testSubnetName" if test else "targetSubnetName")
        subnet = subnet or target.get("testSubnetName" if test else "targetSubnetName") or ""
        address = nic.get("testStaticIPAddress" if test else "targetStaticIPAddress") or ""
        point = item.failover_point
        return VmRequest(
            name=f"{name}-test" if test else name,
            resource_group_id=target["targetResourceGroupId"],
            location=place.vault.location,
            size=_size(item),
            network_id=network,
            subnet=subnet,
            ip=address,
            os_type=item.machine.os_type,
            disks=tuple(_vm_disk(place, disk, number, name) for number, disk in enumerate(item.machine.disks)),
            source=item.machine,
            test=test,
            recovery_point_time=(stamp(point.at) if point else None) or "",
            licence=target.get("licenseType") or "NoLicenseType",
            availability_set_id=target.get("targetAvailabilitySetId") or "",
            availability_zone=target.get("targetAvailabilityZone") or "",
            tags={tag["tagName"]: tag["tagValue"] for tag in target.get("targetVmTags") or []},
        )

    def item_details(self, place: Place, *, full: bool) -> Json:
        """Return the recorded shape: keys absent until set, booleans as strings, arrays empty in a listing."""
        item, target, machine = place.item, place.item.inputs, place.item.machine
        points = replication.catch_up(place)
        last = points[-1] if points else None
        last_id = f"{place.internal_id}/recoveryPoints/{last.id}" if last else None
        chosen = item.failover_point if item.state not in ("protected", "initial") else None
        now = place.vault.world.now
        details: Json = {
            "instanceType": self.instance_type,
            "internalIdentifier": item.internal_id,
            "fabricDiscoveryMachineId": target["fabricDiscoveryMachineId"],
            "multiVmGroupName": target.get("multiVmGroupName"),
            "discoveryType": "VCenter" if machine.vcenter else "Physical",
            "processServerId": target["processServerId"],
            "processorCoreCount": machine.cores,
            "allocatedMemoryInMB": float(machine.memory_mb),
            "processServerName": _server_name(place),
            "runAsAccountId": target.get("runAsAccountId") or "",
            "osType": machine.os_type,
            "firmwareType": machine.firmware,
            "primaryNicIpAddress": machine.ip,
            "targetGeneration": "V2" if machine.firmware == "UEFI" else "V1",
            "licenseType": target.get("licenseType") or "NotSpecified",
            "storageAccountId": None,
            "targetVmName": target.get("targetVmName") or machine.name,
            "targetVmSize": _size(item),
            "targetResourceGroupId": target["targetResourceGroupId"],
            "targetLocation": place.vault.location,
            "targetAvailabilitySetId": target.get("targetAvailabilitySetId") or "",
            "targetAvailabilityZone": target.get("targetAvailabilityZone") or "",
            "targetProximityPlacementGroupId": target.get("targetProximityPlacementGroupId") or "",
            "targetBootDiagnosticsStorageAccountId": target.get("targetBootDiagnosticsStorageAccountId") or "",
            "targetNetworkId": target.get("targetNetworkId") or "",
            "testNetworkId": target.get("testNetworkId") or "",
            "failoverRecoveryPointId": f"{place.internal_id}/recoveryPoints/{chosen.id}" if chosen else None,
        }
        if last is not None:
            details["lastRecoveryPointReceived"] = stamp(last.at)
            details["lastRpoInSeconds"] = int((now - last.at).total_seconds())
            details["lastRpoCalculatedTime"] = stamp(now)
        details["lastRecoveryPointId"] = last_id
        details.update(_progress(item, place))
        details.update(_agent(item, place, full=full))
        details["protectedDisks"] = [_disk(place, disk, n) for n, disk in enumerate(machine.disks)] if full else []
        details["vmNics"] = [_nic(item)] if full else []
        details["discoveredVmDetails"] = _discovered(machine, now - timedelta(minutes=7)) if machine.vcenter else None
        return details


def _progress(item: Item, place: Place) -> Json:
    running = item.state == "initial"
    copied = int(replication.copied_bytes(item, place.vault.world.now))
    stalled = running and item.copy_rate == 0
    return {
        "initialReplicationProgressPercentage": copied * 100 // replication.total_bytes(item) if running else None,
        "initialReplicationProcessedBytes": copied if running else None,
        "initialReplicationTransferredBytes": copied if running else None,
        "initialReplicationProgressHealth": ("NoProgress" if stalled else "InProgress") if running else "None",
        "resyncProgressPercentage": None,
        "resyncProcessedBytes": None,
        "resyncTransferredBytes": None,
        "resyncProgressHealth": "None",
        "resyncRequired": _text(item.resync),
        "resyncState": "None",
        "agentUpgradeState": "None",
        "lastAgentUpgradeType": None,
        "agentUpgradeJobId": None,
        "agentUpgradeAttemptToVersion": None,
    }


def _agent(item: Item, place: Place, *, full: bool) -> Json:
    blocking = {
        "errorCode": "InMageRcmUpgradeBlockedAlreadyOnLatestVersion",
        "errorMessage": f"The Mobility agent of source machine '{item.machine.name}' cannot be updated.",
        "possibleCauses": f"The Mobility agent of source machine '{item.machine.name}' is already on latest version "
        f"'{item.agent_version}'.",
        "recommendedAction": "No action is needed as agent is already on the latest version.",
        "errorMessageParameters": {"vmName": item.machine.name, "agentVersion": item.agent_version},
        "errorTags": {"category": "ClientError"},
    }
    return {
        "isLastUpgradeSuccessful": "false",
        "isAgentRegistrationSuccessfulAfterFailover": True if item.failed_over_at else None,
        "mobilityAgentDetails": {
            "version": item.agent_version,
            "latestVersion": None,
            "latestAgentReleaseDate": None,
            "driverVersion": item.agent_version,
            "latestUpgradableVersionWithoutReboot": None,
            "lastHeartbeatUtc": stamp(place.vault.world.now),
            "reasonsBlockingUpgrade": ["AlreadyOnLatestVersion"],
            "isUpgradeable": "false",
        },
        "lastAgentUpgradeErrorDetails": [],
        "agentUpgradeBlockingErrorDetails": [blocking] if full else [],
    }


def _disk(place: Place, disk: Disk, number: int) -> Json:
    item = place.item
    chosen = _disk_input(item, disk, number)
    group = item.inputs["targetResourceGroupId"]
    done = item.state not in ("enabling", "enabling-failed", "initial")
    seed = guid(item.internal_id, str(number), "seed")
    vm = (item.inputs.get("targetVmName") or item.machine.name).replace("-", "_")
    target = f"{group}/providers/Microsoft.Compute/disks/{disk.name}-{vm}"
    return {
        "diskId": chosen.get("diskId") or f"{{{guid(item.internal_id, str(number))}}}",
        "diskName": disk.name,
        "isOSDisk": _text(disk.os_disk),
        "capacityInBytes": disk.bytes_in_all,
        "logStorageAccountId": chosen.get("logStorageAccountId"),
        "diskEncryptionSetId": chosen.get("diskEncryptionSetId"),
        "seedManagedDiskId": f"{group}/providers/Microsoft.Compute/disks/asrseeddisk-{vm[:8]}-{disk.name[:8]}-{seed}",
        "seedBlobUri": None,
        "targetManagedDiskId": target if item.vm else None,
        "targetBlobUri": None,
        "diskType": chosen.get("diskType") or "Standard_LRS",
        "dataPendingInLogDataStoreInMB": 0.0,
        "dataPendingAtSourceAgentInMB": round(disk.churn / 1024 / 1024, 6),
        "isInitialReplicationComplete": _text(done),
    }


def _disk_input(item: Item, disk: Disk, number: int) -> Json:
    listed: list[Json] = item.inputs.get("disksToInclude") or []
    for each in listed:
        if str(each.get("diskId", "")).strip("{}").lower() == disk.name.lower():
            return each
    if number < len(listed):
        return listed[number]
    default: Json = item.inputs.get("disksDefault") or {}
    return default


def _vm_disk(place: Place, disk: Disk, number: int, vm: str) -> VmDisk:
    sku = _disk_input(place.item, disk, number).get("diskType") or "Standard_LRS"
    return VmDisk(f"{disk.name}-{vm}", disk.size_gb, disk.os_disk or number == 0, sku)


def _nic(item: Item) -> Json:
    nic, target = item.inputs.get("nic", {}), item.inputs
    address, test = nic.get("targetStaticIPAddress") or "", nic.get("testStaticIPAddress")
    return {
        "nicId": item.machine.mac or guid(item.internal_id, "nic"),
        "isPrimaryNic": "true",
        "isSelectedForFailover": _text(nic.get("isSelectedForFailover", "true")),
        "sourceIPAddress": item.machine.ip,
        "sourceIPAddressType": "Static",
        "sourceNetworkId": "VM Network" if item.machine.vcenter else None,
        "sourceSubnetName": None,
        "targetIPAddress": address,
        "targetIPAddressType": "Static" if address else "Dynamic",
        "targetSubnetName": nic.get("targetSubnetName") or target.get("targetSubnetName"),
        "testSubnetName": nic.get("testSubnetName") or target.get("testSubnetName"),
        "testIPAddress": test,
        "testIPAddressType": "Static" if test else "Dynamic",
    }


def _discovered(machine: SourceMachine, seen: object) -> Json:
    return {
        "vCenterId": machine.vcenter,
        "vCenterFqdn": "",
        "datastores": ["Datastore 1"],
        "ipAddresses": [machine.ip] if machine.powered_on else [],
        "vmwareToolsStatus": "OK" if machine.powered_on else "NotRunning",
        "powerStatus": "ON" if machine.powered_on else "OFF",
        "vmFqdn": machine.hostname,
        "osName": machine.os_name,
        "createdTimestamp": str(seen),
        "updatedTimestamp": str(seen),
        "isDeleted": False,
        "lastDiscoveryTimeInUtc": str(seen),
    }


def _server_name(place: Place) -> str:
    wanted = place.item.inputs["processServerId"]
    return next((each.name for each in place.fabric.appliances if each.id == wanted), "")


def _size(item: Item) -> str:
    """Return the chosen size, or one that fits (the real service's own choice is not known)."""
    cores = item.machine.cores
    fitting = next(
        (name for name, size in SIZES.items() if size[0] >= cores and size[1] * 1024 >= item.machine.memory_mb), ""
    )
    return str(item.inputs.get("targetVmSize") or fitting or "Standard_D64s_v5")


SIZES: dict[str, tuple[int, float, int, int]] = {
    # name: cores, memory in GB, data disks, NICs
    "Standard_B2s": (2, 4, 4, 3),
    "Standard_F2s_v2": (2, 4, 4, 2),
    "Standard_D2s_v5": (2, 8, 4, 2),
    "Standard_E2s_v5": (2, 16, 4, 2),
    "Standard_F4s_v2": (4, 8, 8, 2),
    "Standard_D4s_v5": (4, 16, 8, 2),
    "Standard_E4s_v5": (4, 32, 8, 2),
    "Standard_D8s_v5": (8, 32, 16, 4),
    "Standard_E8s_v5": (8, 64, 16, 4),
    "Standard_D16s_v5": (16, 64, 32, 8),
    "Standard_E16s_v5": (16, 128, 32, 8),
    "Standard_D32s_v5": (32, 128, 32, 8),
    "Standard_D64s_v5": (64, 256, 32, 8),
}

__all__ = ["SIZES", "InMageRcm", "plain"]
