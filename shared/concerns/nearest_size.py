"""Which size a VM gets in another region: its own where that is offered and fits, else the nearest one that fits."""

from collections.abc import Iterable

from shared.concerns.fitting import Needs, fits, why_not
from shared.concerns.target_facts import SizeFacts


def nearest_size(now: str, needs: Needs, offered: Iterable[SizeFacts]) -> SizeFacts | None:
    """Give the size of the same name, else the smallest that has room for all that the machine needs; None = nothing fits.

    One that keeps the machine's local disk goes before every one that has none. Of equally large ones that of the nearest
    name is taken, so `Standard_D4s_v5` before `Standard_E4s_v5`.
    """
    wanted, sizes = now.lower(), tuple(offered)
    same = next((each for each in sizes if each.name.lower() == wanted), None)
    if same is not None and fits(same, needs):
        return same
    if not needs.cores:
        return None
    fitting = [each for each in sizes if fits(each, needs)]
    return min(
        fitting,
        key=lambda size: (
            loses_local_disk(size, needs),
            size.cores or 0,
            size.memory_gb or 0,
            _gains_local_disk(size, needs),
            _differs(size.name, wanted),
            size.name,
        ),
        default=None,
    )


def loses_local_disk(size: SizeFacts, needs: Needs) -> bool:
    """Tell whether the machine has a local disk (drive D: or /dev/sdb) now and none with a size."""
    return bool(needs.local_disk) and size.local_disk is False


def _gains_local_disk(size: SizeFacts, needs: Needs) -> bool:
    """Tell whether a local disk would appear, which moves drive letters and device names."""
    return needs.local_disk is False and bool(size.local_disk)


def why_not_the_same(now: str, needs: Needs, offered: Iterable[SizeFacts]) -> str:
    """Say what keeps a machine from the size that it has now."""
    same = next((each for each in offered if each.name.lower() == now.lower()), None)
    return "; ".join(why_not(same, needs)) if same else f"{needs.region} does not offer {now}"


def _differs(name: str, wanted: str) -> int:
    """Count the characters from which on two names of sizes differ."""
    same = next((i for i, (a, b) in enumerate(zip(name.lower(), wanted, strict=False)) if a != b), len(wanted))
    return len(wanted) - same
