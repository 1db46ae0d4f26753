"""Protect target: the migrated machine handed over to disaster recovery in another region, where the plan asks for it.

The machine is a VM of Azure by now, and its plan the road onward (shared/plan/onward.py): what prepares, enables and watches
a migration between Azure regions does it here, too. A failure never touches the migration: the machine stays finalized.
"""

from collections.abc import Iterator

from activities.enable_replication import FAILED, asked_of, item_ref, remove_failed
from activities.initial_sync import look_sync
from activities.interrupting import strike
from activities.judging import wire
from activities.planned import Planned, planned
from activities.set_replication_policy import provider_of
from activities.submitting import adopt, earlier, submit_once
from activities.test_failover import is_skipped
from activities.walking import fail
from shared import plans
from shared.contracts import LIST_PROTECTIONS, LOOK_TARGET_PROTECTION, REFUSE_PROTECTION, START_TARGET_PROTECTION
from shared.durable import Blueprint, serves
from shared.ledger import events, machines
from shared.models import Done, Place
from shared.plan.onward import ONWARD
from shared.plan.protection import ProtectTarget
from shared.problems import Refused
from shared.requests import Leaving, Look, Member, Members, Seen, Submitted
from shared.site_recovery.items import enable, get_item
from shared.sources.azure.side import facts_at, source_of
from shared.states import MachineState

bp = Blueprint()

AN_HOUR = 3_600  # seconds between looks that nobody asked for: a person may leave the protection out meanwhile


def wanted(place: Place) -> ProtectTarget | None:
    """Give where the machine of a place is to be protected to; None where nobody asks for it, or somebody left it out."""
    return None if is_skipped(place, ONWARD) else plans.protection_at(place)


@serves(bp, LIST_PROTECTIONS)
def list_protections(place: Place) -> Members:
    """Give one machine for each protection of a wave's finalized machines: what they share is made ready through it."""
    first: dict[ProtectTarget, str] = {}
    for name, asked in _asking(place):
        first.setdefault(asked, name)
    return Members(members=tuple(Member(name=name) for name in first.values()))


def _asking(place: Place) -> Iterator[tuple[str, ProtectTarget]]:
    """Give the wave's machines of this round whose migration is complete, with where they are to be protected to."""
    for row in machines.list(place.migration, wave=place.wave, states={MachineState.FINALIZED}):
        asked = wanted(place.but(machine=row.name)) if row.round == place.round else None
        if asked is not None:
            yield row.name, asked


@serves(bp, REFUSE_PROTECTION)
def refuse_protection(leaving: Leaving) -> Done:
    """Write down with each machine of a protection why it cannot be had; their migration stays complete."""
    if leaving.problem is None:
        return Done()
    refused = wanted(leaving)
    for name, asked in _asking(leaving):
        if asked == refused:
            fail(leaving.but(machine=name), leaving.problem)
    return Done()


@serves(bp, START_TARGET_PROTECTION)
def start_target_protection(look: Look) -> Submitted:
    """Enable replication of the migrated VM, unless it is so already; an item whose enabling failed is removed first."""
    strike(look)
    if wanted(look) is None:
        return Submitted()
    machine = planned(look)
    if before := earlier(look, machine, "protect"):
        return before
    ref = item_ref(machine)
    item = get_item(machine.vault, ref)
    if item is not None:
        machines.change(look, item_id=ref.id(machine.vault))
        if item.protection_state in FAILED:
            return remove_failed(look, machine, item)
        return adopt(look, machine, item, "EnableProtection") or Submitted()
    asked, provider = asked_of(_as_it_is(machine)), provider_of(machine.plan)
    machines.change(look, item_id=ref.id(machine.vault))
    return submit_once(look, machine, "protect", lambda request: enable(machine.vault, ref, provider, asked, request))


def _as_it_is(machine: Planned) -> Planned:
    """Give the machine with the facts of its VM in Azure. Raises `Refused` where that cannot be replicated."""
    vm, name = machine.row.target_vm_id, machine.row.name
    facts = facts_at(source_of(machine.plan), vm)
    if facts is None:
        raise Refused(
            f"{name} does not show in {machine.plan.source.azure.region if machine.plan.source.azure else 'Azure'}: {vm}",
            id="migrated-vm-missing",
            title="The migrated machine is not where it was",
            advice="Somebody deleted or moved it: protect it by hand, or leave its protection out (skip).",
        )
    if facts.ssm_online is False:
        raise Refused(
            f"the VM agent of {name} does not answer, and Site Recovery installs its extension through it",
            id="vm-agent-silent",
            title="The migrated machine has no VM agent that answers",
            advice="Install or start the VM agent, take the Mobility service of the migration off, then retry.",
        )
    if facts.ineligible:
        raise Refused(
            f"Site Recovery would not replicate {name}: {'; '.join(facts.ineligible)}",
            id="not-eligible",
            title="The migrated machine cannot be protected as it is",
            advice="Mend what is named, then retry; or leave its protection out (skip).",
        )
    row = machine.row.but(source=wire(facts), source_id=vm)
    return Planned(plan=machine.plan, wave=machine.wave, entry=machine.entry, row=row, vault=machine.vault)


@serves(bp, LOOK_TARGET_PROTECTION)
def look_target_protection(look: Look) -> Seen:
    """Settle when the VM is protected and has a recovery point, or when its protection was left out."""
    if wanted(look) is None:
        return Seen(settled=True)
    seen = look_sync(look)
    if not seen.settled:
        return seen.but(patience=min(seen.patience, AN_HOUR))
    machine = planned(look)
    region, vault = machine.plan.target.region, machine.vault
    told = {"region": region, "vault": vault.id, "item": machine.row.item_id}
    machines.change(look, evidence={"protection": told})
    events.write(look, "target-protected", f"{look.machine} is protected to {region} by the vault {vault.name}")
    return seen
