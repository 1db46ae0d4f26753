"""Sources: the road exists, its source is described, and every machine is found in one way that the road knows."""

from collections.abc import Hashable, Iterator
from datetime import datetime
from ipaddress import AddressValueError, IPv4Address

from shared.plan.error_messages import quoted
from shared.plan.machines import SELECTORS, Selector
from shared.plan.model import Plan
from shared.plan.pointers import pointer
from shared.plan.road_sections import sections
from shared.plan.rules.names import Firsts
from shared.problems import Fault
from shared.roads.table import row_of

POSSIBLE = {
    "aws-to-azure": ("instanceId", "privateIp", "tags", "match"),
    "azure-to-azure": ("vmId", "name", "tags", "match"),
    "physical-to-azure": ("privateIp", "name", "vmId"),
    "vmware-to-azure": ("name", "privateIp", "vmId"),
    "hyperv-to-azure": ("vmId", "name"),
}
DESCRIBED = {
    "aws-to-azure": "aws",
    "azure-to-azure": "azure",
    "hyperv-to-azure": "hyperv",
}  # which part of `source` a scenario needs
TERMINATED = ("aws-to-azure", "azure-to-azure")
CLASSIC = "/microsoft.classiccompute/"


def ways_to_find(scenario: str) -> tuple[str, ...]:
    """Return how a scenario finds machines, the surest way first."""
    return POSSIBLE.get(scenario, SELECTORS)


def road_exists(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """Each scenario can be walked in its mode, by this version."""
    for section in sections(plan):
        scenario, mode = section.plan.scenario, section.plan.replication.mode
        found = row_of(scenario, mode)
        if found is None:
            message = f"{quoted(mode)} is not possible for {scenario}"
            yield Fault(pointer=section.pointer("replication", "mode"), message=message)
        elif not found.available:
            where = section.pointer("scenario") if mode == "appliance" else section.pointer("replication", "mode")
            yield Fault(pointer=where, message=f"{scenario} in mode {mode} is not available in this version")


def source_is_described(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """A source names at least its region; machines of an Azure region go to another one."""
    for section in sections(plan):
        scenario = section.plan.scenario
        part = DESCRIBED.get(scenario)
        if part is not None and getattr(section.plan.source, part) is None:
            yield Fault(pointer=section.pointer("source", part), message=f"is required for {scenario}")
        azure = section.plan.source.azure
        if scenario == "azure-to-azure" and azure is not None and azure.region == section.plan.target.region:
            message = f"{quoted(azure.region)} is the region of the source: choose another"
            yield Fault(pointer=section.pointer("target", "region"), message=message)


def only_what_is_kept_is_terminated(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """Sources are terminated at the end only where the app has power over them and keeps what is on their disks first."""
    others = sorted({section.plan.scenario for section in sections(plan)} - set(TERMINATED))
    if plan.finish.decommission.mode == "terminate" and others:
        message = f"terminate is possible for {' and '.join(TERMINATED)} only, and a wave goes {others[0]}; use keep"
        yield Fault(pointer="/finish/decommission/mode", message=message)


def selectors_fit(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """Each machine is selected in a way that the scenario knows, and only once."""
    first = Firsts()
    for i, wave in enumerate(plan.waves):
        scenario = wave.scenario or plan.scenario
        possible = ways_to_find(scenario)
        for j, machine in enumerate(wave.machines):
            place: tuple[str | int, ...] = ("waves", i, "machines", j, "source")
            kind, value = selected(machine.source)
            if kind and kind not in possible:
                message = f"is not possible for {scenario}; use {', '.join(possible)}"
                yield Fault(pointer=pointer((*place, kind)), message=message)
            if kind == "privateIp" and not is_address(machine.source.private_ip):
                yield Fault(
                    pointer=pointer((*place, kind)), message=f"{quoted(machine.source.private_ip)} is no address"
                )
            if CLASSIC in machine.source.vm_id.lower():
                message = "is a classic virtual machine; only those of Azure Resource Manager can be migrated"
                yield Fault(pointer=pointer((*place, kind)), message=message)
            yield from first.fault("the same source", (kind, value), (*place, kind), value)


def selected(source: Selector) -> tuple[str, Hashable]:
    """Give the kind of selector, and its value in a form that can be compared."""
    found: dict[str, Hashable] = {
        "instanceId": source.instance_id.lower(),
        "privateIp": source.private_ip,
        "tags": tuple(sorted(source.tags.items())),
        "vmId": source.vm_id.lower(),
        "name": source.name.lower(),
        "match": tuple(map(repr, source.match)),
    }
    return next(((kind, value) for kind, value in found.items() if value), ("", ""))


def is_address(text: str) -> bool:
    """Tell whether it is an IPv4 address."""
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True
