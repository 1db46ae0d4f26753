"""Commands that decide: approvals and confirmations at gates, cutover now, skips, acknowledgements.

Each is resolved to what waits, then judged, then written by the door; `Told` says what was decided and what now happens.
"""

from collections.abc import Collection, Sequence

from shared.concerns.judge import why_not_acknowledged
from shared.concerns.unjudged import UNKNOWN
from shared.coordination import gates
from shared.coordination.gate_decisions import here
from shared.coordination.gate_row import GateRow, Verdict
from shared.coordination.waits import WaitKind
from shared.decisions import door
from shared.decisions.judging import approved_by_nobody_else, explained, fits, lacking, permitted, permitted_role
from shared.decisions.kinds import KINDS
from shared.decisions.people import Role
from shared.decisions.resolving import Answer, DecisionTarget, resolve
from shared.decisions.round_rules import was_rolled_back
from shared.decisions.skipping import check_skip
from shared.decisions.steered import CommandOutcome, OperatorAction, Told, wake
from shared.ledger import machines, migrations
from shared.ledger.machine_row import MachineRow
from shared.ledger.plans import plan_of
from shared.models import Announcement
from shared.problems import NotAllowedNow, NotFound
from shared.states import MachineState

PASSED_BY_SKIPPING = ("test", "cutover")
A_RELEASE = (WaitKind.GATE, WaitKind.WINDOW, WaitKind.APPLIANCE, WaitKind.COMMAND)


def decide(migration: str, answer: Answer, action: OperatorAction) -> CommandOutcome:
    """Record a decision and wake who waits for it.

    Raises `NotAllowedNow` when nothing waits for it or several gates could be meant, `NotPermitted` when another person
    has to say it, `InvalidRequest` without a comment that is asked for.
    """
    row, plan = migrations.existing(migration), plan_of(migration)
    kind = fits(answer.gate, answer.decision)
    targets = resolve(migration, answer, [wave.name for wave in plan.waves], action.at)
    verb = answer.decision.value
    both = [permitted(row, plan, each, answer.decision, action) for each in targets]
    explained(plan, verb, action)
    told, passed = _recorded(migration, verb, answer.decision, targets, action, two=any(both))
    then = kind.refused if answer.decision == Verdict.REJECT else kind.passed
    return CommandOutcome(told=_then(told, then if passed else ""), announcements=_woken(migration))


def _recorded(
    migration: str, verb: str, verdict: Verdict, targets: Sequence[DecisionTarget], action: OperatorAction, *, two: bool
) -> tuple[Told, bool]:
    """Record what was said, and tell whether anybody passes by it: where two have to say it, the first word is only kept.

    Of two people who speak at the same moment one finds the other's word: the gates are read again behind our own.
    """
    if not two:
        return door.pass_gates(migration, verb, verdict, targets, action), True
    first = (DecisionTarget(gate=each.gate, machines=lacking(each.gate, each.machines, action)) for each in targets)
    alone = tuple(each for each in first if each.machines)
    seconded = door.second_gates(migration, verb, alone, action) if alone else None
    agreed = tuple(each for each in (_agreed(each, action) for each in targets) if each.machines)
    try:
        told = door.pass_gates(migration, verb, verdict, agreed, action) if agreed else None
    except NotAllowedNow:
        if seconded is None:
            raise
        told = None  # the other one found it, too, and let them pass
    if told and seconded and set(seconded.machines) - set(told.machines):
        told = told.replace(text=f"{told.text}; {seconded.text}")
    return told or seconded or Told(), told is not None


def _agreed(target: DecisionTarget, action: OperatorAction) -> DecisionTarget:
    """Give a gate as it stands now, with those of its machines that another person approved as well."""
    gate = target.gate
    now = gates.get(gate.migration, gate.wave, gate.name, gate.place) or gate
    alone = set(approved_by_nobody_else(now, target.machines, action))
    return DecisionTarget(gate=now, machines=tuple(name for name in target.machines if name not in alone))


def _then(message: Told, then: str) -> Told:
    return message.replace(text=f"{message.text}. What now happens: {then}") if then else message


def cut_over_now(migration: str, wave: str, names: Collection[str], action: OperatorAction) -> CommandOutcome:
    """Begin the cutover without waiting for the window: approves what waits for approval, and opens the window.

    Raises `NotAllowedNow` when no machine is ready for it, `NotPermitted` when another person has to say it.
    """
    row, plan = migrations.existing(migration), plan_of(migration)
    if wave not in {each.name for each in plan.waves}:
        raise NotFound(f"the plan has no wave {wave}")
    due = _due(migration, wave, names)
    gate = gates.get(migration, wave, "cutover") or GateRow(migration=migration, name="cutover", wave=wave, open=False)
    asks = set(here(gate, action.at))
    target = DecisionTarget(gate=gate, machines=tuple(each.name for each in due if each.name in asks))
    two = permitted(row, plan, target, Verdict.APPROVE, action)
    explained(plan, "cutover", action)
    told, passed = Told(), False
    if target.machines:
        told, passed = _recorded(migration, "cutover", Verdict.APPROVE, (target,), action, two=two)
        after = gates.get(migration, wave, "cutover") or gate
        due = [each for each in due if each.name not in after.pending]
    if due:
        told, passed = door.leave_out(migration, due, "await_window", action, verb="cutover"), True
    then = "they cut over as soon as a place is free" if passed else ""
    return CommandOutcome(told=_then(told, then), announcements=_woken(migration))


def _due(migration: str, wave: str, names: Collection[str]) -> list[MachineRow]:
    """Give the machines that can be cut over now. Raises `NotAllowedNow` for named ones that cannot, or when none can."""
    rows = {row.name: row for row in machines.list(migration, wave=wave)}
    ready = [row for row in rows.values() if _is_ready(row) or _asks_on_its_way(row)]
    wrong = sorted(set(names) - {row.name for row in ready})
    if wrong:
        stand = ", ".join(_stands(rows[name]) if name in rows else f"{name} is not in it" for name in wrong)
        raise NotAllowedNow(f"not ready for the cutover of wave {wave}: {stand}", advice="Possible in ReadyForCutover.")
    due = [row for row in ready if not names or row.name in names]
    if not due:
        raise NotAllowedNow(
            f"no machine of wave {wave} is ready for its cutover", advice="Possible in ReadyForCutover."
        )
    return due


def _is_ready(row: MachineRow) -> bool:
    return row.state == MachineState.READY_FOR_CUTOVER and not was_rolled_back(row)


def _stands(row: MachineRow) -> str:
    return f"{row.name} was rolled back and has to be retried" if was_rolled_back(row) else f"{row.name} is {row.state}"


def _asks_on_its_way(row: MachineRow) -> bool:
    """Tell whether a machine's own flow waits for a person: not one whose road is still being prepared."""
    return row.state == MachineState.AWAITING_USER_ACTION and bool(row.owner)


def skip(migration: str, machine: str, phase: str, action: OperatorAction) -> CommandOutcome:
    """Leave a phase of a machine out; who and why is kept.

    Raises `NotAllowedNow` for phases that cannot be left out, or lie behind the machine, and `NotPermitted`.
    """
    row, plan = migrations.existing(migration), plan_of(migration)
    found = machines.get(migration, machine)
    if found is None:
        raise NotFound(f"migration {migration} has no machine {machine}")
    gate = check_skip(plan, found, phase)
    if gate in PASSED_BY_SKIPPING:
        there = gates.get(migration, found.wave, gate) or GateRow(migration=migration, name=gate, wave=found.wave)
        permitted(row, plan, DecisionTarget(gate=there, machines=(machine,)), Verdict.APPROVE, action)
    elif gate:  # the source is kept: the safe answer, of whom that gate is
        permitted_role(action, KINDS[gate].role)
    else:
        permitted_role(action, Role.OPERATOR, Role.APPROVER)
    explained(plan, "skip", action)
    told = door.leave_out(migration, [found], phase, action)
    return CommandOutcome(told=told, announcements=_woken(migration))


def acknowledge(migration: str, concern: str, machine: str, action: OperatorAction) -> CommandOutcome:
    """Take a concern upon oneself, with a reason; the machine goes on when it is retried.

    Raises `NotFound` for a machine, and `NotAllowedNow` for a concern, that is not there or cannot be acknowledged.
    """
    row, plan = migrations.existing(migration), plan_of(migration)
    rows = list(machines.list(migration))
    if machine and machine not in {each.name for each in rows}:
        raise NotFound(f"migration {migration} has no machine {machine}")
    if why_not := why_not_acknowledged(concern):
        raise NotAllowedNow(why_not)
    having = [each for each in rows if machine in ("", each.name) and concern in _ids(each)]
    if not having and (machine or concern not in {each.id for each in row.concerns}):
        raise NotAllowedNow(
            f"{machine or migration} has no concern {concern}",
            advice=f"It has: {', '.join(_concerns(rows, machine)) or 'none'}.",
        )
    permitted_role(action, Role.APPROVER)
    explained(plan, "acknowledge", action)
    told = door.take_upon_oneself(migration, concern, machine, having, action)
    return CommandOutcome(told=_then(told, "a retry takes it as accepted"))


def _concerns(rows: Sequence[MachineRow], machine: str) -> list[str]:
    return sorted({each for row in rows if machine in ("", row.name) for each in _ids(row)})


def _ids(row: MachineRow) -> set[str]:
    """Give the ids of a machine's concerns; that some rules were not judged is one."""
    return {*(each.id for each in row.concerns), *((UNKNOWN.id,) if row.unjudged else ())}


def _woken(migration: str) -> tuple[Announcement, ...]:
    """Wake everybody who waits for people: each looks for itself."""
    return wake(migration, A_RELEASE)
