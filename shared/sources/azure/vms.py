"""Source VMs as Compute and Network show them: one by one where few are asked for, else in listings by pages.

| operation | role action |
| --- | --- |
| find_all, find_some | Microsoft.Compute/virtualMachines/read, …/instanceView/read, Microsoft.Compute/disks/read, Microsoft.Network/networkInterfaces/read |
| ineligible | Microsoft.RecoveryServices/replicationEligibilityResults/read (on the VM) |
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from pydantic import Field

from shared.azure import clients
from shared.azure.arm_id import parse
from shared.azure.refusals import asking, found
from shared.models import Model
from shared.plan.sources import AzureSource
from shared.problems import CloudRefused
from shared.site_recovery.wire import FromWire

Json = dict[str, Any]


class SourceVm(Model):
    """A VM's document with the documents of its disks and cards; ids of the latter in lower case."""

    vm: Json
    disks: Mapping[str, Json] = Field(default_factory=dict)
    nics: tuple[Json, ...] = ()

    @property
    def id(self) -> str:
        """Give its ARM id."""
        return str(self.vm["id"])

    @property
    def guid(self) -> str:
        """Give the GUID that the guest sees."""
        return str(self.properties.get("vmId") or "")

    @property
    def name(self) -> str:
        """Give its name in Azure."""
        return str(self.vm["name"])

    @property
    def properties(self) -> Json:
        """Give what Compute says of it."""
        return dict(self.vm.get("properties") or {})


class Reason(FromWire):
    """Why Site Recovery would not replicate a VM."""

    code: str = ""
    message: str = ""
    recommended_action: str = ""


def find_all(source: AzureSource) -> tuple[SourceVm, ...]:
    """Give every VM of the group, or of the subscription, that lies in the source's region."""
    compute, network = clients.compute(source.subscription_id), clients.network(source.subscription_id)
    group = source.resource_group
    where = group or source.subscription_id
    with asking(f"listing the VMs of {where}"):
        if group:
            vms = _raw(compute.virtual_machines.list(group, expand="instanceView"))
        else:
            vms = _raw(compute.virtual_machines.list_all(status_only="true", expand="instanceView"))
        disks = _raw(compute.disks.list_by_resource_group(group) if group else compute.disks.list())
        nics = _raw(network.network_interfaces.list(group) if group else network.network_interfaces.list_all())
    return tuple(_joined(vm, disks, nics) for vm in vms if _in(vm, source.region))


def _in(vm: Json, region: str) -> bool:
    return str(vm.get("location") or "").replace(" ", "").lower() == region


def find_some(source: AzureSource, ids: Iterable[str]) -> tuple[SourceVm, ...]:
    """Give the VMs of these ARM ids that exist in the source's region, each read by itself."""
    vms = [vm for each in ids if (vm := _read_vm(each)) is not None and _in(vm, source.region)]
    return tuple(_whole(vm) for vm in vms)


def _read_vm(arm_id: str) -> Json | None:
    at = parse(arm_id)
    vms = clients.compute(at.subscription).virtual_machines
    return found(f"reading VM {at.name}", lambda: vms.get(at.group, at.name, expand="instanceView").as_dict())


def _whole(vm: Json) -> SourceVm:
    """Read the disks and cards of a VM."""
    disks = [_read(each, "disk") for each in disk_ids(vm)]
    nics = [_read(each, "card") for each in nic_ids(vm)]
    return _joined(vm, [each for each in disks if each], [each for each in nics if each])


def _read(arm_id: str, kind: str) -> Json | None:
    at = parse(arm_id)
    compute, network = clients.compute(at.subscription), clients.network(at.subscription)
    get: Any = compute.disks.get if kind == "disk" else network.network_interfaces.get
    answer: Json | None = found(f"reading {kind} {at.name}", lambda: get(at.group, at.name).as_dict())
    return answer


def _raw(pages: Iterable[Any]) -> list[Json]:
    return [each.as_dict() for each in pages]


def _joined(vm: Json, disks: Iterable[Json], nics: Iterable[Json]) -> SourceVm:
    """Put a VM together with what belongs to it."""
    own_disks = {each.lower() for each in disk_ids(vm)}
    cards = {str(each["id"]).lower(): each for each in nics}
    return SourceVm(
        vm=vm,
        disks={key: each for each in disks if (key := str(each["id"]).lower()) in own_disks},
        nics=tuple(cards[each.lower()] for each in nic_ids(vm) if each.lower() in cards),
    )


def attached(vm: Json) -> Iterator[Json]:
    """Yield the disks of a VM's document, the system's first."""
    profile = (vm.get("properties") or {}).get("storageProfile") or {}
    system = profile.get("osDisk")
    return chain([system] if system else [], profile.get("dataDisks") or ())


def disk_ids(vm: Json) -> list[str]:
    """Give the ids of its managed disks."""
    ids = (str((disk.get("managedDisk") or {}).get("id") or "") for disk in attached(vm))
    return [each for each in ids if each]


def nic_ids(vm: Json) -> list[str]:
    """Give the ids of its cards, the primary one first."""
    profile = (vm.get("properties") or {}).get("networkProfile") or {}
    cards = list(profile.get("networkInterfaces") or ())
    cards.sort(key=lambda card: not (card.get("properties") or {}).get("primary"))
    return [str(card["id"]) for card in cards]


def ineligible(arm_id: str) -> tuple[Reason, ...] | None:
    """Give why Site Recovery would not replicate a VM, none = it would; None where it does not tell."""
    at = parse(arm_id)
    client = clients.site_recovery(at.subscription).replication_eligibility_results
    try:
        with asking(f"asking whether {at.name} may be replicated"):
            answer = client.list(at.group, at.name).as_dict()
    except CloudRefused:
        return None
    errors = [
        each for entry in answer.get("value") or () for each in (entry.get("properties") or {}).get("errors") or ()
    ]
    return tuple(Reason.model_validate(each) for each in errors)
