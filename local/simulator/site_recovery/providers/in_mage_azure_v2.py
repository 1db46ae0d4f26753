"""InMageAzureV2: machines replicated through a configuration server, its process and its master target server."""

from ...arm import Call
from ...errors import bad_request
from ...machines import PUSH, Disk, SourceMachine
from ...services.offazure import disk_uuid
from ...vms import VmRequest
from ..classic_json import MASTER_TARGET, PROCESS
from ..enabling import checked
from ..state import Container, Fabric, Item, Json, Place, Policy, Protectable, SrVault, protectable_id
from ..vcenter_machines import protectables_of
from .azure_v2_json import details
from .azure_v2_target import changed, vm_of

# unknown: which of these the wire demands; assumed those without which nothing can be replicated
_REQUIRED = ("processServerId", "masterTargetId", "targetAzureV2ResourceGroupId", "logStorageAccountId")
_NUMBERS = {  # as a policy keeps them: as the wire says them
    "recoveryPointHistoryInMinutes": "recoveryPointHistory",
    "appConsistentFrequencyInMinutes": "appConsistentFrequencyInMinutes",
    "crashConsistentFrequencyInMinutes": "crashConsistentFrequencyInMinutes",
    "recoveryPointThresholdInMinutes": "recoveryPointThresholdInMinutes",
}


class InMageAzureV2:
    """The provider of the configuration server."""

    instance_type = "InMageAzureV2"
    fabric_provider = "InMageFabric"

    def policy_settings(self, sent: Json, before: Json | None) -> Json:
        """Return history, threshold, frequencies and the multi-VM switch (recorded: Enable comes back as Enabled)."""
        known = before or {}
        numbers = {kept: int(sent.get(wire_name, known.get(kept, 0)) or 0) for kept, wire_name in _NUMBERS.items()}
        sync = sent.get("multiVmSyncStatus")
        if before is None and sync not in ("Enable", "Disable"):
            raise bad_request("The multiVmSyncStatus must be Enable or Disable.")
        return {**numbers, "multiVmSyncStatus": f"{sync}d" if sync else known["multiVmSyncStatus"]}

    def policy_problem(self, settings: Json) -> str | None:
        """Refuse what keeps points for longer than 72 hours, or makes them less often than it keeps them (assumed)."""
        history = settings["recoveryPointHistoryInMinutes"]
        app, crash = settings["appConsistentFrequencyInMinutes"], settings["crashConsistentFrequencyInMinutes"]
        wrong = not 0 <= history <= 4320 or not 0 <= app <= 720 or crash < 0 or max(app, crash) > max(history, 60)
        return "150261" if wrong else None

    def policy_details(self, policy: Policy) -> Json:
        """Return the recorded shape."""
        numbers = {wire_name: policy.settings[kept] for kept, wire_name in _NUMBERS.items()}
        return {
            "instanceType": self.instance_type,
            **numbers,
            "multiVmSyncStatus": policy.settings["multiVmSyncStatus"],
        }

    def mapping_details(self, sent: Json) -> Json | None:  # noqa: ARG002 - the seam's
        """Return nothing (recorded: null)."""
        return None

    def new_item(self, call: Call, vault: SrVault, fabric: Fabric, container: Container) -> Item:
        """Check what an enable call sends; the machine must have been added, the servers must be registered."""
        request = checked(call, vault, fabric, container, required=_REQUIRED, to="configuration server")
        inputs = request.inputs
        _check_servers(fabric, inputs)
        known = protectables_of(call.world, fabric, container)
        wanted = _protectable(known, str(call.properties().get("protectableItemId") or ""))
        machine = call.world.machine_by_ip(wanted.ip) or _nobody(wanted)
        disks = {"diskType": inputs.get("diskType"), "logStorageAccountId": inputs["logStorageAccountId"]}
        return request.item(
            self.instance_type,
            machine,
            inputs={"disksDefault": disks, **inputs},
            protectable=protectable_id(vault, fabric, container, wanted),
            pushes=any(account.id == inputs.get("runAsAccountId") for account in fabric.accounts),
        )

    def enable_problem(self, place: Place) -> str | None:
        """Fail where the machine is off, or where an agent must be pushed and cannot be."""
        item = place.item
        if not item.machine.powered_on:
            return "95117"
        if item.machine.agent_registered:
            return None
        return PUSH.get(item.machine.push) if item.pushes else "95107"

    def update(self, item: Item, sent: Json) -> None:
        """Take what an update says of the VM, its networks and its NIC."""
        item.inputs.update(changed(item, sent))

    def shuts_down(self, place: Place, inputs: Json) -> bool:
        """Only a machine of a vCenter is shut down by the service; a physical one (EC2 too) is not."""
        return inputs.get("sourceSiteOperations") == "Required" and bool(place.item.machine.vcenter)

    def vm(self, place: Place, inputs: Json, *, test: bool) -> VmRequest:
        """Return the target VM; a test VM has `-test` at its name and lies in the network that the test names."""
        return vm_of(place, inputs, replicated(place.item), test=test)

    def item_details(self, place: Place, *, full: bool) -> Json:
        """Return the recorded shape of an item."""
        return details(place, full=full)


def _check_servers(fabric: Fabric, inputs: Json) -> None:
    """Raise ARM's 400 for a process server or a master target that has not registered."""
    for key, kind in (("processServerId", PROCESS), ("masterTargetId", MASTER_TARGET)):
        registered = {
            server.id
            for server in fabric.appliances
            for part in server.components
            if part.kind == kind and part.health != "None"
        }
        if inputs[key] not in registered:
            raise bad_request(f"The {key} '{inputs[key]}' is not registered with the configuration server.")


def _protectable(known: dict[str, Protectable], wanted: str) -> Protectable:
    found = known.get(wanted.rpartition("/")[2].lower())
    if found is None:
        raise bad_request(f"The protectable item '{wanted}' was not found.")
    return found


def _nobody(wanted: Protectable) -> SourceMachine:
    """Return what stands for an address at which nothing answers."""
    system = "Windows" if wanted.os_type.lower() == "windows" else "Linux"
    return SourceMachine.model_validate({"name": wanted.name, "ip": wanted.ip, "osType": system, "poweredOn": False})


def replicated(item: Item) -> list[Disk]:
    """Return the disks that the enabling named, all where it named none."""
    named = {str(each.get("diskId", "")).strip("{}").lower() for each in item.inputs.get("disksToInclude") or []}
    disks = item.machine.disks
    return [disk for disk in disks if not named or disk_uuid(item.machine, disk) in named or disk.name.lower() in named]
