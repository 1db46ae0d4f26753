"""Approval: which machines of a wave may cut over, as people decide or the plan says, cut into cohorts."""

from collections.abc import Sequence
from datetime import timedelta

from activities.flow.interruption import raise_if_stopped
from activities.flow.wait_rows import arm, disarm, gate_watch
from activities.gates.announcement import tell_expired
from activities.gates.approval_gate import wait_at_gate
from activities.gates.automatic_cutover import by_plan
from activities.gates.expiry import next_look, remind
from activities.gates.gate_facts import tell_at_gate
from shared.contracts.cohorts import ApprovalPoll, Cohorts
from shared.contracts.contracts import POLL_APPROVAL
from shared.contracts.requests import scoped_as
from shared.contracts.rounds import Member
from shared.coordination import gates
from shared.coordination.decision import Decision, Verdict
from shared.coordination.gate_decisions import overdue
from shared.coordination.gate_row import GateRow
from shared.coordination.waits import WaitKind
from shared.decisions import door
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines, migrations, plans
from shared.ledger.machine_row import MachineRow
from shared.models import Scope
from shared.problems import Refused
from shared.reporting import release_commands
from shared.scheduling.cohorts import LARGEST, split
from shared.scheduling.patience import A_DAY
from shared.settings import settings
from shared.states import MachineState

bp = Blueprint()

A_LOOK = 3_600  # while others still prepare: `leave` lets them wait at the gate, this catches what it lost
AN_EXACT_LOOK = 7_200  # the same where a gate expires, whose looks do not grow rarer: a week of them is a small history


@serves(bp, POLL_APPROVAL)
def poll_approval(request: ApprovalPoll) -> Cohorts:
    """Give the cohorts that were approved since `taken`; settled when no more can come.

    `taken` counts what was handed out: first the machines of a retry that were approved before, then each decision.
    """
    raise_if_stopped(request)
    migrations.refreshed(request.migration)  # a change of the plan wakes who waits here
    if request.taken == 0 and request.straight:
        return _split(request, request.straight).replace(taken=1, patience=1)
    taken = max(request.taken, 1)
    ready = _ready(request)
    by_plan_only = plans.plan_at(request).wave(request.wave).gates.cutover == "auto"
    seen = _by_plan(request, taken, ready) if by_plan_only else _by_people(request, taken, ready)
    if seen.settled:  # nothing more can come
        disarm(request, WaitKind.GATE, gate_watch(request.migration))
    return seen


def _ready(request: ApprovalPoll) -> list[MachineRow]:
    """Give the machines of this round that wait for their cutover, that no flow has, and that were not approved before."""
    rows = machines.list(request.migration, wave=request.wave, states={MachineState.READY_FOR_CUTOVER})
    straight = {member.name for member in request.straight}
    return [row for row in rows if row.round == request.round and not row.owner and row.name not in straight]


def _by_plan(request: ApprovalPoll, taken: int, ready: list[MachineRow]) -> Cohorts:
    """Without a gate machines go when the last one is ready, or as many as are when their window opens."""
    arm(request, WaitKind.GATE, gate_watch(request.migration), subject="cutover", text="the machines of the wave")
    going = by_plan(request, ready)
    if going.machines:
        door.by_plan(scoped_as(request, Scope), "cutover", [row.name for row in going.machines])
    sent = _split(request, _members(going.machines)).replace(
        taken=taken + bool(going.machines), settled=request.prepared
    )
    if sent.settled or going.opens_in is None:
        return sent.replace(patience=A_LOOK)
    return sent.replace(patience=going.opens_in, exact=True)


def _by_people(request: ApprovalPoll, taken: int, ready: list[MachineRow]) -> Cohorts:
    """Each decision at the gate makes cohorts; machines join the gate as they become ready.

    The gate is that of the wave, whatever the round: only who came to it in this round is looked at here.
    """
    arm(request, WaitKind.GATE, gate_watch(request.migration), subject="cutover", text="an approval")
    gate = _gate(request, ready)
    if gate is None:
        return Cohorts(taken=taken, settled=request.prepared, patience=A_LOOK)
    gate = _without_strangers(request, _expired(request, gate))
    remind(request, gate)
    batches = [(batch, batch.of_round(request.round)) for batch in gate.batches[taken - 1 :]]
    for batch, names in batches:
        if names:
            door.tell(request.migration, batch)
        if names and batch.is_no:
            _reject(request, batch, names)
    approved = {name for batch, names in batches if not batch.is_no for name in names}
    # read again behind the gate: whoever became ready, and was approved, since we read first must not be passed over
    ready = _ready(request) if approved else []
    approved_now = _split(request, _members([row for row in ready if row.name in approved]))
    pending = gate.of_round(request.round)
    patience = next_look(gate, request.now) if gate.expires and pending else A_DAY
    exact = gate.expires is not None and bool(pending)
    patience = patience if request.prepared else min(patience, AN_EXACT_LOOK if exact else A_LOOK)
    settled = request.prepared and not pending
    if not approved:  # who is approved goes at once; what it goes into is read again before its source is touched
        patience = min(patience, tell_at_gate(request, gate))
    return approved_now.replace(taken=len(gate.batches) + 1, settled=settled, patience=patience, exact=exact)


def _gate(request: ApprovalPoll, ready: list[MachineRow]) -> GateRow | None:
    """Open the gate for those that are ready; None while nobody was yet."""
    gate = gates.get(request.migration, request.wave, "cutover")
    waiting = tuple(row.name for row in ready if gate is None or not _was_decided(request, gate, row.name))
    return wait_at_gate(scoped_as(request, Scope), waiting) if waiting else gate


def _was_decided(request: ApprovalPoll, gate: GateRow, machine: str) -> bool:
    """Tell whether a machine came to the gate in this round and was decided on."""
    return gate.ticket(machine)[0] == request.round and gate.decided(machine) is not None


def _without_strangers(request: ApprovalPoll, gate: GateRow) -> GateRow:
    """Let go of machines that another round took over, as a rollback does: nobody need decide about them here."""
    pending = gate.of_round(request.round)
    if not pending:
        return gate
    members = {row.name for row in machines.list(request.migration, wave=request.wave) if row.round == request.round}
    strangers = set(pending) - members
    return gates.withdraw(gate, strangers) if strangers else gate


def _expired(request: ApprovalPoll, gate: GateRow) -> GateRow:
    """Count as rejected whoever came in this round and was not decided on in time."""
    late = [name for name in overdue(gate, request.now) if gate.ticket(name)[0] == request.round]
    if not late:
        return gate
    tell_expired(request, gate, late)
    ends = min(end for name in late if (end := gate.waiting[name].expires))
    just_in_time = ends - timedelta(seconds=1)  # a decision after the expiry is not taken any more
    return door.expire(gate, Verdict.REJECT, late, just_in_time)


def _reject(request: ApprovalPoll, batch: Decision, names: Sequence[str]) -> None:
    """Stop rejected machines where a retry asks for their approval again; replication is kept."""
    problem = Refused(
        f"{batch.by} rejected the cutover: {batch.comment or 'no reason was given'}",
        id="cutover-rejected",
        title="The cutover was rejected",
        advice="Replication goes on. Retry the machine to ask for its approval again, or cancel it.",
    )
    for name in names:
        machines.change(
            _place(request, name),
            lambda row: row.state == MachineState.READY_FOR_CUTOVER and row.round == request.round,
            state=MachineState.FAILED,
            failed_in="approval",
            problem=problem.facts,
            waiting_for=problem.facts.advice,
            release=release_commands.retry(request.migration, name),
        )
    events.write(request, f"cutover-rejected-{names[0]}", str(problem), by=batch.by)


def _place(request: ApprovalPoll, machine: str) -> Scope:
    return scoped_as(request, Scope).replace(machine=machine)


def _members(rows: Sequence[MachineRow]) -> tuple[Member, ...]:
    return tuple(Member(name=row.name, boot_group=row.boot_group) for row in rows)


def _split(request: ApprovalPoll, members: Sequence[Member]) -> Cohorts:
    """Cut into cohorts that the limits can hold: they run side by side as slots become free."""
    size = min(plans.plan_at(request).limits.cutting_over, settings().max_cutting_over, LARGEST)
    rows = machines.list(request.migration, wave=request.wave) if len(members) > size else ()
    parts = split(members, {row.name: row.application for row in rows}, size)
    after = tuple(part.after for part in parts) if any(part.after for part in parts) else ()
    return Cohorts(cohorts=tuple(part.machines for part in parts), after=after)
