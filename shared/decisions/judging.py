"""Who may decide: one judgement for every decision, whatever command it came by."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from shared.coordination.gate_row import WHOLE, GateRow, Verdict
from shared.decisions.kinds import KINDS, Kind, roles_for
from shared.decisions.people import Role, may
from shared.decisions.resolving import DecisionTarget
from shared.decisions.steered import OperatorAction
from shared.ledger.migration_row import MigrationRow
from shared.plan.model import Plan, Wave
from shared.problems import Fault, InvalidRequest, NotAllowedNow, NotPermitted

USUALLY: Final = frozenset({"reject", "skip", "acknowledge", "rollback", "confirm"})  # these say why
ESCALATES: Final = 0.9  # of a gate's time


def fits(gate: str, verdict: Verdict) -> Kind:
    """Give the kind of a gate at which this can be said. Raises `NotAllowedNow` where it cannot."""
    kind = KINDS.get(gate)
    if kind is None:
        raise NotAllowedNow(f"there are no gates {gate}", advice=f"There are {', '.join(sorted(KINDS))}.")
    if verdict not in kind.verdicts:
        raise NotAllowedNow(
            f"nobody can {verdict.value} at a gate {gate}", advice=f"Possible there: {', '.join(kind.verdicts)}."
        )
    return kind


def explained(plan: Plan, verb: str, action: OperatorAction) -> None:
    """Raise `InvalidRequest` where a comment is asked for and there is none."""
    if action.comment.strip() or (verb not in USUALLY and plan.gates.comments != "always"):
        return
    raise InvalidRequest(
        f"{verb} needs a comment: it is kept, and the report shows it; nothing was done",
        advice='Say why: --comment "…".',
        errors=(Fault(pointer="/comment", message="is required"),),
    )


def permitted(row: MigrationRow, plan: Plan, target: DecisionTarget, verdict: Verdict, action: OperatorAction) -> bool:
    """Tell whether another person has to say it, too. Raises `NotPermitted` where this one may not."""
    gate = target.gate
    kind = fits(gate.name, verdict)
    wave = next((each for each in plan.waves if each.name == gate.wave), None)
    _has_role(kind, gate, verdict, action)
    if verdict == Verdict.REJECT:
        return False
    if kind.role != Role.OPERATOR:
        _is_named(plan, wave, target, action)
    if not kind.four_eyes or wave is None or not wave.gates.four_eyes:
        return False
    return _four_eyes(row, gate, action)


def permitted_role(action: OperatorAction, *roles: Role) -> None:
    """Raise `NotPermitted` unless the person has one of these roles."""
    if not may(action.roles, *roles):
        raise _no(action, f"{action.who} is {_roles(action)}", " or ".join((*roles, Role.OWNER)))


def _has_role(kind: Kind, gate: GateRow, verdict: Verdict, action: OperatorAction) -> None:
    wanted = roles_for(kind, verdict)
    if not may(action.roles, *wanted):
        whom = " or ".join(dict.fromkeys((*wanted, Role.OWNER)))
        raise _no(action, f"{action.who} is {_roles(action)} and cannot {verdict.value} at gate {gate.name}", whom)


def _is_named(plan: Plan, wave: Wave | None, target: DecisionTarget, action: OperatorAction) -> None:
    """See that the person is among the approvers that the plan names, or of those it escalates to by now."""
    named = plan.approvers_of(wave)
    listed = (*named, *(plan.escalates_to(wave) if _is_late(target, action.at) else ()))
    if named and not {each.lower() for each in listed} & {action.person.lower(), *action.roles}:
        raise _no(
            action,
            f"{action.who} is none of the approvers that the plan names",
            f"{KINDS[target.gate.name].role}, who is one of {', '.join(listed)}",
        )


def _is_late(target: DecisionTarget, now: datetime) -> bool:
    """Tell whether most of the time of all who are decided on is over: whoever came later is not decided on by others."""
    gate = target.gate
    names = [name for name in target.machines or gate.pending if name in gate.pending] or [WHOLE]
    waiting = [gate.waiting[name] for name in names if name in gate.waiting]
    return bool(waiting) and all(
        each.expires and now >= each.since + (each.expires - each.since) * ESCALATES for each in waiting
    )


def _four_eyes(row: MigrationRow, gate: GateRow, action: OperatorAction) -> bool:
    """Tell whether two people have to agree, as nobody knows who started it. Raises `NotPermitted` for the starter."""
    if not action.person:
        raise _no(action, "the plan asks for four eyes, and nobody is named here", "people who sign in")
    if action.person == row.starter:
        whom = f"another {KINDS[gate.name].role} than {row.started_by}"
        raise _no(
            action, f"{action.who} started the migration, and the plan asks for four eyes at gate {gate.name}", whom
        )
    return not row.starter


def _no(action: OperatorAction, why: str, whom: str) -> NotPermitted:
    return NotPermitted(
        f"{why}; this may: {whom}",
        advice="Ask one of them."
        if action.person
        else "Turn sign-in on (docs/deploy.md), so that people can be told apart.",
        extra={"may": whom},
    )


def _roles(action: OperatorAction) -> str:
    return " and ".join(action.roles) or "in no role of azferry"


def lacking(gate: GateRow, machines: Sequence[str], action: OperatorAction) -> tuple[str, ...]:
    """Give the machines that nobody else approved yet. Raises `NotPermitted` when this person approved them all before."""
    left = approved_by_nobody_else(gate, machines, action)
    if left and all(action.person in _approved_by(gate, name) for name in machines):
        raise _no(action, f"{action.who} approved this already, and two people have to", "another approver")
    return left


def approved_by_nobody_else(gate: GateRow, machines: Sequence[str], action: OperatorAction) -> tuple[str, ...]:
    """Give the machines that another person has to approve, too."""
    return tuple(name for name in machines if not _approved_by(gate, name) - {action.person})


def _approved_by(gate: GateRow, machine: str) -> set[str]:
    """Give who approved a machine since it came to the gate, where one word is not enough."""
    return {each.person for each in gate.seconded if each.tickets.get(machine) == gate.ticket(machine)}
