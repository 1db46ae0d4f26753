"""A2A: VMs of one Azure region replicated to another; no server stands between, a storage account caches the data."""

from typing import Any

from ...arm import Call
from ...errors import ArmError, bad_request
from ...machines import SourceMachine
from ...operations import stamp
from ...resources import Resource
from ...vms import VmRequest
from ..azure_fabric import location_of
from ..enabling import Enabling, checked
from ..refusals import refused
from ..sides import container_by_id
from ..state import Container, Fabric, Item, Json, Place, Policy, SrVault
from .a2a_cards import further_cards, more_ips, primary_said
from .a2a_json import details
from .a2a_target import (
    attached,
    changed,
    network_of,
    region_named,
    region_of,
    source_nics,
    source_of,
    subnet_of,
    vm_disks,
)

AGENT_THERE = "151099"
_REQUIRED = ("fabricObjectId", "recoveryContainerId", "recoveryResourceGroupId")
_OF_DISK = ("diskId", "primaryStagingAzureStorageAccountId", "recoveryResourceGroupId")
_NUMBERS = {  # as a policy keeps them: as the wire says them
    "recoveryPointHistoryInMinutes": "recoveryPointHistory",
    "appConsistentFrequencyInMinutes": "appConsistentFrequencyInMinutes",
    "crashConsistentFrequencyInMinutes": "crashConsistentFrequencyInMinutes",
}
_UNSAID = {"crashConsistentFrequencyInMinutes": 5}  # recorded for a policy without any number; the others are nought
_HISTORY = 15 * 24 * 60  # documented: points are kept for 15 days at most


class AzureToAzure:
    """The provider between Azure regions."""

    instance_type = "A2A"
    fabric_provider = "AzureFabric"

    def policy_settings(self, sent: Json, before: Json | None) -> Json:
        """Return history, frequencies and the multi-VM switch (recorded: Enable comes back as Enabled)."""
        known = before or {}
        numbers = {
            kept: _number(sent.get(wire_name), known.get(kept), _UNSAID.get(kept, 0))
            for kept, wire_name in _NUMBERS.items()
        }
        sync = sent.get("multiVmSyncStatus")
        if before is None and sync not in ("Enable", "Disable"):
            raise bad_request("The multiVmSyncStatus must be Enable or Disable.")
        return {**numbers, "multiVmSyncStatus": f"{sync}d" if sync else known["multiVmSyncStatus"]}

    def policy_problem(self, settings: Json) -> str | None:
        """Refuse more than 15 days, or application-consistent points rarer than the retention (150261; limits assumed)."""
        history = settings["recoveryPointHistoryInMinutes"]
        crash, app = settings["crashConsistentFrequencyInMinutes"], settings["appConsistentFrequencyInMinutes"]
        wrong = not 0 <= history <= _HISTORY or not 1 <= crash <= 60 or not 0 <= app <= 720 or app > max(history, 60)
        return "150261" if wrong else None

    def policy_details(self, policy: Policy) -> Json:
        """Return the policy (recorded; a client cannot set the threshold)."""
        kept = policy.settings
        return {
            "instanceType": self.instance_type,
            "recoveryPointThresholdInMinutes": 0,
            "recoveryPointHistory": kept["recoveryPointHistoryInMinutes"],
            "appConsistentFrequencyInMinutes": kept["appConsistentFrequencyInMinutes"],
            "multiVmSyncStatus": kept["multiVmSyncStatus"],
            "crashConsistentFrequencyInMinutes": kept["crashConsistentFrequencyInMinutes"],
        }

    def mapping_details(self, sent: Json) -> Json:
        """Return who updates the agent: nobody unless the mapping says otherwise."""
        return {
            "instanceType": self.instance_type,
            "agentAutoUpdateStatus": sent.get("agentAutoUpdateStatus") or "Disabled",
            "automationAccountAuthenticationType": sent.get("automationAccountAuthenticationType") or "RunAsAccount",
            "automationAccountArmId": sent.get("automationAccountArmId"),
            "scheduleName": None,
            "jobScheduleName": None,
        }

    def new_item(self, call: Call, vault: SrVault, fabric: Fabric, container: Container) -> Item:
        """Check what an enable call sends: the VM, both ends, every disk and its cache account; raise ARM's 400."""
        request = checked(call, vault, fabric, container, required=_REQUIRED, to="protection container")
        target = _target(request)
        vm = _source(request)
        disks = _disks(request, vm)
        inputs = {**request.inputs, "vmManagedDisks": disks, "stagingAccountId": disks[0][_OF_DISK[1]]}
        region = region_named(request.vault, target)
        zone = str(inputs.get("recoveryAvailabilityZone") or "")
        inputs.setdefault("recoveryAzureVMSize", call.world.vms.size_for(vm, region, zone))
        return request.item(self.instance_type, machine_of(call, vm), inputs=inputs, recovery=target)

    def enable_problem(self, place: Place) -> str | None:
        """Fail where the VM is not fit (150019), its agent cannot reach the service (1510xx), or the target has no room.

        Documented codes; unknown: the code for a VM that does not run, assumed that of its state, and the one for a VM on
        which the Mobility service of its migration still is (that it must be removed first is documented), made up here.
        """
        machine, world = place.item.machine, place.vault.world
        if not machine.powered_on or source_of(world, place.item)["properties"].get("provisioningState") != "Succeeded":
            return "150019"
        if machine.reasons or machine.enable_error:
            return machine.reasons[0].code if machine.reasons else machine.enable_error
        if machine.mobility_service:
            return AGENT_THERE
        refusal = world.vms.check(self.vm(place, {}, test=False))
        return "150097" if refusal is not None and refusal.quota else None

    def update(self, item: Item, sent: Json) -> None:
        """Take what an update says of the VM, its networks, its cards and its disks."""
        name = sent.get("recoveryAzureVMName")
        if name is not None and not 0 < len(name) <= 63:
            raise bad_request("The target virtual machine name must have 1 to 63 characters.")
        item.inputs.update(changed(item, sent))

    def shuts_down(self, place: Place, inputs: Json) -> bool:  # noqa: ARG002 - the seam's
        """Shut the source VM down where the caller requires it."""
        return inputs.get("sourceSiteOperations") == "Required"

    def vm(self, place: Place, inputs: Json, *, test: bool) -> VmRequest:
        """Return the target VM: the source's name, size, licence and tags unless something else was asked (documented)."""
        item, target = place.item, place.item.inputs
        name = str(target.get("recoveryAzureVMName") or item.machine.name)
        network, point = network_of(place, inputs, test=test), item.failover_point
        source, cards = source_of(place.vault.world, item), source_nics(place)
        settings = primary_said(place, cards[0]) if cards else {}
        return VmRequest(
            name=str(target.get("tfoAzureVMName") or f"{name}-test") if test else name,
            resource_group_id=target["recoveryResourceGroupId"],
            location=region_of(place),
            size=target["recoveryAzureVMSize"],
            network_id=network,
            subnet=subnet_of(place, network, test=test),
            ip=settings.get("tfoStaticIPAddress" if test else "recoveryStaticIPAddress") or "",
            os_type=item.machine.os_type,
            disks=vm_disks(place, test=test),
            source=item.machine,
            more_ips=more_ips(place, cards[0], test=test) if cards else (),
            more_nics=further_cards(place, cards, test=test),
            test=test,
            recovery_point_time=(stamp(point.at) if point else None) or "",
            licence=target.get("licenseType") or source["properties"].get("licenseType") or "NoLicenseType",
            availability_set_id=target.get("recoveryAvailabilitySetId") or "",
            availability_zone=str(target.get("recoveryAvailabilityZone") or ""),
            tags=dict(source.get("tags") or {}),
        )

    def item_details(self, place: Place, *, full: bool) -> Json:  # noqa: ARG002 - the seam's
        """Return the shape of an item (recorded: a listing shows the same)."""
        return details(place)


def _number(*values: Any) -> int:
    """Return the first number that is said."""
    return next(int(each) for each in values if each is not None)


def machine_of(call: Call, vm: Resource) -> SourceMachine:
    """Return the machine behind a VM's document; raise ARM's 400 for one that nothing runs in."""
    found = call.world.azure_machines.get(vm["id"].lower())
    if found is None:
        raise bad_request(f"The virtual machine '{vm['id']}' cannot be replicated.")
    return found


def _target(request: Enabling) -> str:
    """Return the recovery container; it must be paired with this one by the policy."""
    wanted = str(request.inputs["recoveryContainerId"])
    paired = any(
        mapping.target.lower() == wanted.lower() and mapping.policy == request.policy.name
        for mapping in request.container.mappings.values()
    )
    if container_by_id(request.vault, wanted) is None or not paired:
        raise bad_request(f"The container '{request.container.name}' is not paired with '{wanted}' by this policy.")
    if request.call.world.resources.get(str(request.inputs["recoveryResourceGroupId"])) is None:
        raise bad_request(f"The recovery resource group '{request.inputs['recoveryResourceGroupId']}' was not found.")
    return wanted


def _source(request: Enabling) -> Resource:
    """Return the source VM; it lies in the fabric's region, and the vault does not.

    Documented: the vault may be in any region but the source's. unknown: what the service answers else; assumed a 400.
    """
    vm = request.call.world.resources.get(str(request.inputs["fabricObjectId"]))
    region = location_of(request.fabric)
    if vm is None or not vm["id"].lower().rpartition("/providers/")[2].startswith("microsoft.compute/virtualmachines/"):
        raise bad_request(f"The virtual machine '{request.inputs['fabricObjectId']}' was not found.")
    if vm["location"] != region:
        raise bad_request(f"The virtual machine '{vm['name']}' is not in the region '{region}' of the fabric.")
    if request.vault.location.lower().replace(" ", "") == region:
        raise refused(
            "VaultInSourceRegion",
            f"The vault '{request.vault.name}' lies in the region of the source, '{region}'.",
            "A vault cannot protect virtual machines of its own region.",
            "Use a vault in another region.",
        )
    return vm


def _disks(request: Enabling, vm: Resource) -> list[Json]:
    """Return the disks to replicate as sent; each must be a managed disk of the VM with a cache account beside it."""
    sent: list[Json] = request.inputs.get("vmManagedDisks") or []
    shown = list(attached(vm))
    known = {str((each.get("managedDisk") or {}).get("id") or "").lower() for each in shown}
    if not sent:
        # the code is documented for re-protection; assumed to hold here
        raise ArmError(400, "VMDisksMissing", "Managed disk details not provided.")
    for disk in sent:
        missing = [name for name in _OF_DISK if not disk.get(name)]
        if missing:
            raise bad_request(f"The required properties of a disk are missing: {', '.join(missing)}.")
        if str(disk["diskId"]).lower() not in known:
            raise bad_request(f"The disk '{disk['diskId']}' is not a managed disk of '{vm['name']}'.")
        _cache(request, str(disk[_OF_DISK[1]]), vm["location"])
    system = str((shown[0].get("managedDisk") or {}).get("id") or "").lower()
    if system not in {str(disk["diskId"]).lower() for disk in sent}:
        raise bad_request(f"The disk of the operating system of '{vm['name']}' must be replicated.")
    return sent


def _cache(request: Enabling, account_id: str, region: str) -> None:
    """Raise ARM's 400 for a cache account that is not there or not in the source's region (documented condition)."""
    account = request.call.world.resources.get(account_id)
    if account is None or account.get("location") != region:
        raise bad_request(f"The cache storage account '{account_id}' was not found in the region '{region}'.")
