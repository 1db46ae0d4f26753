"""Whether a VM has booted: its agent, its console and its ports are asked, and who of them spoke is said."""

import re
from collections.abc import Sequence

from activities.verification.verification_probes import INSIDE, from_here
from shared.azure import guest, network
from shared.azure.compute import Vm
from shared.ledger.machine_context import MachineContext
from shared.plan.machines import Probe
from shared.plan.target_scripts import due
from shared.site_recovery.vm_agent import comes_along

# A system that waits for somebody to sign in, and one that does not get so far; whatever the console says last counts.
_UP = re.compile(r"\blogin: ?$|\bSAC>|EVENT: The CMD command is now available", re.MULTILINE)
_DOWN = re.compile(
    r"emergency mode|dracut-initqueue timeout|Kernel panic|grub rescue>|\*\*\* STOP: 0x|INACCESSIBLE_BOOT_DEVICE",
    re.IGNORECASE,
)


def counts_on_agent(machine: MachineContext) -> bool:
    """Tell whether this machine is to come with the VM agent: else it may serve without one."""
    family = machine.row.source.os_family
    return comes_along(machine.plan.provider, str(family) if family else None)


def needs_agent(machine: MachineContext) -> bool:
    """Tell whether something of the plan is to be run inside the machine."""
    return any(probe.kind in INSIDE for probe in machine.wave.verify_of(machine.entry))


def runs_scripts(machine: MachineContext, *, test: bool, needed: bool = False) -> bool:
    """Tell whether the plan has scripts of its own to run in the machine (`needed`: that must succeed)."""
    listed = machine.wave.target_scripts_of(machine.entry)
    return any(each.must_succeed or not needed for each in due(listed, machine.row.source.os_family or "", test=test))


def scripts_left_undone(machine: MachineContext) -> tuple[str, ...]:
    """Say which scripts failed that the plan lets fail."""
    may_fail = {each.name for each in machine.wave.target_scripts_of(machine.entry) if not each.must_succeed}
    return machine.row.evidence.failed_scripts(may_fail)


def console_of(vm: Vm) -> str:
    """Give the end of its console; empty where there is none."""
    return guest.boot_log(vm) or ""


def is_up(console: str) -> bool:
    """Tell whether a console shows a system that came up: it asks to sign in, and nothing worse stands behind that."""
    ups, downs = ([each.end() for each in found.finditer(console)] for found in (_UP, _DOWN))
    return bool(ups) and max(ups) > max(downs, default=-1)


def answers(vm: Vm, probes: Sequence[Probe]) -> bool:
    """Tell whether the migrated machine answers at a port or page of the plan: only a system that runs does."""
    outside = [probe for probe in probes if probe.kind not in INSIDE]
    nic = network.get_nic(vm.nic_ids[0]) if outside and vm.nic_ids else None
    if nic is None or not nic.private_ips:
        return False
    return len(from_here(outside, nic.private_ips[0])) < len(outside)


def witness(machine: MachineContext, vm: Vm, console: str, *, test: bool) -> str:
    """Say who, beside the agent, shows that the system runs; empty = nobody does."""
    if is_up(console):
        return "its console asks to sign in"
    if not test and answers(vm, machine.wave.verify_of(machine.entry)):
        return "it answers at a port of the plan's checks"
    return ""
