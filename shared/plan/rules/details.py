"""Details of machines: what Azure cannot join, and what the road's provider cannot be told."""

from collections.abc import Iterator
from datetime import datetime

from shared.plan.choices import field_names
from shared.plan.machines import Machine
from shared.plan.model import Plan
from shared.plan.pointers import pointer
from shared.plan.road_sections import sections, seen_from
from shared.plan.rules.names import Firsts
from shared.plan.target import MachineTarget
from shared.plan.values import Part
from shared.problems import Fault

Path = tuple[str | int, ...]

# What the models of Site Recovery's SDK have a field for, by provider; what is not listed every provider takes.
# fmt: off
ABLE = {
    "sqlLicence":               ("InMageRcm", "InMageAzureV2", "HyperVReplicaAzure", "VMwareCbt"),
    "linuxLicence":             ("InMageRcm", "HyperVReplicaAzure", "VMwareCbt"),
    "osName":                   ("InMageRcm", "HyperVReplicaAzure", "VMwareCbt"),
    "capacityReservationGroup": ("InMageRcm", "HyperVReplicaAzure", "VMwareCbt", "A2A"),
    "bootDiagnosticsAccount":   ("InMageRcm", "VMwareCbt", "A2A"),
    "privateIp":                ("InMageRcm", "InMageAzureV2", "HyperVReplicaAzure", "VMwareCbt", "A2A"),
    "testPrivateIp":            ("InMageRcm", "InMageAzureV2", "HyperVReplicaAzure", "VMwareCbt", "A2A"),
    "nics":                     ("InMageRcm", "InMageAzureV2", "HyperVReplicaAzure", "VMwareCbt", "A2A"),
    "disks":                    ("InMageRcm", "InMageAzureV2", "VMwareCbt", "A2A"),
    "osDisk":                   ("VMwareCbt",),  # of a disk; the others are told
    "securityGroup":            ("InMageAzureV2", "HyperVReplicaAzure", "A2A"),
    "testSecurityGroup":        ("InMageAzureV2", "HyperVReplicaAzure", "A2A"),
    "leaveOut":                 ("InMageAzureV2", "A2A"),  # of a disk
}
# fmt: on
WHOLE = ("sqlLicence", "linuxLicence", "capacityReservationGroup", "bootDiagnosticsAccount")
OWN = (*WHOLE, "osName", "privateIp", "testPrivateIp", "nics", "disks")
INSTEAD = {
    "securityGroup": "; put the security group on the subnet",
    "testSecurityGroup": "; put the security group on the test subnet",
    "leaveOut": "; detach the disk, or let it be replicated",
}


def details_are_possible(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """Nothing is asked for that the road's provider has no field for, or that Azure refuses together."""
    for section in sections(plan):
        provider = section.plan.provider
        for name in _given(section.plan.target, (*WHOLE, "privateIp")):
            yield from _able(provider, name, section.pointer("target", name))
        if section.plan.target.availability_set and section.plan.target.zone:
            yield _not_both(section.pointer("target", "zone"))
    for i, wave in enumerate(plan.waves):
        provider = seen_from(plan, wave).provider
        for j, machine in enumerate(wave.machines):
            yield from _machine(provider, machine, ("waves", i, "machines", j, "target"))


def _machine(provider: str, machine: Machine, at: Path) -> Iterator[Fault]:
    target = machine.target
    for name in _given(target, OWN):
        yield from _able(provider, name, pointer((*at, name)))
    if target.availability_set and target.zone:
        yield _not_both(pointer((*at, "zone")))
    for name in ("privateIp", "testPrivateIp") if target.nics else ():
        if _value(target, name):
            yield Fault(pointer=pointer((*at, name)), message="is said by the first of nics")
    yield from _cards(provider, target, (*at, "nics"))
    yield from _disks(provider, target, (*at, "disks"))


def _cards(provider: str, target: MachineTarget, at: Path) -> Iterator[Fault]:
    first = Firsts()
    for number, card in enumerate(target.nics):
        for name in _given(card, ("securityGroup", "testSecurityGroup")):
            yield from _able(provider, name, pointer((*at, number, name)))
        if card.leave_out and number == 0:
            yield Fault(pointer=pointer((*at, number, "leaveOut")), message="the first card is the VM's primary card")
        for name in _given(card, ("privateIp", "testPrivateIp")) if card.leave_out else ():
            yield Fault(pointer=pointer((*at, number, name)), message="cannot be given to a card that is left out")
        if card.source_ip:
            yield from first.fault(f"the card {card.source_ip}", card.source_ip, (*at, number, "sourceIp"))


def _disks(provider: str, target: MachineTarget, at: Path) -> Iterator[Fault]:
    first = Firsts()
    for number, disk in enumerate(target.disks):
        yield from first.fault(f"the disk {disk.disk}", disk.disk.lower(), (*at, number, "disk"))
        if disk.os_disk:
            yield from _able(provider, "osDisk", pointer((*at, number, "osDisk")))
            yield from first.fault("the disk that the machine boots from", "osDisk", (*at, number, "osDisk"))
        if disk.leave_out and disk.os_disk:
            yield Fault(pointer=pointer((*at, number, "leaveOut")), message="the machine boots from this disk")
        if disk.leave_out:
            yield from _able(provider, "leaveOut", pointer((*at, number, "leaveOut")))


def _given(part: Part, names: tuple[str, ...]) -> Iterator[str]:
    return (name for name in names if _value(part, name))


def _value(part: Part, alias: str) -> object:
    """Give a field by the name that it has in a plan."""
    name = field_names(type(part)).get(alias)
    return getattr(part, name) if name else None


def _able(provider: str, name: str, where: str) -> Iterator[Fault]:
    if provider and provider not in ABLE[name]:
        yield Fault(pointer=where, message=f"cannot be told to Site Recovery for {provider}{INSTEAD.get(name, '')}")


def _not_both(where: str) -> Fault:
    return Fault(pointer=where, message="a VM is in an availability set or in a zone, not in both")
