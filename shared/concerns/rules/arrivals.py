"""Rules about the VM that the failover made: it is what plan and source say (guide of 2018: "appears as expected")."""

from collections.abc import Iterator

from shared.concerns.arrivals import VmCase
from shared.concerns.registry import known, vm_rule

SCRIPT_FAILED = "target-script-left-undone"


def _subnet(arm_id: str) -> str:
    """Name a subnet with its network and that one's resource group."""
    parts = arm_id.split("/")
    return f"{'/'.join(parts[-3::2])} ({parts[4]})" if len(parts) > 8 else arm_id


@vm_rule(
    "vm-lacks-disks",
    "critical",
    "The migrated VM has fewer disks than its source",
    "Look which disk is missing: one that was added after replication was enabled is not replicated. Roll back and retry, "
    "or attach its data by hand and accept this.",
    acknowledgeable=True,
)
def _disks(case: VmCase) -> Iterator[str]:
    wanted = known(case.expected.disks, "disks")
    if case.arrived.disks < wanted:
        yield f"it has {case.arrived.disks} of {wanted}"


@vm_rule(
    "vm-in-other-network",
    "critical",
    "The migrated VM is in another subnet than the plan says",
    "Nobody finds it where it is: move its network card (deallocate the VM, change the IP configuration, start it), then "
    "retry; or accept this.",
    acknowledgeable=True,
)
def _network(case: VmCase) -> Iterator[str]:
    wanted, found = case.expected.subnet_id, case.arrived.subnet_id
    if wanted and known(found, "network card").lower() != wanted.lower():
        yield f"it is in {_subnet(str(found)) or 'none'} and should be in {_subnet(wanted)}"


@vm_rule(
    "vm-has-other-address",
    "critical",
    "The migrated VM does not have the static address that the plan gives to it",
    "Give the address to its network card in the portal, then retry; or accept this.",
    acknowledgeable=True,
)
def _address(case: VmCase) -> Iterator[str]:
    if not case.expected.addresses:
        return
    found = known(case.arrived.addresses, "network card")
    if missing := [each for each in case.expected.addresses if each not in found]:
        yield f"{', '.join(missing)} is not among its addresses {', '.join(found) or '(none)'}"


@vm_rule(
    "vm-lacks-cards",
    "critical",
    "The migrated VM has fewer network cards than the plan says",
    "Its size may take fewer cards than it needs: resize it and attach the missing ones, then retry; or accept this.",
    acknowledgeable=True,
)
def _cards(case: VmCase) -> Iterator[str]:
    if case.arrived.cards < case.expected.cards:
        yield f"it has {case.arrived.cards} of {case.expected.cards}"


@vm_rule(
    "vm-has-other-size",
    "warning",
    "The migrated VM has another size than was chosen for it",
    "Resize it where that matters; Site Recovery takes another one where the chosen one cannot be had.",
)
def _size(case: VmCase) -> Iterator[str]:
    wanted = case.expected.size
    if wanted and case.arrived.size.lower() != wanted.lower():
        yield f"it is {case.arrived.size or 'of an unknown size'} and should be {wanted}"


@vm_rule(
    "vm-placed-elsewhere",
    "warning",
    "The migrated VM is not in the zone or availability set that the plan says",
    "Neither can be changed while the VM exists: make it anew from its disks where that matters.",
)
def _placement(case: VmCase) -> Iterator[str]:
    if case.expected.zone and case.arrived.zone != case.expected.zone:
        yield f"zone {case.arrived.zone or '(none)'} instead of {case.expected.zone}"
    wanted, found = case.expected.availability_set_id, case.arrived.availability_set_id
    if wanted and found.lower() != wanted.lower():
        yield f"availability set {found.rpartition('/')[2] or '(none)'} instead of {wanted.rpartition('/')[2]}"


@vm_rule(
    "vm-lacks-tags",
    "warning",
    "The migrated VM does not carry all its tags",
    "Set them in Azure; between Azure regions Site Recovery takes those of the source and no others.",
)
def _tags(case: VmCase) -> Iterator[str]:
    tags = {name.lower(): value for name, value in case.arrived.tags.items()}  # names of tags have no case
    if missing := sorted(
        f"{name}={value}" for name, value in case.expected.tags.items() if tags.get(name.lower()) != value
    ):
        yield ", ".join(missing)


@vm_rule(
    SCRIPT_FAILED,
    "warning",
    "A script of the plan failed on the machine in Azure",
    "The plan lets the machine go on without it (mustSucceed: false). Its output stands in the events of the machine; do by "
    "hand what it left undone.",
)
def _scripts(case: VmCase) -> Iterator[str]:
    yield from case.failed_scripts
