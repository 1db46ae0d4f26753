"""The command `archive`: migrations that ended, how to find one, and what stays of them."""

from typing import Annotated

import typer

from cli import tables
from cli.answers import MigrationSeen
from cli.client import MOST
from cli.session import Session


def archive(
    ctx: typer.Context,
    find: Annotated[str, typer.Option("--find", metavar="TEXT", help="in their id, plan or starter")] = "",
    outcome: Annotated[
        str, typer.Option("--outcome", metavar="OUTCOMES", help="Succeeded, Failed, …; with commas")
    ] = "",
    after: Annotated[
        str, typer.Option("--after", metavar="TIME", help="that ended then or later: a day, or a moment")
    ] = "",
    before: Annotated[str, typer.Option("--before", metavar="TIME", help="that ended before")] = "",
) -> None:
    """List the migrations that ended, found by name, outcome or time; what stays of them."""
    session = Session(ctx)
    filters = {"find": find, "outcome": outcome, "after": after, "before": before}
    query = {"ended": "true", "top": str(MOST), **{name: text for name, text in filters.items() if text}}
    pages = list(session.api.pages("migrations", query))
    found = [each for page in pages for each in page["value"]]
    if session.as_data:
        session.write({"value": found, "kept": pages[0].get("kept", "")})
        return
    if not found:
        session.say("No migration that ended fits.")
        return
    session.show(tables.migrations(MigrationSeen.model_validate(each) for each in found))
    session.say(pages[0].get("kept", ""))
    session.say("Each: azferry show ID, azferry report ID -o FILE.html, azferry evidence ID --into FILE.zip")
