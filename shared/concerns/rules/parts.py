"""Rules about the parts of a machine that its plan names, its cards and disks, and where it can be reached."""

from collections.abc import Iterator

from shared.concerns.registry import MachineCase, known, rule


@rule(
    "card-not-at-source",
    "critical",
    "The plan names a network card that the machine does not have",
    "Correct `nics` in a new plan: each names a card by its address at the source (`sourceIp`), or by its place in the list.",
)
def _no_card(case: MachineCase) -> Iterator[str]:
    wanted = case.machine.target.cards
    if not wanted:
        return
    cards = known(case.source.nics, "nics")
    addresses = [ip for card in cards for ip in (card.ip, *card.other_ips) if ip]
    has = f"it has {len(cards)} ({', '.join(addresses) or 'without an address'})"
    for number, card in enumerate(wanted, 1):
        if card.source_ip and card.source_ip not in addresses:
            yield f"no card has the address {card.source_ip}; {has}"
        elif not card.source_ip and number > len(cards):
            yield f"there is no card {number}; {has}"


@rule(
    "disk-not-at-source",
    "critical",
    "The plan names a disk that the machine does not have",
    "Correct `disks` in a new plan: each is named by its id or name as Site Recovery shows it.",
)
def _no_disk(case: MachineCase) -> Iterator[str]:
    wanted = case.machine.target.disks
    if not wanted:
        return
    disks = [disk for disk in known(case.source.disks, "disks") if not disk.instance_store]
    if all(disk.known_as for disk in disks):
        names = {name.strip("{}").lower() for disk in disks for name in disk.known_as}
        has = ", ".join(disk.known_as[-1] for disk in disks) or "none"
        missing = (each.disk for each in wanted if each.disk.strip("{}").lower() not in names)
        yield from (f"there is no disk {name}; it has {has}" for name in missing)
    elif len(wanted) > len(disks):  # their names show only once its replication server has seen it
        yield f"the plan names {len(wanted)} disks, it has {len(disks)}"


@rule(
    "running-without-address",
    "warning",
    "It runs, and nobody can tell its address",
    "See whether its network card is connected and, on a hypervisor, its guest tools run. Without an address nothing reaches it now: "
    "look whether it serves before it is moved.",
)
def _no_address(case: MachineCase) -> Iterator[str]:
    if known(case.source.state, "state") != "running" or case.source.private_ip:
        return
    cards = case.source.nics or ()
    if not any(card.ip for card in cards):
        yield (
            f"it runs, and none of its {len(cards)} cards shows an address" if cards else "it runs and shows no address"
        )
