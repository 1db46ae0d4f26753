"""Rules about what the plan says of a machine's details: its size must be able to carry them."""

from collections.abc import Iterator

from shared.concerns.registry import MachineCase, rule
from shared.concerns.rules.targets import misfits_of


@rule(
    "too-many-cards-for-size",
    "critical",
    "Its size in Azure cannot have so many network cards",
    "Choose a larger size, or leave cards out (`leaveOut: true`).",
)
def _too_many_cards(case: MachineCase) -> Iterator[str]:
    yield from misfits_of(case, "cards")


@rule(
    "zone-not-offered",
    "critical",
    "The size asked for is not offered in the zone asked for",
    "Choose another zone or size (`az vm list-skus --zone`), or no zone; a zone that is closed to the subscription is opened by "
    "Azure support.",
)
def _no_zone(case: MachineCase) -> Iterator[str]:
    yield from misfits_of(case, "zone")


@rule(
    "premium-not-possible",
    "critical",
    "The size asked for takes no premium disks",
    "Choose a size with an s in its name (Standard_D2s_v5), or another type of disk.",
)
def _no_premium(case: MachineCase) -> Iterator[str]:
    yield from misfits_of(case, "premium")


@rule(
    "size-of-other-processor",
    "critical",
    "The size asked for has processors that the machine's system does not run on",
    "Choose a size without a p among the letters behind its number (Standard_D2s_v5, not Standard_D2ps_v5).",
)
def _other_processor(case: MachineCase) -> Iterator[str]:
    yield from misfits_of(case, "processor")


@rule(
    "size-of-other-generation",
    "critical",
    "The size asked for does not take VMs of the machine's generation",
    "A machine that boots with UEFI becomes a VM of generation 2, one that boots with BIOS one of generation 1: choose a size "
    "that takes it (`az vm list-skus`, HyperVGenerations).",
)
def _other_generation(case: MachineCase) -> Iterator[str]:
    yield from misfits_of(case, "generation")
