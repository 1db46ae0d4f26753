"""Keeping addresses: where a plan says `privateIp: keep`, the machine's address at its source takes the word's place."""

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address

from shared.concerns.source_facts import SourceFacts
from shared.plan.details import NicTarget
from shared.plan.machines import Machine
from shared.plan.model import Plan
from shared.plan.target import DYNAMIC, KEEP, MachineTarget, Target, address_said


def with_addresses(target: Target, machine: Machine, facts: SourceFacts) -> Machine:
    """Give the machine with the addresses that it asks for in place of `keep` and `dynamic`.

    An address that nobody tells stays `keep`: Site Recovery may show it once the machine replicates.
    """
    own, address = machine.target, address_said(target, machine.target)
    if address not in (KEEP, DYNAMIC) and not any(card.private_ip in (KEEP, DYNAMIC) for card in own.nics):
        return machine
    changed = _of_cards(own, address, facts) if own.nics else {"private_ip": _address(address, facts.private_ip)}
    return machine.model_copy(update={"target": own.model_copy(update=changed)})


def addresses_of(plan: Plan, machine: Machine) -> Iterator[tuple[str, str, str]]:
    """Give the network, the subnet and the address of each static address that a machine asks for; test copies' too."""
    own, network = machine.target, plan.target.network
    for card in own.cards:
        if card.private_ip not in ("", KEEP, DYNAMIC):
            yield network.vnet, card.subnet or own.subnet or network.subnet, card.private_ip
        if card.test_private_ip:
            yield network.test_vnet, card.test_subnet or own.test_subnet or network.test_subnet, card.test_private_ip


def _of_cards(own: MachineTarget, text: str, facts: SourceFacts) -> dict[str, object]:
    """Give what each card asks for: what it says itself, else what its machine or its plan says."""
    cards = tuple(
        card.model_copy(update={"private_ip": _address(_said_of(card, text), _source_of(card, number, facts))})
        for number, card in enumerate(own.nics)
    )
    return {"private_ip": "", "nics": cards}


def _said_of(card: NicTarget, text: str) -> str:
    return "" if card.leave_out else card.private_ip or text


def _source_of(card: NicTarget, number: int, facts: SourceFacts) -> str | None:
    """Give a card's address at the source: the one that the plan names it by, else that of the card at its place."""
    if card.source_ip:
        return card.source_ip
    cards = facts.nics or ()
    if number < len(cards):
        return cards[number].ip
    return facts.private_ip if number == 0 else None


def _address(text: str, at_source: str | None) -> str:
    if text == DYNAMIC:
        return ""
    return (_ipv4(at_source) or KEEP) if text == KEEP else text


def _ipv4(address: str | None) -> str:
    """Give an address as Azure takes it for a static one; empty where there is none (an IPv6 address is not taken)."""
    try:
        return str(IPv4Address(address or ""))
    except AddressValueError:
        return ""
