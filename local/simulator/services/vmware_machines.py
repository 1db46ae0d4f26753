"""A vCenter's machine as an appliance's site shows it: keys and constants as recorded (265 machines of a VMwareSites site)."""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from ..machines import SourceMachine
from ..resources import Resource

_NO_ACCOUNT = "RunAsAccountNotAssociated"
_COUNTED = {"totalInstanceCount": 0, "shallowDiscoveryStatus": "Disabled", "discoveryScopeStatus": "DiscoverySucceeded"}
_WEB = {"totalWebServerCount": 0, "totalWebApplicationCount": 0, "discoveryScopeStatus": _NO_ACCOUNT}
_UNKNOWN = ("osType", "osName", "osVersion", "osArchitecture")


def vcenter_name(vcenter: str) -> str:
    """Return the name of a vCenter server's resource under a site."""
    return f"{vcenter.replace('.', '-').lower()}-{uuid5(NAMESPACE_URL, vcenter.lower())}"


def vcenter_id(site_id: str, vcenter: str) -> str:
    """Return the ARM id of a vCenter server under a site."""
    return f"{site_id}/vcenters/{vcenter_name(vcenter)}"


def dns_name(machine: SourceMachine) -> str:
    """Return the machine's name in DNS; empty until VMware tools tell it."""
    return (machine.hostname or machine.name) if machine.vmware_tools == "OK" else ""


def vmware_disk(machine: SourceMachine, index: int, uuid: str) -> dict[str, Any]:
    """Return a disk as vCenter tells it: not whether the machine boots from it."""
    disk = machine.disks[index]
    return {
        "uuid": uuid,
        "label": disk.name,
        "diskProvisioningPolicy": "ThinProvisioned",
        "diskScrubbingPolicy": "LazilyScrubbed",
        "diskMode": "persistent",
        "controllerType": "VirtualLsiLogicSASController",
        "maxSizeInBytes": disk.bytes_in_all,
        "name": disk.name,
        "diskType": "Static",
        "lun": index,
        "path": f"[datastore1] {machine.name}/{disk.name}.vmdk",
    }


def vmware_adapter(machine: SourceMachine) -> dict[str, Any]:
    """Return the network card; its addresses are known only while VMware tools run."""
    visible = machine.powered_on and machine.vmware_tools == "OK"
    return {
        "label": "Network adapter 1",
        "adapterType": "VirtualVmxnet3",
        "nicId": "4000",
        "macAddress": machine.card,
        "ipAddressList": [each for each in (machine.ipv6, machine.ip) if each] if visible else [],
        "networkName": "VM Network",
        "ipAddressType": "Static",
    }


def vmware_properties(machine: SourceMachine, site: Resource) -> dict[str, Any]:
    """Return what vCenter tells of a machine.

    Its name in DNS is `vmFqdn`, while `hostName` is the ESXi host's; the guest's details are nulls (recorded even where
    VMware tools run; told here once they do, which is assumed).
    """
    known = machine.vmware_tools == "OK"
    system = {"osType": f"{machine.os_type.lower()}Guest", "osName": machine.os_name}
    folder = f"[datastore1] {machine.name}/{machine.name}"
    return {
        "vCenterFQDN": machine.vcenter,
        "vCenterId": vcenter_id(site["id"], machine.vcenter),
        "instanceUuid": str(uuid5(NAMESPACE_URL, machine.name)),
        "dataCenterScope": "dc-01",
        "description": "",
        "hostInMaintenanceMode": False,
        "hostName": f"esx-01.{machine.vcenter.partition('.')[2] or 'local'}",
        "hostPowerState": "poweredOn",
        "hostVersion": "8.0.2",
        "vMwareToolsStatus": machine.vmware_tools if machine.powered_on else "NotRunning",
        "vMwareToolsVersion": "12389" if known else "",
        "changeTrackingSupported": True,
        "changeTrackingEnabled": True,
        "maxSnapshots": -1,
        "diskEnabledUuid": "yes",
        "numberOfSnapshots": 0,
        "altGuestName": "",
        "vmFqdn": dns_name(machine),
        "vmConfigurationFileLocation": f"{folder}.vmx",
        "firmware": "efi" if machine.firmware == "UEFI" else "bios",
        "guestOSDetails": dict.fromkeys(_UNKNOWN) | ({**system, "osArchitecture": "x64"} if known else {}),
        "operatingSystemDetails": dict.fromkeys(_UNKNOWN) | system,
        "runAsAccountId": None,
        "applianceNames": [],
        **_discoveries(),
        "tags": {"asrprotectedmachine": "False"},
    }


def _discoveries() -> dict[str, Any]:
    """Return what further discoveries found, which nobody has set up."""
    idle: dict[str, Any] = {"discoveryScopeStatus": _NO_ACCOUNT, "errors": [], "hydratedRunAsAccountId": None}
    databases = {"successfullyDiscoveredServerCount": -1, "totalServerCount": -1}
    account = {"sqlMetadataHydratedRunAsAccountId": None, "sqlMetadataDiscoveryPipe": "Unknown"}
    never = {"supportEndDate": "0001-01-01T00:00:00", "esuYear": "Unknown"}
    return {
        "numberOfApplications": -1,
        "guestDetailsDiscoveryTimestamp": None,
        "dependencyMapping": "Disabled",
        "dependencyMappingStartTime": None,
        "dependencyMappingEndTime": None,
        "applicationDiscovery": idle,
        "dependencyMapDiscovery": idle,
        "staticDiscovery": {**idle, "discoveryScopeStatus": "DiscoverySucceeded"},
        "sqlDiscovery": {**databases, **account, "discoveryScopeStatus": _NO_ACCOUNT},
        "webAppDiscovery": _WEB,
        "oracleDiscovery": {**_COUNTED, "totalDatabaseCount": 0},
        "springBootDiscovery": {**_COUNTED, "totalApplicationCount": 0},
        "iisDiscovery": _WEB,
        "tomcatDiscovery": _WEB,
        "appsAndRoles": None,
        "productSupportStatus": {"currentVersion": None, "esuStatus": "Unknown", "supportStatus": "Unknown", **never},
    }
