"""Set target: what enabling could not say yet, because only a protected machine has cards and disks with ids.

Site Recovery is asked for a change only where it tells something else than the plan wants.
"""

from activities.flow.job_submission import adopt, earlier, submit_once
from activities.flow.protected_item import item_ref
from activities.flow.retry_phase import not_protected
from shared.contracts.contracts import SET_TARGET
from shared.contracts.requests import Poll, Submitted
from shared.durable.seam import Blueprint, serves
from shared.ledger import events
from shared.ledger.machine_context import MachineContext, machine_context
from shared.roads.registry import road_of
from shared.roads.target_placement import cards_of, renamed_disks
from shared.roads.target_spec import target_of_machine
from shared.site_recovery.items import Item, get_item, update_item
from shared.site_recovery.provider import Card, ReplicatedNic, ReplicationTarget
from shared.site_recovery.wire import same_id

bp = Blueprint()

UPDATE = "UpdateVmProperties"
# What an item that this migration did not enable may have otherwise: the target's field and the item's.
TOLD = (
    ("vm_name", "target_vm_name"),
    ("vm_size", "target_vm_size"),
    ("resource_group_id", "target_resource_group_id"),
    ("network_id", "target_network_id"),
    ("test_network_id", "test_network_id"),
)


@serves(bp, SET_TARGET)
def set_target(poll: Poll) -> Submitted:
    """Change what differs; a machine of which the plan says nothing special, and that we enabled, costs no call."""
    machine = machine_context(poll)
    if not may_differ(machine):
        return Submitted()
    if before := earlier(poll, machine, "update"):
        return before
    item = get_item(machine.vault, item_ref(machine))
    if item is None:
        raise not_protected(poll)
    if following := adopt(poll, machine, item, UPDATE):
        return following
    target = wanted(machine, item)
    differing = differences(target, item)
    if not differing:
        return Submitted()
    events.write(poll, "target-differs", f"what {poll.machine} becomes in Azure is changed: {', '.join(differing)}")
    provider = road_of(machine.plan).provider
    return submit_once(
        poll, machine, "update", lambda request: update_item(machine.vault, item.ref, provider, target, request)
    )


def may_differ(machine: MachineContext) -> bool:
    """Tell whether enabling did not say it all: of cards and names of disks, or because somebody else enabled it."""
    own, at_enabling = machine.entry.target, road_of(machine.plan).names_at_enabling
    special = own.cards or any(each.name for each in own.disks)
    return bool(special or machine.row.evidence.adopted) or not at_enabling


def wanted(machine: MachineContext, item: Item) -> ReplicationTarget:
    """Give the whole target, with the cards and disks as this item knows them."""
    entry, seen = machine.entry, item.replication
    cards, disks = cards_of(machine.plan, entry, seen.cards), renamed_disks(entry, seen.disks)
    target = target_of_machine(machine)
    cards = cards or road_of(machine.plan).unsaid_cards(target, seen.cards)
    return target.replace(nics=cards, disks=disks)


def differences(target: ReplicationTarget, item: Item) -> list[str]:
    """Name what the item has otherwise; what it does not tell is taken to be as it was asked for."""
    seen = item.replication
    pairs = ((ours, getattr(target, ours), getattr(seen, theirs)) for ours, theirs in TOLD)
    fields = [name.replace("_", " ") for name, want, is_ in pairs if want and is_ and not same_id(want, is_)]
    fields += [f"network card {card.source_ip or card.nic_id}" for card in seen.cards if _differs(card, target.nics)]
    return fields + [f"disk {each.name}" for each in target.disks]


def _differs(card: Card, nics: tuple[ReplicatedNic, ...]) -> bool:
    ours = next((nic for nic in nics if nic.nic_id == card.nic_id), None)
    return ours is not None and ours != ReplicatedNic.model_validate(card.model_dump())
