"""Commands that keep: backups are listed, written, and put back."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli.arguments import Every, usage
from cli.polling import awaited
from cli.session import Session
from cli.wording import count

Backup = Annotated[str, typer.Argument(metavar="BACKUP", help="name of the backup, as `backups` shows it")]
EMPTY: dict[str, str] = {"content-type": "application/json"}


def backups(
    ctx: typer.Context,
    now: Annotated[bool, typer.Option("--now", help="write one now, then say which")] = False,
    every: Every = 2.0,
) -> None:
    """List the backups of tables and blobs, the newest first, or write one now."""
    session = Session(ctx)
    found = [_done(session, "backups", every)] if now else session.api.get("backups")["value"]
    if session.as_data:
        session.write(found[0] if now else {"value": found})
        return
    for each in found:
        session.say(_told(each))
    if not found:
        session.say("There is no backup yet; write one: azferry backups --now")


def restore(
    ctx: typer.Context,
    backup: Backup,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask back")] = False,
    every: Every = 2.0,
) -> None:
    """Put a backup back into an empty ledger; migrations that ran go on by themselves."""
    session = Session(ctx)
    if not yes and not session.can_ask:
        raise usage("say --yes: a whole ledger is written", "--yes")
    if not yes:
        typer.confirm(f"Restore {backup} into {session.api.url}?", abort=True, err=session.as_data)
    made = _done(session, f"backups/{quote(backup, safe='')}/restore", every)
    if session.as_data:
        session.write(made)
        return
    session.say(f"Restored {_told(made)}")
    session.say("Rounds that were open begin again within a quarter of an hour, by themselves:")
    session.say("  $ azferry list")


def _done(session: Session, path: str, every: float) -> dict[str, Any]:
    """Have it begun, then look until it is done, through restarts of the app; how long that takes goes with the ledger."""
    begun = session.api.send(path, b"{}", EMPTY).json()
    place = str(begun["place"]).removeprefix("/api/")
    return awaited(lambda: session.api.get(place), every, "rows")


def _told(backup: dict[str, Any]) -> str:
    rows = backup.get("rows", {})
    return (
        f"{backup['name']}  {count(rows.get('migrations', 0), 'migration')}, {count(rows.get('machines', 0), 'machine')}, "
        f"{count(sum(rows.values()), 'row')}, {count(backup.get('blobs', 0), 'blob')}"
    )
