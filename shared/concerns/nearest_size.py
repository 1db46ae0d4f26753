"""Which size a VM gets in another region: its own where that is offered, else the nearest one."""

from collections.abc import Iterable

from shared.concerns.facts import SizeFacts, SourceFacts


def nearest_size(source: SourceFacts, offered: Iterable[SizeFacts]) -> SizeFacts | None:
    """Give the size of the same name, else the smallest that has as many cores, as much memory and enough disks.

    Of equal ones that of the nearest name is taken, so `Standard_D4s_v5` before `Standard_E4s_v5`. None = nothing fits.
    """
    usable = [one for one in offered if not one.restricted]
    wanted = (source.size or "").lower()
    same = next((one for one in usable if one.name.lower() == wanted), None)
    if same is not None or not source.cores:
        return same
    fitting = [one for one in usable if _holds(one, source)]
    return min(
        fitting,
        key=lambda one: (one.cores or 0, one.memory_gb or 0, _differs(one.name, wanted), one.name),
        default=None,
    )


def _holds(size: SizeFacts, source: SourceFacts) -> bool:
    """Tell whether a size has room for a machine."""
    data = sum(1 for disk in source.disks or () if not disk.root)
    disks = size.max_data_disks is None or size.max_data_disks >= data
    return disks and (size.cores or 0) >= (source.cores or 0) and (size.memory_gb or 0) >= (source.memory_gb or 0)


def _differs(name: str, wanted: str) -> int:
    """Count the characters from which on two names of sizes differ."""
    same = next((i for i, (a, b) in enumerate(zip(name.lower(), wanted, strict=False)) if a != b), len(wanted))
    return len(wanted) - same
