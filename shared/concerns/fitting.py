"""Whether a VM size fits a machine: one list of checks for a size that the plan names and for the nearest one."""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from shared.concerns.registry import Unknown, known
from shared.concerns.source_facts import DiskFacts, SourceFacts
from shared.concerns.target_facts import SizeFacts
from shared.models import Model
from shared.plan.details import DiskTarget
from shared.plan.target import MachineTarget, Target, zone_of

Reason = Literal[
    "restricted", "quota", "processor", "generation", "cores", "memory", "disks", "cards", "premium", "zone", "special"
]


class Needs(Model):
    """What a machine asks of its size; None = not known."""

    region: str = ""
    cores: int | None = None
    memory_gb: float | None = None
    data_disks: int | None = None
    cards: int | None = None
    processor: Literal["x64", "Arm64"] | None = None
    generation: Literal["V1", "V2"] | None = None
    premium: tuple[str, ...] = ()
    zone: str = ""
    local_disk: bool | None = None
    special: tuple[str, ...] | None = None


def needs_of(target: Target, own: MachineTarget, source: SourceFacts) -> Needs:
    """Give what a machine needs: as it is now, but for what the plan makes of its disks, cards and zone.

    A machine from outside Azure has the cards that the plan says, else one; a VM of another region keeps all of its own.
    """
    kept = _kept(source, own)
    between = source.size is not None
    cards = sum(1 for card in own.nics if not card.leave_out)
    return Needs(
        region=target.region,
        cores=source.cores,
        memory_gb=source.memory_gb,
        data_disks=None if kept is None else sum(1 for disk, _ in kept if not disk.root),
        cards=cards or (1 if not between else None if source.nics is None else len(source.nics)),
        processor=_processor(source.architecture),
        generation=None if source.boot_mode is None else "V2" if source.boot_mode.startswith("uefi") else "V1",
        premium=tuple(sorted(each for each in _types(target, own, source) if each.startswith(("Premium", "Ultra")))),
        zone=zone_of(target, own),
        local_disk=source.local_disk,
        special=source.special,
    )


def misfits(size: SizeFacts, needs: Needs, *only: Reason) -> Iterator[str]:
    """Give, in words, what keeps a machine from a size. Raises `Unknown` where a fact that decides is not known."""
    for reason, check in CHECKS.items():
        if (not only or reason in only) and (misfit := check(size, needs)):
            yield misfit


def fits(size: SizeFacts, needs: Needs) -> bool:
    """Tell whether nothing that is known keeps a machine from a size."""
    return not why_not(size, needs)


def why_not(size: SizeFacts, needs: Needs) -> tuple[str, ...]:
    """Give all that is known to keep a machine from a size; a fact that is not known keeps nobody away."""
    return tuple(misfit for check in CHECKS.values() if (misfit := _as_far_as_known(check, size, needs)))


def _as_far_as_known(check: "Check", size: SizeFacts, needs: Needs) -> str:
    try:
        return check(size, needs)
    except Unknown:
        return ""


def _kept(source: SourceFacts, own: MachineTarget) -> list[tuple[DiskFacts, DiskTarget | None]] | None:
    """Give the disks that go along, each with what the plan says of it."""
    if source.disks is None:
        return None
    disk_targets = {each.disk.lower(): each for each in own.disks}
    pairs = (
        (disk, next((disk_targets[name] for name in names_of(disk) if name in disk_targets), None))
        for disk in source.disks
    )
    return [(disk, disk_target) for disk, disk_target in pairs if not (disk_target and disk_target.leave_out)]


def names_of(disk: DiskFacts) -> tuple[str, ...]:
    """Give what a plan may call a disk, in lower case."""
    volume = disk.volume_id or ""
    return tuple(name.lower() for name in (disk.device, volume, volume.rpartition("/")[2]) if name)


def _types(target: Target, own: MachineTarget, source: SourceFacts) -> set[str]:
    """Give the types of the disks that the machine will have; between regions a disk keeps its own."""
    default = own.disk_type or target.disk_type
    named = {disk.type for disk in own.disks if disk.type and not disk.leave_out}
    if source.size is None:
        return {*named, *([default] if default else [])}
    kept = _kept(source, own) or []
    return named | {default or disk.type or "" for disk, disk_target in kept if not (disk_target and disk_target.type)}


def _processor(architecture: str | None) -> Literal["x64", "Arm64"] | None:
    if architecture is None:
        return None
    return "Arm64" if architecture.startswith(("arm", "aarch")) else "x64"


Check = Callable[[SizeFacts, Needs], str]


def _restricted(size: SizeFacts, needs: Needs) -> str:
    return f"{size.name} is restricted in {needs.region}" if size.restricted else ""


def _quota(size: SizeFacts, needs: Needs) -> str:
    return f"the quota of {size.family} in {needs.region} is 0" if size.no_quota else ""


def _other_processor(size: SizeFacts, needs: Needs) -> str:
    has, wants = known(size.processor, "sizes.processor"), known(needs.processor, "architecture")
    return f"{size.name} has {has} processors, the machine runs on {wants}" if has != wants else ""


def _generation(size: SizeFacts, needs: Needs) -> str:
    takes, wants = known(size.generations, "sizes.generations"), known(needs.generation, "boot_mode")
    return f"{size.name} takes {', '.join(takes)}; the machine boots as {wants}" if wants not in takes else ""


def _cores(size: SizeFacts, needs: Needs) -> str:
    has, wants = known(size.cores, "sizes.cores"), known(needs.cores, "cores")
    return f"{size.name} has {has} cores, it needs {wants}" if has < wants else ""


def _memory(size: SizeFacts, needs: Needs) -> str:
    has, wants = known(size.memory_gb, "sizes.memory_gb"), known(needs.memory_gb, "memory_gb")
    return f"{size.name} has {has:g} GB, it needs {wants:g}" if has < wants else ""


def _disks(size: SizeFacts, needs: Needs) -> str:
    wants, takes = known(needs.data_disks, "disks"), known(size.max_data_disks, "sizes.max_data_disks")
    return f"it has {wants} data disks; {size.name} takes {takes}" if wants > takes else ""


def _cards(size: SizeFacts, needs: Needs) -> str:
    wants = known(needs.cards, "nics")
    if wants <= 1:
        return ""
    takes = known(size.max_nics, "sizes.max_nics")
    return f"it gets {wants} cards; {size.name} takes {takes}" if wants > takes else ""


def _premium(size: SizeFacts, needs: Needs) -> str:
    if not needs.premium or known(size.premium, "sizes.premium"):
        return ""
    return f"{size.name} takes no {', '.join(needs.premium)}"


def _zone(size: SizeFacts, needs: Needs) -> str:
    if not needs.zone or needs.zone in known(size.zones, "sizes.zones"):
        return ""
    offered = f"{size.name} is offered in {', '.join(size.zones or ()) or 'no zone'} of {needs.region}"
    closed = needs.zone in size.closed_zones
    return offered + (f"; zone {needs.zone} is closed to this subscription" if closed else "")


def _special(size: SizeFacts, needs: Needs) -> str:
    has, now = set(known(size.special, "sizes.special")), set(known(needs.special, "special"))
    return (
        f"{size.name} is a size {'with ' + ', '.join(has) if has else 'without ' + ', '.join(now)}"
        if has != now
        else ""
    )


CHECKS: Mapping[Reason, Check] = {
    "restricted": _restricted,
    "quota": _quota,
    "processor": _other_processor,
    "generation": _generation,
    "cores": _cores,
    "memory": _memory,
    "disks": _disks,
    "cards": _cards,
    "premium": _premium,
    "zone": _zone,
    "special": _special,
}
