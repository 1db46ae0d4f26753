"""Whether the VM that a failover made is what plan and source say; what differs stands with the machine's concerns."""

from activities.facts.reassessment import refused
from activities.verification.boot_evidence import scripts_left_undone
from shared.azure import network
from shared.azure.compute import Vm
from shared.concerns.arrivals import Arrived, Expected, VmCase
from shared.concerns.judge import VM_CONCERNS, judged_vm, said_in
from shared.concerns.source_facts import SourceFacts
from shared.coordination import operator_intents
from shared.ledger import events, machines
from shared.ledger.machine_context import MachineContext
from shared.models import Scope
from shared.plan.rules.tags import together
from shared.plan.target import KEEP
from shared.problems import CloudRefused
from shared.roads.azure_regions_size import kept_size
from shared.roads.registry import road_of
from shared.roads.target_spec import target_of


def check_arrival(scope: Scope, machine: MachineContext, vm: Vm) -> None:
    """Keep what differs as concerns. Raises `Refused` where a critical one was not acknowledged."""
    expected = expected_of(machine)
    failed = scripts_left_undone(machine)
    case = VmCase(machine.plan, machine.row.name, expected, _arrived(vm, expected.cards), failed)
    found, unjudged = judged_vm(case, (*said_in(machine.plan), *operator_intents.accepted(scope.migration)))
    others = tuple(each for each in machine.row.concerns if each.id not in VM_CONCERNS)
    kept = {rule: fact for rule, fact in machine.row.unjudged.items() if rule not in VM_CONCERNS}
    for concern in found:
        if concern not in machine.row.concerns:  # another try finds the same
            events.write(scope, concern.id, f"{concern.title}: {concern.evidence}")
    machines.change(scope, concerns=(*others, *found), unjudged=kept | unjudged)
    if blocking := [each for each in found if each.blocks]:
        raise refused(scope, blocking, machine.row.name)


def expected_of(machine: MachineContext) -> Expected:
    """Give what the plan says of the VM and, where it says nothing, what its source had."""
    plan, entry = machine.plan, machine.entry
    target, facts = target_of(plan, entry), machine.row.source
    cards = [card for card in entry.target.cards if not card.leave_out]
    subnet = (cards[0].subnet if cards else "") or target.subnet
    known = target.network_id and not road_of(plan).maps_networks(plan)
    tags = together(facts.tags or {} if road_of(plan).keeps_tags else {}, target.tags)
    return Expected(
        size=target.vm_size or kept_size(machine),
        subnet_id=f"{target.network_id}/subnets/{subnet}" if known and subnet else "",
        addresses=tuple(card.private_ip for card in cards if card.private_ip not in ("", KEEP)),
        cards=max(1, len(cards)),
        disks=_disks(machine, facts),
        zone=target.availability_zone,
        availability_set_id=target.availability_set_id,
        tags=tags,
    )


def _disks(machine: MachineContext, facts: SourceFacts) -> int | None:
    """Count the disks that were to be replicated; those local to their host cannot be."""
    if facts.disks is None:
        return None
    left_out = sum(each.leave_out for each in machine.entry.target.disks)
    return sum(not disk.instance_store for disk in facts.disks) - left_out


def _arrived(vm: Vm, cards: int) -> Arrived:
    """Read what the VM is; of its cards the first only, unless the plan speaks of several."""
    read = [_card(each) for each in vm.nic_ids[: None if cards > 1 else 1]]
    known = [each for each in read if each is not None]
    return Arrived(
        size=vm.size,
        subnet_id=known[0].subnet_id if known else None,
        addresses=tuple(ip for each in known for ip in each.private_ips) if known else None,
        cards=len(vm.nic_ids),
        disks=len(vm.disk_ids),
        zone=vm.zone,
        availability_set_id=vm.availability_set_id,
        tags=vm.tags,
    )


def _card(arm_id: str) -> network.NetworkInterface | None:
    """Read a card; None where Azure does not show it to us."""
    try:
        return network.get_nic(arm_id)
    except CloudRefused:
        return None
