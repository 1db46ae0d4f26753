"""The Azure side: VMs of one region found by id, name or tags, with everything that Azure tells of them."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import ClassVar

from shared import ids
from shared.azure import compute
from shared.azure.sizes import VmSize, list_sizes
from shared.concerns.source_facts import SourceFacts
from shared.plan.expand import expand
from shared.plan.machines import Machine, Selector
from shared.plan.model import Plan
from shared.plan.selection import SourceMatch
from shared.plan.sources import AzureSource
from shared.problems import CloudRefused, Refused
from shared.site_recovery.remembered import Remembered
from shared.sources.azure.command_runner import RunCommand
from shared.sources.azure.reading import POWER, facts_of
from shared.sources.azure.removal import VmRemoval
from shared.sources.azure.vms import SourceVm, find_all, find_some, ineligible
from shared.sources.command_runner import CommandRunner
from shared.sources.source_adapter import Sources, SourceSide
from shared.sources.source_removal import SourceRemoval

FEW = 3  # up to so many, machines are read one by one; above it listings are cheaper
_SIZES = Remembered[dict[str, VmSize]]()


def source_of(plan: Plan) -> AzureSource:
    """Give the subscription and region of a plan's sources. Raises `Refused` when the plan names none."""
    if plan.source.azure is None:
        raise Refused("the plan names no Azure source", id="no-source", title="The plan names no such source")
    return plan.source.azure


class AzureSide(SourceSide):
    """VMs of a region; Site Recovery shuts them down as part of the failover, and goes on when it cannot."""

    has_power: ClassVar[bool] = True
    failover_shuts_down: ClassVar[bool] = True
    told_within: ClassVar[timedelta] = timedelta(minutes=1)  # unknown: assumed
    runner: ClassVar[CommandRunner | None] = RunCommand()
    removal: ClassVar[SourceRemoval | None] = VmRemoval()

    def region(self, plan: Plan) -> str:
        """Return the region that the plan names."""
        return source_of(plan).region

    def read(self, plan: Plan, names: Collection[str] | None = None) -> Sources:
        """Find by ids, names and tags, few of them one by one and many in listings; then ask what keeps each away."""
        source = source_of(plan)
        vms = _found(source, plan, names)
        expanded = expand(plan, [_as_found(each) for each in vms])
        chosen = {
            machine.name: _match(machine.source, vms)
            for _, machine in expanded.plan.entries()
            if names is None or machine.name in names
        }
        sizes = _sizes(source)
        facts = {
            name: facts_of(vm, ineligible(vm.id), sizes.get(_size(vm))) if vm else SourceFacts(found=False)
            for name, vm in chosen.items()
        }
        return Sources(plan=expanded.plan, facts=facts, unmatched=expanded.unmatched)

    def listed(self, plan: Plan) -> tuple[SourceMatch, ...]:
        """List the VMs of the plan's region, in its group where it names one."""
        return tuple(_as_found(each) for each in find_all(source_of(plan)))

    def state(self, plan: Plan, source_id: str) -> str:  # noqa: ARG002 - the id says it all
        """Give the VM's power in the words of all sides; `gone` for one that does not exist any more."""
        vm = compute.get_vm(source_id)
        return "gone" if vm is None else POWER.get(vm.power, "unknown")

    def stop(self, plan: Plan, source_id: str) -> None:  # noqa: ARG002 - as above
        """Deallocate the VM; its disks and its private address stay, a dynamic public address goes."""
        vm = _known(source_id)
        compute.deallocate(vm, ids.request_id(source_id, f"deallocate {vm.power}"))

    def start(self, plan: Plan, source_id: str) -> None:  # noqa: ARG002 - as above
        """Start the VM; one that is still stopping is started by a later call."""
        vm = _known(source_id)
        if POWER.get(vm.power) != "stopping":
            compute.start(vm, ids.request_id(source_id, f"start {vm.power}"))


def facts_at(source: AzureSource, arm_id: str) -> SourceFacts | None:
    """Give the facts of one VM with what keeps it from being replicated; None where the region has no such VM."""
    vm = next(iter(find_some(source, [arm_id])), None)
    return facts_of(vm, ineligible(vm.id), _sizes(source).get(_size(vm))) if vm else None


def _known(source_id: str) -> compute.Vm:
    vm = compute.get_vm(source_id)
    if vm is None:
        raise Refused(f"VM {source_id} is gone", id="source-gone", title="The source machine does not exist any more")
    return vm


def _found(source: AzureSource, plan: Plan, names: Collection[str] | None) -> tuple[SourceVm, ...]:
    """Give every VM that some entry of the plan (or of those named) may mean."""
    wanted = [machine for _, machine in plan.entries() if names is None or machine.name in names]
    arm_ids = [_arm_id(source, each) for each in wanted]
    if len(wanted) <= FEW and all(arm_ids):
        return find_some(source, dict.fromkeys(arm_ids))
    return find_all(source)


def _arm_id(source: AzureSource, machine: Machine) -> str:
    """Give the ARM id that an entry says, or that its name makes; empty where only a listing can tell."""
    selector = machine.source
    if selector.vm_id.startswith("/"):
        return selector.vm_id
    if selector.name and source.resource_group:
        return compute.vm_id(source.subscription_id, source.resource_group, selector.name)
    return ""


def _as_found(vm: SourceVm) -> SourceMatch:
    addresses = facts_of(vm, None, None).nics or ()
    return SourceMatch(
        instance_id=vm.id,
        name=vm.name,
        tags=dict(vm.vm.get("tags") or {}),
        private_ip=next((each.ip for each in addresses if each.ip), ""),
        more_ids=(vm.guid,),
        more_ips=tuple(each.ip for each in addresses if each.ip),
    )


def _match(source: Selector, vms: Iterable[SourceVm]) -> SourceVm | None:
    """Give the one VM that an entry means; None when there is none, or more than one."""
    wanted, name = source.vm_id.lower(), source.name.lower()
    fits = [
        each for each in vms if wanted in (each.id.lower(), each.guid.lower()) or (name and each.name.lower() == name)
    ]
    return fits[0] if len(fits) == 1 else None


def _size(vm: SourceVm) -> str:
    return str((vm.properties.get("hardwareProfile") or {}).get("vmSize") or "").lower()


def _sizes(source: AzureSource) -> dict[str, VmSize]:
    """Give the sizes of the source's region by name in lower case; none where Azure does not tell."""
    key = f"{source.subscription_id}/{source.region}"
    try:
        return _SIZES.of(key, lambda: _read_sizes(source)) or {}
    except CloudRefused:
        return {}


def _read_sizes(source: AzureSource) -> dict[str, VmSize]:
    return {size.name.lower(): size for size in list_sizes(source.subscription_id, source.region)}
