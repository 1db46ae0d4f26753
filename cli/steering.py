"""Commands that steer: pause, resume, cancel, retry, roll back; for the whole migration or for some machines."""

from typing import Annotated

import typer

from cli.arguments import Comment, Machines, Migration, names
from cli.deciding import tell
from cli.session import Session

Yes = Annotated[bool, typer.Option("--yes", "-y", help="do not ask back; scripts need it")]


def pause(ctx: typer.Context, migration: Migration, machines: Machines = None, comment: Comment = "") -> None:
    """Hold machines where it is safe to stay; replication runs on."""
    _send(ctx, migration, "pause", machines, comment)


def resume(ctx: typer.Context, migration: Migration, machines: Machines = None, comment: Comment = "") -> None:
    """Let held machines go on."""
    _send(ctx, migration, "resume", machines, comment)


def retry(ctx: typer.Context, migration: Migration, machines: Machines = None, comment: Comment = "") -> None:
    """Send failed or given-up machines on their way again, each from where it failed."""
    _send(ctx, migration, "retry", machines, comment)


def cancel(
    ctx: typer.Context, migration: Migration, machines: Machines = None, comment: Comment = "", yes: Yes = False
) -> None:
    """Give up machines that have not cut over: their sources still serve, and replication is removed."""
    _ask_back(ctx, f"Cancel {_whom(machines, migration)}?", yes=yes)
    _send(ctx, migration, "cancel", machines, comment)


def rollback(
    ctx: typer.Context, migration: Migration, machines: Machines = None, comment: Comment = "", yes: Yes = False
) -> None:
    """Put machines back into service on their source; the comment says why."""
    comment = Session(ctx).why(comment, "are they rolled back")
    _ask_back(ctx, f"Roll back {_whom(machines, migration)}?", yes=yes)
    _send(ctx, migration, "rollback", machines, comment)


def _whom(machines: list[str] | None, migration: str) -> str:
    return f"{', '.join(names(machines))} of {migration}" if names(machines) else f"all machines of {migration}"


def _ask_back(ctx: typer.Context, question: str, *, yes: bool) -> None:
    """Ask back; a script says --yes, or answers."""
    if not yes:
        typer.confirm(question, abort=True, err=Session(ctx).as_data)


def _send(ctx: typer.Context, migration: str, verb: str, machines: list[str] | None, comment: str) -> None:
    whom = ", ".join(names(machines)) or "all machines"
    tell(Session(ctx), migration, verb, {"machines": names(machines), "comment": comment}, f"Asked to {verb} {whom}")
