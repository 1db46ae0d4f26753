"""HyperVReplicaAzure: machines of a Hyper-V site or of a VMM cloud, replicated by their own host."""

from dataclasses import replace

from ...arm import Call
from ...errors import bad_request
from ...machines import SourceMachine
from ...vms import VmRequest
from ..enabling import checked
from ..hyperv import machines_of, vhd_id, vm_id
from ..hyperv_json import protectable_name
from ..state import Container, Fabric, Item, Json, Place, Policy, SrVault, container_id
from .azure_v2_target import changed, vm_of
from .hyperv_json import details, included, nic_name

# unknown: which of these the wire demands; assumed those without which nothing can be made in Azure
_REQUIRED = ("hvHostVmId", "vmName", "osType", "vhdId", "targetAzureV2ResourceGroupId")
_INTERVALS = (24, 30, 300)  # documented: 30 and 300 seconds; recorded: 24 is taken too


class HyperVReplicaAzure:
    """The provider of Hyper-V hosts."""

    instance_type = "HyperVReplicaAzure"
    fabric_provider = "HyperVSite"

    def policy_settings(self, sent: Json, before: Json | None) -> Json:
        """Return retention and frequencies (sent in hours and seconds); what the others read is kept in minutes."""
        known = before or {}
        hours = int(sent.get("recoveryPointHistoryDuration", known.get("hours", 0)) or 0)
        every = "applicationConsistentSnapshotFrequencyInHours"
        app = int(sent.get(every, known.get(every, 0)) or 0)
        accounts = sent.get("storageAccounts") or []
        return {
            "hours": hours,
            every: app,
            "replicationInterval": int(sent.get("replicationInterval", known.get("replicationInterval", 300)) or 300),
            "activeStorageAccountId": accounts[0] if accounts else known.get("activeStorageAccountId"),
            "recoveryPointHistoryInMinutes": hours * 60,
            "appConsistentFrequencyInMinutes": app * 60,
            # unknown: how often the host makes recovery points; assumed every five minutes
            "crashConsistentFrequencyInMinutes": 5,
        }

    def policy_problem(self, settings: Json) -> str | None:
        """Refuse more than 24 hours of recovery points, snapshots rarer than that, and other intervals (assumed)."""
        hours, app = settings["hours"], settings["applicationConsistentSnapshotFrequencyInHours"]
        wrong = not 0 <= hours <= 24 or not 0 <= app <= 12 or settings["replicationInterval"] not in _INTERVALS
        return "150261" if wrong or app > max(hours, 1) else None

    def policy_details(self, policy: Policy) -> Json:
        """Return the recorded shape: the retention reads back under another name."""
        settings, every = policy.settings, "applicationConsistentSnapshotFrequencyInHours"
        return {
            "instanceType": self.instance_type,
            "recoveryPointHistoryDurationInHours": settings["hours"],
            every: settings[every],
            "replicationInterval": settings["replicationInterval"],
            "encryption": "Disabled",
            "activeStorageAccountId": settings["activeStorageAccountId"],
        }

    def mapping_details(self, sent: Json) -> Json | None:  # noqa: ARG002 - the seam's
        """Return nothing (recorded: null)."""
        return None

    def new_item(self, call: Call, vault: SrVault, fabric: Fabric, container: Container) -> Item:
        """Check what an enable call sends: the machine must be one of the container, its disks must be its own."""
        enabling = checked(call, vault, fabric, container, required=_REQUIRED, to="protection container")
        machine = _machine(call, fabric, container, str(call.properties().get("protectableItemId") or ""))
        _check_disks(machine, enabling.inputs)
        return enabling.item(
            self.instance_type,
            machine,
            inputs={**enabling.inputs, **_mapped(fabric, enabling.inputs), **_disks(machine, enabling.inputs)},
            internal_id=vm_id(machine),  # recorded: a job's target is the machine's own id
            agent_version="",
            protectable=_protectable_id(vault, fabric, container, machine),
        )

    def enable_problem(self, place: Place) -> str | None:  # noqa: ARG002 - the seam's
        """Nothing stands in the way: no agent is needed, and a machine that is off can be replicated."""
        return None

    def update(self, item: Item, sent: Json) -> None:
        """Take what an update says of the VM, its networks and its NIC."""
        item.inputs.update(changed(item, sent))

    def shuts_down(self, place: Place, inputs: Json) -> bool:  # noqa: ARG002 - the seam's
        """An unplanned failover shuts the machine down if it is asked to; a planned one always does."""
        return inputs.get("sourceSiteOperations") == "Required"

    def vm(self, place: Place, inputs: Json, *, test: bool) -> VmRequest:
        """Return the target VM, as for a configuration server's machine but with the chosen disks."""
        made = vm_of(place, inputs, included(place.item), test=test)
        return made if made.nic_name or test else replace(made, nic_name=nic_name(place.item))

    def item_details(self, place: Place, *, full: bool) -> Json:  # noqa: ARG002 - the seam's
        """Return the recorded shape of an item (recorded: a listing leaves nothing out)."""
        return details(place)


def _mapped(fabric: Fabric, inputs: Json) -> Json:
    """Return the network that VMM's networks are mapped to (assumed: where several are, the first), if a call names none."""
    first = None if inputs.get("targetAzureNetworkId") else next(iter(fabric.network_mappings.values()), None)
    return {"targetAzureNetworkId": first.recovery} if first else {}


def _protectable_id(vault: SrVault, fabric: Fabric, container: Container, machine: SourceMachine) -> str:
    home = container_id(vault, fabric, container)
    return f"{home}/replicationProtectableItems/{protectable_name(fabric, machine)}"


def _machine(call: Call, fabric: Fabric, container: Container, wanted: str) -> SourceMachine:
    name = wanted.rpartition("/")[2].lower()
    known = {protectable_name(fabric, each): each for each in machines_of(call.world, fabric, container)}
    if name not in known:
        raise bad_request(f"The protectable item '{wanted}' was not found.")
    return known[name]


def _check_disks(machine: SourceMachine, inputs: Json) -> None:
    """Raise ARM's 400 for a disk that is not the machine's, or for no place to replicate to."""
    own = {vhd_id(machine, disk).lower() for disk in machine.disks}
    managed = inputs.get("disksToIncludeForManagedDisks") or []
    named = [inputs["vhdId"], *(inputs.get("disksToInclude") or []), *(each.get("diskId") for each in managed)]
    foreign = [each for each in named if str(each).lower() not in own]
    if foreign:
        raise bad_request(f"The disk '{foreign[0]}' is not a disk of the machine '{machine.name}'.")
    direct = str(inputs.get("useManagedDisksForReplication") or "false").lower() == "true"
    logs = inputs.get("logStorageAccountId") or all(each.get("logStorageAccountId") for each in managed or [{}])
    if not (logs if direct else inputs.get("targetStorageAccountId")):
        raise bad_request("Give targetStorageAccountId, or logStorageAccountId with useManagedDisksForReplication.")


def _disks(machine: SourceMachine, inputs: Json) -> Json:
    """Return the inputs on disks as all providers keep them: in the order of the machine's disks."""
    managed: list[Json] = inputs.get("disksToIncludeForManagedDisks") or []
    named = inputs.get("disksToInclude") or [each["diskId"] for each in managed]
    settings = {str(each["diskId"]).lower(): each for each in managed}
    chosen = [disk for disk in machine.disks if not named or vhd_id(machine, disk) in {str(n).lower() for n in named}]
    default = {"diskType": inputs.get("diskType"), "logStorageAccountId": inputs.get("logStorageAccountId")}
    return {
        "includedVhds": named,
        "disksToInclude": [settings.get(vhd_id(machine, disk), default) for disk in chosen],
        "useManagedDisksForReplication": str(inputs.get("useManagedDisksForReplication") or "false").lower(),
    }
