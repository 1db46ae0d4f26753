"""Set target: what enabling could not say yet, because only a protected machine has cards and disks with ids.

Site Recovery is asked for a change only where it tells something else than the plan wants.
"""

from activities.flow.job_submission import adopt, earlier, has_ended, submit_once
from activities.flow.protected_item import item_ref
from activities.flow.retry_phase import not_protected
from shared.contracts.contracts import SET_TARGET
from shared.contracts.requests import Poll, Submitted
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines, migrations
from shared.ledger.machine_context import MachineContext, machine_context
from shared.problems import Refused
from shared.roads.registry import road_of
from shared.roads.target_placement import cards_of, in_subnets, renamed_disks
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
    if machine.row.retarget:
        return _tell_anew(poll, machine.row.retarget)
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
    return _update(poll, machine, item, f"what {poll.machine} becomes in Azure is changed: {', '.join(differing)}")


def _update(poll: Poll, machine: MachineContext, item: Item, text: str) -> Submitted:
    events.write(poll, "target-differs", text)
    provider, target = road_of(machine.plan).provider, wanted(machine, item)
    return submit_once(
        poll, machine, "update", lambda request: update_item(machine.vault, item.ref, provider, target, request)
    )


def _tell_anew(poll: Poll, version: int) -> Submitted:
    """Tell what a change of the plan made of a machine, all of it and once in a round; then read back what it became.

    What Site Recovery does not show, such as tags, counts as told when its job ended well. Raises `Refused` where it
    shows something else afterwards.
    """
    migrations.refreshed(poll.migration)
    machine = machine_context(poll)
    if not has_ended(poll, machine, "update") and (before := earlier(poll, machine, "update")):
        return before.replace(more=True)
    item = get_item(machine.vault, item_ref(machine))
    if item is None:
        raise not_protected(poll)
    if following := adopt(poll, machine, item, UPDATE):
        return following.replace(more=True)
    if not has_ended(poll, machine, "update"):
        text = f"what {poll.machine} becomes in Azure is changed: version {version} of the plan says so"
        submitted = _update(poll, machine, item, text)
        if submitted.job:
            return submitted.replace(more=True)
        item = get_item(machine.vault, item.ref) or item  # it was done at once
    _read_back(poll, machine, item)
    return Submitted()


def _read_back(poll: Poll, machine: MachineContext, item: Item) -> None:
    """Write down that Site Recovery shows what the plan wants. Raises `Refused` where it does not."""
    if differing := differences(wanted(machine, item), item):
        raise Refused(
            f"Site Recovery took the change of {poll.machine} and shows something else: {', '.join(differing)}",
            id="target-not-taken",
            title="Site Recovery shows another target than it was told",
            advice="Look at the item's compute and network settings in the portal, then retry the machine.",
        )
    text = f"Site Recovery shows what {poll.machine} becomes in Azure, as the plan says now"
    events.write(poll, "target-told", text)
    machines.change(poll, lambda row: row.retarget == machine.row.retarget, retarget=0)


def may_differ(machine: MachineContext) -> bool:
    """Tell whether enabling did not say it all: of cards and names of disks, or because somebody else enabled it."""
    own, at_enabling = machine.entry.target, road_of(machine.plan).names_at_enabling
    special = own.cards or any(each.name for each in own.disks)
    return bool(special or machine.row.evidence.adopted or machine.row.retarget) or not at_enabling


def wanted(machine: MachineContext, item: Item) -> ReplicationTarget:
    """Give the whole target, with the cards and disks as this item knows them."""
    entry, seen = machine.entry, item.replication
    cards, disks = cards_of(machine.plan, entry, seen.cards), renamed_disks(entry, seen.disks)
    target = target_of_machine(machine)
    cards = cards or road_of(machine.plan).unsaid_cards(target, seen.cards)
    if machine.row.retarget and not cards:  # its subnets may have been changed
        cards = in_subnets(target, seen.cards)
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
