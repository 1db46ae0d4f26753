"""VMwareCbt: agentless migration of VMware machines from snapshots; its items are migration items."""

from ...arm import Call
from ...errors import bad_request
from ...machines import SourceMachine
from ...operations import stamp
from ...services.offazure import disk_uuid, site_of
from ...vms import VmDisk, VmRequest
from ..enabling import checked
from ..migration_json import disk_name, disk_said, replicated, target_location
from ..state import Container, Fabric, Item, Json, Place, Policy, SrVault
from .rcm_target import size_of, text

# required in the SDK's models
_REQUIRED = (
    "vmwareMachineId",
    "disksToInclude",
    "dataMoverRunAsAccountId",
    "snapshotRunAsAccountId",
    "targetResourceGroupId",
    "targetNetworkId",
)
_DISK = ("diskId", "isOSDisk", "logStorageAccountId", "logStorageAccountSasSecretName")
_POLICY = ("recoveryPointHistoryInMinutes", "appConsistentFrequencyInMinutes", "crashConsistentFrequencyInMinutes")
_MAPPING = (
    "keyVaultId",
    "keyVaultUri",
    "storageAccountId",
    "storageAccountSasSecretName",
    "serviceBusConnectionStringSecretName",
    "targetLocation",
)
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
    "performAutoResync",
    "targetVmTags",
    "targetDiskTags",
    "targetNicTags",
)


class VMwareCbt:
    """The provider of agentless migration."""

    instance_type = "VMwareCbt"
    fabric_provider = "VMwareV2"

    def policy_settings(self, sent: Json, before: Json | None) -> Json:
        """Return history and frequencies."""
        known = before or {}
        return {name: int(sent.get(name, known.get(name, 0)) or 0) for name in _POLICY}

    def policy_problem(self, settings: Json) -> str | None:
        """Refuse what keeps points for longer than three days, or makes none (assumed)."""
        wrong = not 0 <= settings[_POLICY[0]] <= 4320 or settings[_POLICY[2]] <= 0
        return "150261" if wrong else None

    def policy_details(self, policy: Policy) -> Json:
        """Return the settings."""
        return {"instanceType": self.instance_type, **policy.settings}

    def mapping_details(self, sent: Json) -> Json | None:
        """Return where the gateway keeps what it sends; raise ARM's 400 without storage account or region."""
        missing = [name for name in ("storageAccountId", "targetLocation") if not sent.get(name)]
        if missing:
            raise bad_request(f"The required properties are missing: {', '.join(missing)}.")
        kept = {name: sent.get(name) for name in _MAPPING}
        return {"instanceType": self.instance_type, **kept, "roleSizeToNicCountMap": {}, "excludedSkus": []}

    def new_item(self, call: Call, vault: SrVault, fabric: Fabric, container: Container) -> Item:
        """Check what a call to start replication sends: the machine's site, its accounts and its disks."""
        enabling = checked(call, vault, fabric, container, required=_REQUIRED, to="protection container")
        inputs = enabling.inputs
        machine_id = str(inputs["vmwareMachineId"])
        site, machine = site_of(call.world, machine_id), call.world.machine_by_site_id(machine_id)
        if site is None or machine is None or not machine.vcenter:
            raise bad_request(f"The machine '{machine_id}' was not discovered.")
        for name in ("dataMoverRunAsAccountId", "snapshotRunAsAccountId"):
            if not str(inputs[name]).lower().startswith(f"{site['id']}/runasaccounts/".lower()):
                raise bad_request(f"The {name} is not an account of the machine's site.")
        _check_disks(machine, inputs)
        return enabling.item(self.instance_type, machine, agent_version="")

    def enable_problem(self, place: Place) -> str | None:  # noqa: ARG002 - the seam's
        """Nothing stands in the way: no agent is needed, and a machine that is off can be replicated (recorded)."""
        return None

    def update(self, item: Item, sent: Json) -> None:
        """Take the provider's own fields and what is said of the NIC."""
        own = sent.get("providerSpecificDetails") or {}
        item.inputs.update({name: own[name] for name in _UPDATABLE if own.get(name) is not None})
        names = {str(each.get("diskId")).lower(): each.get("targetDiskName") for each in own.get("vmDisks") or []}
        for disk in item.inputs["disksToInclude"]:
            disk["targetDiskName"] = names.get(str(disk["diskId"]).lower()) or disk.get("targetDiskName")
        for nic in own.get("vmNics") or []:
            changes = {name: value for name, value in nic.items() if value is not None}
            item.inputs["nic"] = {**(item.inputs.get("nic") or {}), **changes}

    def shuts_down(self, place: Place, inputs: Json) -> bool:  # noqa: ARG002 - the seam's
        """The machine is shut down on the vCenter if that is asked for."""
        return text(inputs.get("performShutdown", "false")) == "true"

    def vm(self, place: Place, inputs: Json, *, test: bool) -> VmRequest:
        """Return the target VM; a test VM has `-test` at its name and lies in the network that the test names."""
        item, target = place.item, place.item.inputs
        nic, name = target.get("nic") or {}, target.get("targetVmName") or item.machine.name
        network = (inputs.get("networkId") or target.get("testNetworkId")) if test else target["targetNetworkId"]
        subnet = nic.get("testSubnetName" if test else "targetSubnetName")
        point = item.failover_point
        return VmRequest(
            name=f"{name}-test" if test else name,
            resource_group_id=target["targetResourceGroupId"],
            location=target_location(place),
            size=size_of(item),
            network_id=network or "",
            subnet=subnet or target.get("testSubnetName" if test else "targetSubnetName") or "",
            ip=nic.get("testStaticIPAddress" if test else "targetStaticIPAddress") or "",
            os_type=item.machine.os_type,
            disks=tuple(_vm_disk(item, number, test=test) for number in range(len(replicated(item)))),
            source=item.machine,
            test=test,
            recovery_point_time=(stamp(point.at) if point else None) or "",
            licence=target.get("licenseType") or "NoLicenseType",
            availability_set_id=target.get("targetAvailabilitySetId") or "",
            availability_zone=target.get("targetAvailabilityZone") or "",
            tags=dict(target.get("targetVmTags") or {}),
        )

    def item_details(self, place: Place, *, full: bool) -> Json:
        """A migration item is no protected item and is never shown as one."""
        raise NotImplementedError(f"{place.item.name} is a migration item ({full=})")


def _vm_disk(item: Item, number: int, *, test: bool) -> VmDisk:
    disk = replicated(item)[number]
    settings, name = disk_said(item, disk), disk_name(item, disk, number)
    system = text(settings.get("isOSDisk")) == "true"
    return VmDisk(f"{name}-test" if test else name, disk.size_gb, system, settings.get("diskType") or "Standard_LRS")


def _check_disks(machine: SourceMachine, inputs: Json) -> None:
    own = {disk_uuid(machine, disk).lower() for disk in machine.disks}
    disks: list[Json] = inputs["disksToInclude"]
    for disk in disks:
        missing = [name for name in _DISK if not disk.get(name)]
        if missing:
            raise bad_request(f"The required properties of a disk are missing: {', '.join(missing)}.")
        if str(disk["diskId"]).lower() not in own:
            raise bad_request(f"The disk '{disk['diskId']}' is not a disk of the machine '{machine.name}'.")
    if sum(text(disk["isOSDisk"]) == "true" for disk in disks) != 1:
        raise bad_request("Exactly one of the disks must be the operating system's.")
