"""Rules about disks: sizes, numbers, and what is lost with a stop."""

from collections.abc import Iterator

from shared.concerns.fitting import names_of
from shared.concerns.registry import AWS, MachineCase, known, rule
from shared.concerns.rules.targets import misfits_of
from shared.concerns.source_facts import DiskFacts

LARGEST_DISK = 32_767  # GiB, a managed disk (documented)
LARGEST_OS_DISK = {1: 2_048, 2: 4_096}  # GiB by generation of the VM (documented)
MOST_DATA_DISKS = 64  # documented


@rule(
    "no-disk-seen",
    "critical",
    "No disk of the machine is known",
    "See that the app may read the machine's volumes, and that it has some.",
)
def _none(case: MachineCase) -> Iterator[str]:
    if not known(case.source.disks, "disks"):
        yield "its list of disks is empty"


@rule(
    "instance-store-lost",
    "warning",
    "Instance-store volumes lose their contents when the machine is stopped",
    "Copy what matters to an EBS volume; after cutover the way back finds these volumes empty.",
    applies_to=AWS,
)
def _instance_store(case: MachineCase) -> Iterator[str]:
    devices = [disk.device for disk in known(case.source.disks, "disks") if disk.instance_store]
    if devices:
        yield f"instance store: {', '.join(devices)}"


@rule(
    "disk-too-large",
    "critical",
    "A disk is larger than the largest managed disk",
    "Move its data to several smaller disks.",
)
def _too_large(case: MachineCase) -> Iterator[str]:
    for disk in known(case.source.disks, "disks"):
        if known(disk.size_gib, "disks.size_gib") > LARGEST_DISK:
            yield f"{disk.device} has {disk.size_gib:,.0f} GiB; {LARGEST_DISK:,} are possible"


@rule(
    "os-disk-too-large",
    "critical",
    "The disk that it boots from is too large",
    "Move data from the boot disk to another and make it smaller.",
)
def _os_too_large(case: MachineCase) -> Iterator[str]:
    roots = [disk for disk in known(case.source.disks, "disks") if disk.root]
    for disk in roots:
        size = known(disk.size_gib, "disks.size_gib")
        if size <= min(LARGEST_OS_DISK.values()):
            continue
        largest = LARGEST_OS_DISK[2 if known(case.source.boot_mode, "boot_mode").startswith("uefi") else 1]
        if size > largest:
            yield f"{disk.device} has {size:,.0f} GiB; {largest:,} are possible"


@rule(
    "too-many-disks",
    "critical",
    "It has more data disks than a VM can have",
    "Join disks into larger ones.",
)
def _too_many(case: MachineCase) -> Iterator[str]:
    data = _data_disks(case)
    if data > MOST_DATA_DISKS:
        yield f"it has {data} data disks; {MOST_DATA_DISKS} are possible"


@rule(
    "too-many-disks-for-size",
    "critical",
    "It has more data disks than its size in Azure can have",
    "Choose a larger size in the plan.",
)
def _too_many_for_size(case: MachineCase) -> Iterator[str]:
    yield from misfits_of(case, "disks")


def _data_disks(case: MachineCase) -> int:
    """Count the disks that it does not boot from."""
    return sum(1 for disk in known(case.source.disks, "disks") if not disk.root)


@rule(
    "disk-encrypted-at-source",
    "warning",
    "Disks are encrypted with a key at the source, and the plan names no disk encryption set: the copies get Azure's own keys",
    "If rules demand your own key, name a `diskEncryptionSet` of the target region in the plan; else acknowledge.",
    applies_to=(*AWS, "azure-to-azure"),
)
def _encrypted(case: MachineCase) -> Iterator[str]:
    target = case.machine.target
    if target.disk_encryption_set or case.plan.target.disk_encryption_set:
        return
    own = {disk.disk.lower() for disk in target.disks if disk.encryption_set or disk.leave_out}
    keyed = [disk for disk in known(case.source.disks, "disks") if _has_key(case, disk) and not {*names_of(disk)} & own]
    if keyed:
        yield "; ".join(f"{disk.device}{f' with {disk.kms_key}' if disk.kms_key else ''}" for disk in keyed)


def _has_key(case: MachineCase, disk: DiskFacts) -> bool:
    """Tell whether a key of the source's encrypts a disk; in Azure `encrypted` means inside the VM, which is another rule's."""
    return bool(disk.kms_key) or (bool(disk.encrypted) and case.plan.scenario in AWS)
