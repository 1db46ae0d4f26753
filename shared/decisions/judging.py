"""Who may decide: one judgement for every decision, whatever command it came by."""

from typing import Final

from shared.coordination.decision import Decision
from shared.coordination.gate_decisions import meant
from shared.coordination.gate_row import WHOLE, GateRow
from shared.decisions.kinds import KINDS, Kind
from shared.decisions.people import Role, may
from shared.ledger.migration_row import MigrationRow
from shared.plan.model import Plan, Wave
from shared.problems import Fault, InvalidRequest, NotAllowedNow, NotPermitted

USUALLY: Final = frozenset({"reject", "skip", "acknowledge", "rollback", "confirm", "drop"})  # these say why
ESCALATES: Final = 0.9  # of a gate's time


def fits(decision: Decision) -> Kind:
    """Give the kind of gate that is decided at. Raises `NotAllowedNow` where this cannot be said."""
    kind = KINDS.get(decision.gate)
    if kind is None:
        raise NotAllowedNow(f"there are no gates {decision.gate}", advice=f"There are {', '.join(sorted(KINDS))}.")
    if decision.verdict not in kind.verdicts:
        raise NotAllowedNow(
            f"nobody can {decision.verdict} at a gate {decision.gate}",
            advice=f"Possible there: {', '.join(kind.verdicts)}.",
        )
    return kind


def explained(plan: Plan, verb: str, decision: Decision) -> None:
    """Raise `InvalidRequest` where a comment is asked for and there is none."""
    if decision.comment.strip() or (verb not in USUALLY and plan.gates.comments != "always"):
        return
    raise InvalidRequest(
        f"{verb} needs a comment: it is kept, and the report shows it; nothing was done",
        advice='Say why: --comment "…".',
        errors=(Fault(pointer="/comment", message="is required"),),
    )


def permitted(row: MigrationRow, plan: Plan, gate: GateRow, decision: Decision) -> bool:
    """Tell whether another person has to say it, too. Raises `NotPermitted` where this one may not."""
    kind = KINDS[gate.name]
    wave = next((each for each in plan.waves if each.name == gate.wave), None)
    wanted = kind.roles(decision.verdict)
    if not may(decision.roles, *wanted):
        whom = " or ".join(dict.fromkeys((*wanted, Role.OWNER)))
        raise _no(
            decision, f"{decision.who} is {_roles(decision)} and cannot {decision.verdict} at gate {gate.name}", whom
        )
    if decision.is_no:
        return False
    if kind.role != Role.OPERATOR:
        _is_named(plan, wave, gate, decision)
    if not kind.four_eyes or wave is None or not wave.gates.four_eyes:
        return False
    return _four_eyes(row, gate, decision)


def permitted_role(decision: Decision, *roles: Role) -> None:
    """Raise `NotPermitted` unless the person has one of these roles."""
    if not may(decision.roles, *roles):
        raise _no(decision, f"{decision.who} is {_roles(decision)}", " or ".join((*roles, Role.OWNER)))


def _is_named(plan: Plan, wave: Wave | None, gate: GateRow, decision: Decision) -> None:
    """See that the person is among the approvers that the plan names, or of those it escalates to by now."""
    named = plan.approvers_of(wave)
    if not named:
        return
    listed = (*named, *(plan.escalates_to(wave) if _is_late(gate, decision) else ()))
    if not {each.lower() for each in listed} & {decision.person.lower(), *decision.roles}:
        raise _no(
            decision,
            f"{decision.who} is none of the approvers that the plan names",
            f"{KINDS[gate.name].role}, who is one of {', '.join(listed)}",
        )


def _is_late(gate: GateRow, decision: Decision) -> bool:
    """Tell whether most of the time of all who are decided on is over: whoever came later is not decided on by others."""
    waiting = [gate.waiting[name] for name in meant(gate, decision) or (WHOLE,) if name in gate.waiting]
    return bool(waiting) and all(
        each.expires and decision.at >= each.since + (each.expires - each.since) * ESCALATES for each in waiting
    )


def _four_eyes(row: MigrationRow, gate: GateRow, decision: Decision) -> bool:
    """Tell whether two people have to agree, as nobody knows who started it. Raises `NotPermitted` for the starter."""
    if not decision.person:
        raise _no(decision, "the plan asks for four eyes, and nobody is named here", "people who sign in")
    if decision.person == row.starter:
        whom = f"another {KINDS[gate.name].role} than {row.started_by}"
        raise _no(
            decision, f"{decision.who} started the migration, and the plan asks for four eyes at gate {gate.name}", whom
        )
    return not row.starter


def _no(decision: Decision, why: str, whom: str) -> NotPermitted:
    return NotPermitted(
        f"{why}; this may: {whom}",
        advice="Ask one of them."
        if decision.person
        else "Turn sign-in on (docs/deploy.md), so that people can be told apart.",
        extra={"may": whom},
    )


def _roles(decision: Decision) -> str:
    return " and ".join(decision.roles) or "in no role of azferry"


def lacking(gate: GateRow, decision: Decision) -> tuple[str, ...]:
    """Give the machines that nobody else approved yet. Raises `NotPermitted` when this person approved them all before."""
    left = approved_by_nobody_else(gate, decision)
    if left and all(decision.person in _approved_by(gate, name) for name in meant(gate, decision)):
        raise _no(decision, f"{decision.who} approved this already, and two people have to", "another approver")
    return left


def approved_by_nobody_else(gate: GateRow, decision: Decision) -> tuple[str, ...]:
    """Give the machines that another person has to approve, too."""
    return tuple(name for name in meant(gate, decision) if not _approved_by(gate, name) - {decision.person})


def _approved_by(gate: GateRow, machine: str) -> set[str]:
    """Give who approved a machine since it came to the gate, where one word is not enough."""
    return {each.person for each in gate.seconded if each.tickets.get(machine) == gate.ticket(machine)}
