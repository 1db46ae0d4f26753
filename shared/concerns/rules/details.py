"""Rules about what the plan says of a machine's details: its size must be able to carry them."""

from collections.abc import Iterator

from shared.concerns.registry import MachineCase, known, rule
from shared.concerns.rules.targets import size_of
from shared.plan.target import zone_of


@rule(
    "too-many-cards-for-size",
    "critical",
    "Its size in Azure cannot have so many network cards",
    "Choose a larger size, or leave cards out (`leaveOut: true`).",
)
def _too_many_cards(case: MachineCase) -> Iterator[str]:
    size = size_of(case, case.size) if case.size else None
    count = sum(1 for card in case.machine.target.nics if not card.leave_out)
    if size and count > 1 and count > known(size.max_nics, "sizes.max_nics"):
        yield f"the plan gives it {count} cards; {size.name} takes {size.max_nics}"


@rule(
    "zone-not-offered",
    "critical",
    "The size asked for is not offered in the zone asked for",
    "Choose another zone or size (`az vm list-skus --zone`), or no zone.",
)
def _no_zone(case: MachineCase) -> Iterator[str]:
    zone = zone_of(case.plan.target, case.machine.target)
    size = size_of(case, case.size) if case.size and zone else None
    if size and zone not in known(size.zones, "sizes.zones"):
        yield f"{size.name} is offered in {', '.join(size.zones or ()) or 'no zone'} of {case.plan.target.region}"


@rule(
    "premium-not-possible",
    "critical",
    "The size asked for takes no premium disks",
    "Choose a size with an s in its name (Standard_D2s_v5), or another type of disk.",
)
def _no_premium(case: MachineCase) -> Iterator[str]:
    own = case.machine.target
    types = {own.disk_type or case.plan.target.disk_type, *(disk.type for disk in own.disks if not disk.leave_out)}
    wanted = sorted(one for one in types if one.startswith("Premium"))
    size = size_of(case, case.size) if case.size and wanted else None
    if size and not known(size.premium, "sizes.premium"):
        yield f"{size.name} takes no {', '.join(wanted)}"
