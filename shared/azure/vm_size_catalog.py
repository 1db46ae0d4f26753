"""The VM sizes of a region as the rules know them; the list is long, so it is kept for a minute."""

from collections.abc import Iterable

from shared.azure import sizes
from shared.concerns.target_facts import SizeFacts, UsageFacts
from shared.problems import CloudRefused
from shared.site_recovery.remembered import Remembered

_OFFERED = Remembered[tuple[SizeFacts, ...]]()


def offered_sizes(subscription: str, region: str) -> tuple[SizeFacts, ...]:
    """Give the sizes that a region offers to a subscription. Raises `CloudRefused` when Azure does not tell."""
    return _OFFERED.of(f"{subscription}/{region}", lambda: _read(subscription, region)) or ()


def read_sizes(subscription: str, region: str) -> tuple[SizeFacts, ...]:
    """Read them now."""
    return tuple(_size(each) for each in sizes.list_sizes(subscription, region))


def read_usages(subscription: str, region: str) -> tuple[UsageFacts, ...]:
    """Read the quotas of a region now."""
    found = sizes.list_usages(subscription, region)
    return tuple(UsageFacts(family=each.name, used=each.used, limit=each.limit) for each in found)


def with_quota(
    offered: tuple[SizeFacts, ...] | None, usages: Iterable[UsageFacts] | None
) -> tuple[SizeFacts, ...] | None:
    """Mark the sizes whose family has a quota of 0: the region lists them, but this subscription gets none."""
    if offered is None or usages is None:
        return offered
    closed = {each.family.lower() for each in usages if each.limit == 0}
    return tuple(each.replace(no_quota=(each.family or "").lower() in closed) for each in offered)


def _read(subscription: str, region: str) -> tuple[SizeFacts, ...] | None:
    offered = read_sizes(subscription, region)
    try:
        return with_quota(offered, read_usages(subscription, region))
    except CloudRefused:
        return offered


def _size(size: sizes.VmSize) -> SizeFacts:
    return SizeFacts(
        name=size.name,
        family=size.family or None,
        cores=size.cores or None,
        memory_gb=size.memory_gb or None,
        max_data_disks=size.max_data_disks or None,
        max_nics=size.max_nics or None,
        premium=size.premium,
        zones=size.zones,
        closed_zones=size.closed_zones,
        restricted=size.restricted,
        processor="Arm64" if size.architecture == "Arm64" else "x64",
        generations=size.generations or None,
        local_disk=size.local_disk,
        special=size.special,
    )
