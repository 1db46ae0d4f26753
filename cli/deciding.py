"""Commands that decide: approve, confirm, cut over now, skip a phase, acknowledge a concern."""

from typing import Annotated, Any

import typer

from cli.arguments import Comment, Machine, Machines, Migration, Wave, names, usage
from cli.session import Session

Gate = Annotated[str, typer.Option("--gate", "-g", metavar="NAME", help="the gate, as `show` names it")]


def approve(  # noqa: PLR0913, PLR0917 - the options of the command
    ctx: typer.Context,
    migration: Migration,
    gate: Gate,
    wave: Wave = "",
    machines: Machines = None,
    comment: Comment = "",
    reject: Annotated[bool, typer.Option("--reject", help="say no instead")] = False,
) -> None:
    """Approve at a gate, for all that wait there or only some machines."""
    decision = "reject" if reject else "approve"
    said = {"gate": gate, "wave": wave, "decision": decision, "machines": names(machines), "comment": comment}
    tell(Session(ctx), migration, "approvals", said, f"{'Rejected' if reject else 'Approved'} at gate {gate}")


def confirm(
    ctx: typer.Context,
    migration: Migration,
    gate: Gate,
    wave: Wave = "",
    machines: Machines = None,
    comment: Comment = "",
) -> None:
    """Confirm that what a gate asks for has been done."""
    said = {"gate": gate, "wave": wave, "decision": "confirm", "machines": names(machines), "comment": comment}
    tell(Session(ctx), migration, "approvals", said, f"Confirmed at gate {gate}")


def cutover(
    ctx: typer.Context, migration: Migration, wave: Wave, machines: Machines = None, comment: Comment = ""
) -> None:
    """Begin the cutover of a wave now, without waiting for its window."""
    said = {"wave": wave, "machines": names(machines), "comment": comment}
    tell(Session(ctx), migration, "cutover", said, f"The cutover of wave {wave} begins")


def skip(
    ctx: typer.Context,
    migration: Migration,
    machine: Machine,
    phase: Annotated[str, typer.Option("--phase", "-p", metavar="NAME", help="the phase to leave out")],
    comment: Comment,
) -> None:
    """Leave a phase of one machine out; who did it and why is kept."""
    _needs(comment, "--comment")
    said = {"machine": machine, "phase": phase, "comment": comment}
    tell(Session(ctx), migration, "skip", said, f"{phase} of {machine} is left out")


def acknowledge(
    ctx: typer.Context,
    migration: Migration,
    concern: Annotated[str, typer.Option("--concern", metavar="ID", help="the concern, as `show --machines` names it")],
    reason: Annotated[str, typer.Option("--reason", "-r", metavar="TEXT", help="why it is acceptable; kept")],
    machine: Machine = "",
) -> None:
    """Take a concern upon yourself; the machine goes on when it is retried."""
    _needs(reason, "--reason")
    said = {"concern": concern, "machine": machine, "reason": reason}
    tell(Session(ctx), migration, "acknowledge", said, f"Acknowledged {concern}")


def _needs(text: str, option: str) -> None:
    if not text.strip():
        raise usage("say why: it is kept in the ledger", option)


def tell(session: Session, migration: str, verb: str, said: dict[str, Any], done: str) -> None:
    """Send a command and say what came of it."""
    answer = session.api.command(migration, verb, said)
    if session.as_json:
        session.write_json(answer)
        return
    state = answer.get("status") or answer.get("state") or ""
    session.say(f"{done}; {migration} is {state}" if state else done)
