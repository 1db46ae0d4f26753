"""Hyper-V: hosts are described in one way, and a planned failover has no other point than the last change."""

from collections.abc import Iterator
from datetime import datetime

from shared.plan.model import Plan
from shared.plan.pointers import pointer
from shared.plan.road_sections import sections
from shared.problems import Fault

SCENARIO = "hyperv-to-azure"


def hosts_are_described(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """Hosts are in a site, or under a VMM server, which brings them itself."""
    for section in sections(plan):
        source = section.plan.source.hyperv
        if section.plan.scenario != SCENARIO or source is None:
            continue
        if bool(source.site) == (source.vmm is not None):
            message = f"needs exactly one of site, vmm; it has {'both' if source.site else 'none'}"
            yield Fault(pointer=section.pointer("source", "hyperv"), message=message)
        elif source.vmm is not None and source.hosts:
            message = "are hosts without VMM; a VMM server brings its own"
            yield Fault(pointer=section.pointer("source", "hyperv", "hosts"), message=message)


def planned_failovers_take_the_last_change(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """A planned failover sends the last changes first: an earlier point needs an unplanned one."""
    for i, wave in enumerate(plan.waves):
        cutover = wave.cutover
        if (wave.scenario or plan.scenario) != SCENARIO or cutover.failover != "planned":
            continue
        if cutover.recovery_point != "latest":
            message = "is possible with `failover: unplanned` only: a planned failover loses nothing"
            yield Fault(pointer=pointer(("waves", i, "cutover", "recoveryPoint")), message=message)
