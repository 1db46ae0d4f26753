"""Who was told of what, and what nobody could be told: the commands `messages` and `resend`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from cli.arguments import Comment, Migration
from cli.client import of
from cli.deciding import tell
from cli.session import Session
from cli.wording import hour, plain
from shared.models import Model


class MessageSeen(Model):
    """A message to one receiver."""

    receiver: str
    migration: str
    heading: str = ""
    since: datetime | None = None
    state: str = "waiting"
    tries: int = 0
    failure: str = ""
    due: datetime | None = None


def messages(ctx: typer.Context, migration: Migration) -> None:
    """List the messages that a migration sent: to whom, of what, and whether they arrived."""
    session = Session(ctx)
    found = session.api.values(f"{of(migration)}/notifications")
    if session.as_data:
        session.write({"value": found})
    elif found:
        session.show(table_of(MessageSeen.model_validate(each) for each in found))
    else:
        session.say(f"Nobody was told of {migration} yet.")


def table_of(seen: Iterable[MessageSeen]) -> Table:
    """Draw a line for each message."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for heading in ("When", "To", "What", "State", "Tries", "Why not"):
        table.add_column(heading, overflow="fold")
    for each in seen:
        again = f"; again {hour(each.due)}" if each.due else ""
        cells = (hour(each.since), each.receiver, each.heading, each.state, str(each.tries or ""), each.failure + again)
        table.add_row(*(plain(cell) for cell in cells))
    return table


def resend(
    ctx: typer.Context,
    migration: Migration,
    receiver: Annotated[str, typer.Option("--receiver", metavar="NAME", help="only those to this receiver")] = "",
    dismiss: Annotated[bool, typer.Option("--dismiss", help="let them be instead; they leave the inbox")] = False,
    comment: Comment = "",
) -> None:
    """Send messages again that were given up, or let them be with --dismiss."""
    body = {"receiver": receiver, "dismiss": dismiss, "comment": comment}
    tell(Session(ctx), migration, "resend", body, "Dismissed" if dismiss else "They are sent again")
