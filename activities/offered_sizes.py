"""The VM sizes of a region as the rules know them; the list is long, so it is kept for a minute."""

from shared.azure import sizes
from shared.concerns.facts import SizeFacts
from shared.site_recovery.remembered import Remembered

_OFFERED = Remembered[tuple[SizeFacts, ...]]()


def offered_sizes(subscription: str, region: str) -> tuple[SizeFacts, ...]:
    """Give the sizes that a region offers to a subscription. Raises `CloudRefused` when Azure does not tell."""
    return _OFFERED.of(f"{subscription}/{region}", lambda: read_sizes(subscription, region)) or ()


def read_sizes(subscription: str, region: str) -> tuple[SizeFacts, ...]:
    """Read them now."""
    return tuple(_size(one) for one in sizes.list_sizes(subscription, region))


def _size(one: sizes.VmSize) -> SizeFacts:
    return SizeFacts(
        name=one.name,
        family=one.family or None,
        cores=one.cores or None,
        memory_gb=one.memory_gb or None,
        max_data_disks=one.max_data_disks or None,
        max_nics=one.max_nics or None,
        premium=one.premium,
        zones=one.zones,
        restricted=one.restricted,
    )
