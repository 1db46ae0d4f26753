"""Commands that decide: approvals and confirmations at gates, cutover now, skips, acknowledgements.

Each is resolved to what waits, then judged, then written by the door; the outcome says what was decided and what now happens.
"""

from collections.abc import Collection, Sequence

from shared.concerns.judge import why_not_acknowledged
from shared.concerns.unjudged import UNKNOWN
from shared.coordination import gates
from shared.coordination.decision import Decision, Verdict
from shared.coordination.gate_decisions import here
from shared.coordination.gate_row import GateRow
from shared.coordination.waits import WaitKind
from shared.decisions import door
from shared.decisions.judging import approved_by_nobody_else, explained, fits, lacking, permitted, permitted_role
from shared.decisions.kinds import KINDS
from shared.decisions.people import Role
from shared.decisions.resolving import resolve
from shared.decisions.round_rules import was_rolled_back
from shared.decisions.skipping import check_skip
from shared.decisions.steered import CommandOutcome, wake
from shared.ledger import machines, migrations
from shared.ledger.machine_row import MachineRow
from shared.ledger.plans import plan_of
from shared.problems import NotAllowedNow, NotFound
from shared.states import MachineState

PASSED_BY_SKIPPING = ("test", "cutover")
A_RELEASE = (WaitKind.GATE, WaitKind.WINDOW, WaitKind.APPLIANCE, WaitKind.COMMAND)


def decide(migration: str, decision: Decision) -> CommandOutcome:
    """Record a decision and wake who waits for it.

    Raises `NotAllowedNow` when nothing waits for it or several gates could be meant, `NotPermitted` when another person
    has to say it, `InvalidRequest` without a comment that is asked for.
    """
    row, plan = migrations.existing(migration), plan_of(migration)
    kind = fits(decision)
    meant, at = resolve(migration, decision, [wave.name for wave in plan.waves])
    two = [permitted(row, plan, gate, meant) for gate in at]
    explained(plan, decision.verb, decision)
    outcome = _recorded(migration, meant, at, two=any(two))
    return _followed(migration, outcome, kind.refused if decision.is_no else kind.passed)


def _recorded(migration: str, decision: Decision, at: Sequence[GateRow], *, two: bool) -> CommandOutcome:
    """Record what was said, and tell whether anybody passes by it: where two have to say it, the first word is only kept.

    Of two people who speak at the same moment one finds the other's word: the gates are read again behind our own.
    """
    if not two:
        decided = door.pass_gates(migration, decision, at)
        return CommandOutcome(decision=decided, text=decided.text)
    alone = tuple(name for gate in at for name in lacking(gate, decision))
    first = door.second_gates(migration, decision.replace(machines=alone), _of(at, alone)) if alone else None
    now = [gates.get(gate.migration, gate.wave, gate.name, gate.place) or gate for gate in at]
    waiting = {name for gate in now for name in approved_by_nobody_else(gate, decision)}
    agreed = tuple(name for name in decision.machines if name not in waiting)
    try:
        both = door.pass_gates(migration, decision.replace(machines=agreed), _of(at, agreed)) if agreed else None
    except NotAllowedNow:
        if first is None:
            raise
        both = None  # the other one found it, too, and let them pass
    decided = both or first or decision
    left = first if both and first and set(first.machines) - set(both.machines) else None
    text = "; ".join(each.text for each in (decided, left) if each)
    return CommandOutcome(decision=decided, text=text, passed=both is not None)


def _of(at: Sequence[GateRow], names: Collection[str]) -> tuple[GateRow, ...]:
    """Give the gates at which one of these machines waits."""
    return tuple(gate for gate in at if set(gate.pending) & set(names))


def _followed(migration: str, outcome: CommandOutcome, then: str) -> CommandOutcome:
    """Say what now happens, and wake everybody who waits for people: each looks for itself."""
    text = f"{outcome.text}. What now happens: {then}" if then and outcome.passed else outcome.text
    return outcome.replace(text=text, announcements=wake(migration, A_RELEASE))


def cut_over_now(migration: str, wave: str, names: Collection[str], decision: Decision) -> CommandOutcome:
    """Begin the cutover without waiting for the window: approves what waits for approval, and opens the window.

    Raises `NotAllowedNow` when no machine is ready for it, `NotPermitted` when another person has to say it.
    """
    row, plan = migrations.existing(migration), plan_of(migration)
    if wave not in {each.name for each in plan.waves}:
        raise NotFound(f"the plan has no wave {wave}")
    due = _due(migration, wave, names)
    gate = gates.get(migration, wave, "cutover") or GateRow(migration=migration, name="cutover", wave=wave, open=False)
    asks = set(here(gate, decision.at))
    approved = tuple(each.name for each in due if each.name in asks)
    approval = decision.replace(
        verb="cutover", verdict=Verdict.APPROVE, gate=gate.name, waves=(wave,), machines=approved
    )
    two = permitted(row, plan, gate, approval)
    explained(plan, "cutover", decision)
    outcome = CommandOutcome(passed=False)
    if approved:
        outcome = _recorded(migration, approval, (gate,), two=two)
        after = gates.get(migration, wave, "cutover") or gate
        due = [each for each in due if each.name not in after.pending]
    if due:
        decided = door.leave_out(migration, due, "await_window", approval)
        outcome = CommandOutcome(decision=decided, text=decided.text)
    return _followed(migration, outcome, "they cut over as soon as a place is free")


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


def skip(migration: str, machine: str, phase: str, decision: Decision) -> CommandOutcome:
    """Leave a phase of a machine out; who and why is kept.

    Raises `NotAllowedNow` for phases that cannot be left out, or lie behind the machine, and `NotPermitted`.
    """
    row, plan = migrations.existing(migration), plan_of(migration)
    found = machines.get(migration, machine)
    if found is None:
        raise NotFound(f"migration {migration} has no machine {machine}")
    gate = check_skip(plan, found, phase)
    if gate in PASSED_BY_SKIPPING:
        gate_row = gates.get(migration, found.wave, gate) or GateRow(migration=migration, name=gate, wave=found.wave)
        permitted(row, plan, gate_row, decision.replace(verdict=Verdict.APPROVE, machines=(machine,)))
    elif gate:  # the source is kept: the safe answer, of whom that gate is
        permitted_role(decision, KINDS[gate].role)
    else:
        permitted_role(decision, Role.OPERATOR, Role.APPROVER)
    explained(plan, "skip", decision)
    decided = door.leave_out(migration, [found], phase, decision.replace(verb="skip"))
    return _followed(migration, CommandOutcome(decision=decided, text=decided.text), "")


def acknowledge(migration: str, concern: str, machine: str, decision: Decision) -> CommandOutcome:
    """Accept a concern, with a reason; the machine goes on when it is retried.

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
    permitted_role(decision, Role.APPROVER)
    explained(plan, "acknowledge", decision)
    acceptance = decision.replace(verb="acknowledge", gate=concern)
    decided = door.take_upon_oneself(migration, machine, having, acceptance)
    text = f"{decided.text}. What now happens: a retry takes it as accepted"
    return CommandOutcome(decision=decided, text=text)


def _concerns(rows: Sequence[MachineRow], machine: str) -> list[str]:
    return sorted({each for row in rows if machine in ("", row.name) for each in _ids(row)})


def _ids(row: MachineRow) -> set[str]:
    """Give the ids of a machine's concerns; that some rules were not judged is one."""
    return {*(each.id for each in row.concerns), *((UNKNOWN.id,) if row.unjudged else ())}
