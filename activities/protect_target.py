"""Protect target: the migrated machine handed over to disaster recovery in another region, where the plan asks for it.

The machine is a VM of Azure by now, and its plan the road onward (shared/plan/protection_plan.py): what prepares, enables and watches
a migration between Azure regions does it here, too. A failure never touches the migration: the machine stays finalized.
"""

from collections.abc import Iterator

from activities.flow.interruption import raise_if_stopped
from activities.flow.job_submission import adopt, earlier, submit_once
from activities.flow.phase_exit import fail
from activities.flow.protected_item import FAILED, asked_of, item_ref, remove_failed
from activities.flow.wanted_protection import wanted
from activities.initial_sync import poll_sync
from shared.contracts.contracts import (
    LIST_PROTECTIONS,
    POLL_TARGET_PROTECTION,
    REFUSE_PROTECTION,
    START_TARGET_PROTECTION,
)
from shared.contracts.requests import PhaseExit, Poll, PollResult, Submitted
from shared.contracts.rounds import Member, Members
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines
from shared.ledger.evidence import Evidence, TargetProtection
from shared.ledger.machine_context import MachineContext, machine_context
from shared.models import Done, Scope
from shared.plan.protection import ProtectTarget
from shared.problems import Refused
from shared.roads.registry import road_of
from shared.scheduling.patience import AN_HOUR
from shared.site_recovery.items import enable, get_item
from shared.sources.azure.source_adapter import facts_at, source_of
from shared.states import MachineState

bp = Blueprint()


@serves(bp, LIST_PROTECTIONS)
def list_protections(scope: Scope) -> Members:
    """Give one machine for each protection of a wave's finalized machines: what they share is made ready through it."""
    first: dict[ProtectTarget, str] = {}
    for name, protection in _asking(scope):
        first.setdefault(protection, name)
    return Members(members=tuple(Member(name=name) for name in first.values()))


def _asking(scope: Scope) -> Iterator[tuple[str, ProtectTarget]]:
    """Give the wave's machines of this round whose migration is complete, with where they are to be protected to."""
    for row in machines.list(scope.migration, wave=scope.wave, states={MachineState.FINALIZED}):
        protection = wanted(scope.replace(machine=row.name)) if row.round == scope.round else None
        if protection is not None:
            yield row.name, protection


@serves(bp, REFUSE_PROTECTION)
def refuse_protection(leaving: PhaseExit) -> Done:
    """Write down with each machine of a protection why it cannot be had; their migration stays complete."""
    if leaving.problem is None:
        return Done()
    refused = wanted(leaving)
    for name, protection in _asking(leaving):
        if protection == refused:
            fail(leaving.replace(machine=name), leaving.problem)
    return Done()


@serves(bp, START_TARGET_PROTECTION)
def start_target_protection(poll: Poll) -> Submitted:
    """Enable replication of the migrated VM, unless it is so already; an item whose enabling failed is removed first."""
    raise_if_stopped(poll)
    if wanted(poll) is None:
        return Submitted()
    machine = machine_context(poll)
    if before := earlier(poll, machine, "protect"):
        return before
    ref = item_ref(machine)
    item = get_item(machine.vault, ref)
    if item is not None:
        machines.change(poll, item_id=ref.id(machine.vault))
        if item.protection_state in FAILED:
            return remove_failed(poll, machine, item)
        return adopt(poll, machine, item, "EnableProtection") or Submitted()
    enabling, provider = asked_of(_as_it_is(machine)), road_of(machine.plan).provider
    machines.change(poll, item_id=ref.id(machine.vault))
    return submit_once(
        poll, machine, "protect", lambda request: enable(machine.vault, ref, provider, enabling, request)
    )


def _as_it_is(machine: MachineContext) -> MachineContext:
    """Give the machine with the facts of its VM in Azure. Raises `Refused` where that cannot be replicated."""
    vm, name = machine.row.target_vm_id, machine.row.name
    facts = facts_at(source_of(machine.plan), vm)
    if facts is None:
        raise Refused(
            f"{name} does not show in {source_of(machine.plan).region}: {vm}",
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
    row = machine.row.replace(source=facts, source_id=vm)
    return MachineContext(plan=machine.plan, wave=machine.wave, entry=machine.entry, row=row, vault=machine.vault)


@serves(bp, POLL_TARGET_PROTECTION)
def poll_target_protection(poll: Poll) -> PollResult:
    """Settle when the VM is protected and has a recovery point, or when its protection was left out."""
    if wanted(poll) is None:
        return PollResult(settled=True)
    seen = poll_sync(poll)
    if not seen.settled:
        # a person may leave the protection out meanwhile
        return seen.replace(patience=min(seen.patience, AN_HOUR))
    machine = machine_context(poll)
    region, vault = machine.plan.target.region, machine.vault
    protection = TargetProtection(region=region, vault=vault.id, item=machine.row.item_id)
    machines.change(poll, evidence=Evidence(protection=protection))
    events.write(poll, "target-protected", f"{poll.machine} is protected to {region} by the vault {vault.name}")
    return seen
