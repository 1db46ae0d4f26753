"""Where a machine is placed in Azure, and what its disks and cards become there: names of the plan made ARM ids."""

from collections.abc import Sequence

from shared.plan.details import DiskTarget as WantedDisk
from shared.plan.details import NicTarget
from shared.plan.machines import Machine
from shared.plan.model import Plan
from shared.plan.named import DETAILS, ENCRYPTION_SET, SECURITY_GROUP, arm_id, detail_of
from shared.plan.target import KEEP, zone_of
from shared.problems import Refused
from shared.site_recovery.provider import Card, DiskPlacement, ReplicatedDisk, ReplicatedNic, ReplicationTarget
from shared.site_recovery.servers import KnownDisk


def placement_of(plan: Plan, entry: Machine) -> dict[str, str]:
    """Give the fields of a `Target` that place the VM; a machine's own zone or set takes the place of the plan's other."""
    details = {field: (kind, detail_of(plan, entry, field)[0]) for field, kind in DETAILS.items()}
    ids = {f"{field}_id": arm_id(plan, entry, kind, value) for field, (kind, value) in details.items()}
    return {"availability_zone": zone_of(plan.target, entry.target), **ids}


def disks_of(plan: Plan, entry: Machine, known: Sequence[KnownDisk]) -> tuple[DiskPlacement, ...]:
    """Give all disks of the machine, those of the plan as it says; none where the plan tells none apart.

    Raises `Refused` for a disk that the machine does not have.
    """
    wanted = entry.target.disks
    if not wanted or not known:
        return ()
    for disk_target in wanted:
        if not any(is_disk(disk_target, each.id, each.name) for each in known):
            raise _missing("disk", entry.name, disk_target.disk, [each.name or each.id for each in known])
    return tuple(_disk(plan, entry, each) for each in known)


def _disk(plan: Plan, entry: Machine, known: KnownDisk) -> DiskPlacement:
    disk_target = next((each for each in entry.target.disks if is_disk(each, known.id, known.name)), None)
    if disk_target is None:
        return DiskPlacement(disk_id=known.id)
    return DiskPlacement(
        disk_id=known.id,
        os_disk=disk_target.os_disk,
        left_out=disk_target.leave_out,
        name=disk_target.name,
        disk_type=disk_target.type,
        encryption_set_id=arm_id(plan, entry, ENCRYPTION_SET, disk_target.encryption_set),
    )


def is_disk(wanted: WantedDisk, known_id: str, name: str) -> bool:
    """Tell whether the plan means this disk, by its id (with or without braces) or by its name."""
    wanted_id = wanted.disk.strip("{}").lower()
    return wanted_id in (known_id.strip("{}").lower(), name.lower())


def renamed_disks(entry: Machine, disks: Sequence[ReplicatedDisk]) -> tuple[DiskPlacement, ...]:
    """Give the disks whose managed disk shall have another name than Site Recovery tells, in whichever provider's field."""
    named = [each for each in entry.target.disks if each.name and not each.leave_out]
    pairs = ((each, disk) for each in named for disk in disks if is_disk(each, disk.disk_id, disk.disk_name))
    return tuple(
        DiskPlacement(disk_id=disk.disk_id, name=disk_target.name)
        for disk_target, disk in pairs
        if disk_target.name.lower() != disk.custom_target_disk_name.lower()
    )


def cards_of(plan: Plan, entry: Machine, cards: Sequence[Card]) -> tuple[ReplicatedNic, ...]:
    """Give all cards as they shall be: those of the plan as it says, the others as they are; none where it says nothing.

    The plan's first card is the primary one. Raises `Refused` for a card that the machine does not have.
    """
    wanted, ours = entry.target.cards, dict[str, ReplicatedNic]()
    for number, card_target in enumerate(wanted):
        card = _meant(card_target, number, cards)
        if card is None:
            raise _missing(
                "network card",
                entry.name,
                card_target.source_ip or f"no. {number + 1}",
                [each.source_ip for each in cards],
            )
        ours[card.nic_id] = _card(plan, entry, card_target, card).replace(primary=number == 0)
    others = {card.nic_id: ReplicatedNic.model_validate(card.model_dump()).replace(primary=False) for card in cards}
    return tuple((others | ours).values()) if wanted else ()


def in_subnets(target: ReplicationTarget, cards: Sequence[Card]) -> tuple[ReplicatedNic, ...]:
    """Give all cards as they are, the first in the target's subnets."""
    as_they_are = [
        ReplicatedNic.model_validate({name: getattr(card, name) for name in ReplicatedNic.model_fields})
        for card in cards
    ]
    first = [card.replace(subnet=target.subnet, test_subnet=target.test_subnet) for card in as_they_are[:1]]
    return (*first, *as_they_are[1:])


def _meant(wanted: NicTarget, number: int, cards: Sequence[Card]) -> Card | None:
    """Give the card with the address that the plan names, or the one at the same place."""
    if wanted.source_ip:
        return next((card for card in cards if card.source_ip == wanted.source_ip), None)
    return cards[number] if number < len(cards) else None


def _card(plan: Plan, entry: Machine, wanted: NicTarget, card: Card) -> ReplicatedNic:
    own, network = entry.target, plan.target.network
    if wanted.private_ip == KEEP and not card.source_ip:
        raise _no_address(entry.name)
    guards = {name: arm_id(plan, entry, SECURITY_GROUP, value) for name, value in _guards(wanted)}
    return ReplicatedNic(
        nic_id=card.nic_id,
        left_out=wanted.leave_out,
        name=wanted.name or card.name,
        subnet=wanted.subnet or own.subnet or network.subnet,
        ip=card.source_ip if wanted.private_ip == KEEP else wanted.private_ip,
        test_subnet=wanted.test_subnet or own.test_subnet or network.test_subnet,
        test_ip=wanted.test_private_ip,
        as_read=card.as_read,
    ).replace(**guards)


def _guards(card: NicTarget) -> tuple[tuple[str, str], ...]:
    return ("security_group_id", card.security_group), ("test_security_group_id", card.test_security_group)


def _no_address(machine: str) -> Refused:
    return Refused(
        f"the plan keeps the address of {machine}, and neither its source nor Site Recovery tells it",
        id="kept-address-not-known",
        title="The address to keep is not known",
        advice="Say it in a new plan (target: {privateIp: …}); replication of the machine is taken over by it.",
    )


def _missing(what: str, machine: str, text: str, known: Sequence[str]) -> Refused:
    return Refused(
        f"{machine} has no {what} {text}; Site Recovery knows {', '.join(known) or 'none'}",
        id="no-such-part",
        title="The plan names a part that the machine does not have",
        advice="Correct it in a new plan; replication of the machine, if it has begun, is taken over by it.",
    )
