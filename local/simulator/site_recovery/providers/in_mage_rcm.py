"""InMageRcm: machines replicated through a replication appliance (physical, AWS, VMware with agent)."""

from ...arm import Call
from ...errors import bad_request
from ...machines import PUSH
from ...operations import stamp
from ...vms import VmRequest
from ..enabling import checked
from ..state import Container, Fabric, Item, Json, Place, Policy, SrVault
from .rcm_json import details
from .rcm_target import named, size_of, text, vm_cards, vm_disk

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
    "userSelectedOSName",
)


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
        return {**numbers, "enableMultiVmSync": text(sent.get("enableMultiVmSync", known.get("enableMultiVmSync")))}

    def policy_problem(self, settings: Json) -> str | None:
        """Refuse combinations that the service refuses (150261; the exact limits are assumed).

        Assumed: crash-consistent points at least every minute, application-consistent ones no more often than
        crash-consistent ones (recorded: every 900 minutes is taken), retention at most 15 days and not shorter than either.
        """
        history = settings["recoveryPointHistoryInMinutes"]
        crash, app = settings["crashConsistentFrequencyInMinutes"], settings["appConsistentFrequencyInMinutes"]
        wrong = (
            not 0 <= history <= 21600
            or not 1 <= crash <= 720
            or 0 < app < crash
            or app < 0
            or max(app, crash) > max(history, 60)
        )
        return "150261" if wrong else None

    def policy_details(self, policy: Policy) -> Json:
        """Return the recorded shape."""
        return {"instanceType": self.instance_type, **policy.settings}

    def mapping_details(self, sent: Json) -> Json:
        """Return the agent's upgrade switch (recorded: "true" unless the mapping says otherwise)."""
        return {
            "instanceType": self.instance_type,
            "enableAgentAutoUpgrade": text(sent.get("enableAgentAutoUpgrade", "true")),
        }

    def new_item(self, call: Call, vault: SrVault, fabric: Fabric, container: Container) -> Item:
        """Check what an enable call sends; the machine and the process server must be known."""
        request = checked(call, vault, fabric, container, required=_REQUIRED, to="protection container")
        inputs = request.inputs
        if not any(inputs["processServerId"] == appliance.id for appliance in fabric.appliances):
            raise bad_request(f"The process server '{inputs['processServerId']}' is not registered with the fabric.")
        if bool(inputs.get("disksToInclude")) == bool(inputs.get("disksDefault")):
            raise bad_request("Give either disksToInclude or disksDefault.")
        machine = call.world.machine_by_site_id(inputs["fabricDiscoveryMachineId"])
        if machine is None:
            raise bad_request(f"The machine '{inputs['fabricDiscoveryMachineId']}' was not discovered.")
        return request.item(self.instance_type, machine)

    def enable_problem(self, place: Place) -> str | None:
        """Fail where no agent is registered and none can be pushed, or the machine is off."""
        item = place.item
        if not item.machine.powered_on:
            return "95117"
        if item.machine.agent_registered:
            return None
        return PUSH.get(item.machine.push) if item.inputs.get("runAsAccountId") else "310056"

    def update(self, item: Item, sent: Json) -> None:
        """Take the provider's own fields (recorded: a top-level licenseType is ignored)."""
        inputs = sent.get("providerSpecificDetails") or {}
        item.inputs.update({name: inputs[name] for name in _UPDATABLE if inputs.get(name) is not None})
        for disk in inputs.get("vmDisks") or []:
            item.inputs.setdefault("diskNames", {})[disk["diskId"]] = disk.get("targetDiskName")
        for nic in inputs.get("vmNics") or []:
            kept = item.inputs.setdefault("nics", {}).setdefault(nic["nicId"], {})
            # unknown: whether a card that is told without an address keeps its old one; assumed that it becomes dynamic
            kept.clear()
            kept.update({name: value for name, value in nic.items() if value is not None})

    def shuts_down(self, place: Place, inputs: Json) -> bool:
        """Only a machine of a vCenter is shut down by the service; a physical one (EC2 too) is not."""
        return text(inputs.get("performShutdown", "true")) == "true" and bool(place.item.machine.vcenter)

    def vm(self, place: Place, inputs: Json, *, test: bool) -> VmRequest:
        """Return the target VM; a test VM has `-test` at its name and lies in the test network."""
        item, target = place.item, place.item.inputs
        name = target.get("targetVmName") or item.machine.name
        network = target.get("targetNetworkId") or ""
        if test:
            network = inputs.get("networkId") or target.get("testNetworkId") or ""
        first, *others = vm_cards(item, test=test)
        point = item.failover_point
        return VmRequest(
            name=f"{name}-test" if test else name,
            resource_group_id=target["targetResourceGroupId"],
            location=place.vault.location,
            size=size_of(item),
            network_id=network,
            subnet=first.subnet,
            ip=first.ip,
            os_type=item.machine.os_type,
            disks=tuple(
                vm_disk(place, disk, number, name, test=test) for number, disk in enumerate(item.machine.disks)
            ),
            source=item.machine,
            test=test,
            recovery_point_time=(stamp(point.at) if point else None) or "",
            licence=target.get("licenseType") or "NoLicenseType",
            availability_set_id=target.get("targetAvailabilitySetId") or "",
            availability_zone=target.get("targetAvailabilityZone") or "",
            tags=named(target, "targetVmTags"),
            disk_tags=named(target, "targetManagedDiskTags"),
            nic_tags=named(target, "targetNicTags"),
            proximity_group_id=target.get("targetProximityPlacementGroupId") or "",
            reservation_group_id=target.get("targetCapacityReservationGroupId") or "",
            nic_name=f"{first.name}-test" if test and first.name else first.name,
            more_nics=tuple(others),
        )

    def item_details(self, place: Place, *, full: bool) -> Json:
        """Return the recorded shape of an item."""
        return details(place, full=full)
