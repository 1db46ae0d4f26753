"""Commands that decide: approve, confirm, cut over now, skip a phase, acknowledge a concern."""

from typing import Annotated, Any

import typer

from cli.arguments import AllReady, Comment, Machine, Machines, Migration, Wave, Waves, names
from cli.session import Session

Gate = Annotated[str, typer.Option("--gate", "-g", metavar="NAME", help="the gate, as `show` names it")]


def approve(  # noqa: PLR0913, PLR0917 - the options of the command
    ctx: typer.Context,
    migration: Migration,
    gate: Gate,
    waves: Waves = None,
    machines: Machines = None,
    comment: Comment = "",
    reject: Annotated[bool, typer.Option("--reject", help="say no instead, with a comment")] = False,
    all_ready: AllReady = False,
) -> None:
    """Approve at a gate, for all that wait there or only some machines."""
    session = Session(ctx)
    comment = session.why(comment, "do you reject it") if reject else comment
    body = _at(gate, waves, machines, all_ready) | {"decision": "reject" if reject else "approve", "comment": comment}
    tell(session, migration, "approvals", body, f"{'Rejected' if reject else 'Approved'} at gate {gate}")


def confirm(  # noqa: PLR0913, PLR0917 - the options of the command
    ctx: typer.Context,
    migration: Migration,
    gate: Gate,
    waves: Waves = None,
    machines: Machines = None,
    comment: Comment = "",
    all_ready: AllReady = False,
) -> None:
    """Confirm that what a gate asks for has been done; the comment says what was."""
    session = Session(ctx)
    body = _at(gate, waves, machines, all_ready) | {
        "decision": "confirm",
        "comment": session.why(comment, "can it go on"),
    }
    tell(session, migration, "approvals", body, f"Confirmed at gate {gate}")


def _at(gate: str, waves: list[str] | None, machines: list[str] | None, all_ready: bool) -> dict[str, Any]:
    """Give the part of the request that says where something is decided."""
    named = names(waves)
    where: dict[str, Any] = {"wave": named[0]} if len(named) == 1 else {"waves": named}
    return {"gate": gate, **where, "machines": names(machines), "allReady": all_ready}


def cutover(
    ctx: typer.Context, migration: Migration, wave: Wave, machines: Machines = None, comment: Comment = ""
) -> None:
    """Approve a wave and cut it over now, without waiting for its window."""
    body = {"wave": wave, "machines": names(machines), "comment": comment}
    tell(Session(ctx), migration, "cutover", body, f"The cutover of wave {wave} begins")


def skip(
    ctx: typer.Context,
    migration: Migration,
    machine: Machine,
    phase: Annotated[str, typer.Option("--phase", "-p", metavar="NAME", help="the phase to leave out")],
    comment: Comment,
) -> None:
    """Leave out a phase of one machine; who did so, and why, is recorded."""
    session = Session(ctx)
    body = {"machine": machine, "phase": phase, "comment": session.why(comment, "is it left out")}
    tell(session, migration, "skip", body, f"{phase} of {machine} is left out")


def acknowledge(
    ctx: typer.Context,
    migration: Migration,
    concern: Annotated[str, typer.Option("--concern", metavar="ID", help="the concern, as `show --machines` names it")],
    reason: Annotated[str, typer.Option("--reason", "-r", metavar="TEXT", help="why it is acceptable; kept")],
    machine: Machine = "",
) -> None:
    """Accept a concern, with a reason; then retry the machine."""
    session = Session(ctx)
    body = {"concern": concern, "machine": machine, "reason": session.why(reason, "is it acceptable", "--reason")}
    tell(session, migration, "acknowledge", body, f"Acknowledged {concern}")


def tell(session: Session, migration: str, verb: str, body: dict[str, Any], done: str) -> None:
    """Send a command and say what came of it."""
    answer = session.api.command(migration, verb, body)
    if session.as_data:
        session.write(answer)
        return
    state = answer.get("status") or answer.get("state") or ""
    decision = answer.get("decision") or {}
    done = decision["text"] if decision.get("gate") else done
    session.say(f"{done}; {migration} is {state}" if state else done)
