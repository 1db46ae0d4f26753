"""Commands that look: list, show, watch, events, report. They change nothing."""

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from cli import sections, tables
from cli.answers import EventSeen, MigrationSeen
from cli.arguments import Every, Machine, Migration, OnlyProblems, States, Waves, chosen_of, names, to_write, usage
from cli.client import MOST, below, of
from cli.failing import Exit, Failing
from cli.polling import OUT_OF_REACH
from cli.session import Session
from cli.watching import Picture, look, watch_until_end
from cli.wording import moment
from shared.states import MachineState, MigrationStatus, Outcome


def list_all(
    ctx: typer.Context,
    states: States = None,
    problem: OnlyProblems = False,
    every: Annotated[bool, typer.Option("--all", help="those that ended, too; the archive lists these alone")] = False,
) -> None:
    """List the migrations that did not end, the newest first; --all for all."""
    session = Session(ctx)
    wanted = names(states)
    known = [*MigrationStatus, *filter(None, Outcome)]
    for unknown in set(wanted) - set(known):
        raise usage(f"{unknown} is no state of migrations; there are {', '.join(known)}", "--state")
    found = [
        each
        for each in session.api.values("migrations", {} if every or wanted else {"ended": "false"})
        if (not wanted or {each.get("status"), each.get("outcome")} & set(wanted))
        and (not problem or each.get("problem") or each.get("attention"))
    ]
    if session.as_data:
        session.write({"value": found})
    elif found:
        session.show(tables.migrations(MigrationSeen.model_validate(each) for each in found))
    else:
        none = "There is no such migration." if wanted or problem else ""
        session.say(
            none or "No migration is under way. Those that ended: azferry archive. Start one: azferry start PLAN"
        )


def show(
    ctx: typer.Context,
    migration: Migration,
    machines: Annotated[bool, typer.Option("--machines", help="every machine, and its concerns")] = False,
    states: States = None,
    waves: Waves = None,
    problem: OnlyProblems = False,
) -> None:
    """Show how a migration stands: waves, open gates and their commands, what went wrong."""
    session = Session(ctx)
    for unknown in set(names(states)) - set(MachineState):
        raise usage(f"{unknown} is no state of machines; there are {', '.join(MachineState)}", "--state")
    picture = _only(look(session, migration), names(states), names(waves), problem=problem)
    machines = machines or bool(states or waves or problem)
    if session.as_data:
        session.write(picture.raw if machines else picture.raw["migration"])
        return
    seen, rows = picture.migration, picture.machines
    for line in (*sections.head(seen), *sections.waits(seen, rows)):
        session.say(line.plain, style=str(line.style))
    if machines:
        session.say("")
        session.show(tables.machines(rows, session.console.width, tables.latest(seen, rows)))
        session.say("")
    lines = (
        *sections.problems(seen, rows),
        *sections.concerns(seen, rows if machines else []),
        *sections.left_overs(rows),
    )
    for line in lines:
        session.say(line.plain, style=str(line.style))
    if seen.ended:
        session.show(tables.outcome(rows))


def _only(picture: Picture, states: list[str], waves: list[str], *, problem: bool) -> Picture:
    """Give the picture with the machines that are wanted."""
    chosen = [
        each
        for each in chosen_of(picture.machines, waves, [])
        if (not states or each.state in states) and (not problem or each.problem)
    ]
    kept = {each.name for each in chosen}
    rows = [row for row in picture.raw["machines"] if row["name"] in kept]
    return Picture(picture.migration, chosen, picture.raw | {"machines": rows})


def watch(ctx: typer.Context, migration: Migration, every: Every = 2.0) -> None:
    """Watch a migration until it ends; exit code 0 only for Succeeded."""
    watch_until_end(Session(ctx), migration, every)


def events(
    ctx: typer.Context,
    migration: Migration,
    machine: Machine = "",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="go on until the migration ends")] = False,
    every: Every = 2.0,
) -> None:
    """Tell what happened, when and by whom, the oldest first."""
    session = Session(ctx)
    if session.as_data and not follow:
        query = {"machine": machine} if machine else {}
        session.write({"value": session.api.values(f"{of(migration)}/events", query)})
        return
    try:
        _tell_events(session, migration, machine, every if follow else None)
    except KeyboardInterrupt:
        raise typer.Exit(Exit.INTERRUPTED) from None


def _tell_events(session: Session, migration: str, machine: str, every: float | None) -> None:
    """Tell events, each once; with `every` until the migration has ended."""
    shown: set[str] = set()
    token, heard = "", time.monotonic()
    while True:
        pause = every or 0
        try:
            ended = every is None or MigrationSeen.model_validate(session.api.get(of(migration))).ended
            token = _tell_from(session, _page(migration, machine, token), shown) or token
            heard = time.monotonic()
            if ended:
                return
        except Failing as failing:
            if every is None or not failing.passes or not shown or time.monotonic() - heard > OUT_OF_REACH:
                raise
            pause = failing.retry_after or pause
        time.sleep(pause)


def _page(migration: str, machine: str, token: str = "") -> str:
    query = {"top": str(MOST), "machine": machine, "token": token}
    return f"{of(migration)}/events?{urlencode({name: value for name, value in query.items() if value})}"


def _tell_from(session: Session, page: str, shown: set[str]) -> str:
    """Tell what was not told yet, from a page on; gives the token from which a later look misses nothing."""
    while True:
        answer = session.api.get(page)
        for raw in answer["value"]:
            _tell_once(session, raw, shown)
        if not answer.get("nextLink"):
            return answer.get("token") or ""
        page = below(answer["nextLink"])


def _tell_once(session: Session, raw: dict[str, Any], shown: set[str]) -> None:
    event = EventSeen.model_validate(raw)
    if event.id in shown:
        return
    shown.add(event.id)
    if session.as_data:
        session.write_next(raw)
        return
    who = " ".join(part for part in (event.wave, event.machine) if part) or "-"
    by = f" [{event.by}]" if event.by and event.by not in event.text else ""
    session.say(f"{moment(event.at)}  {who}  {event.text or event.what}{by}")


class Format(StrEnum):
    """Formats of a report."""

    HTML = "html"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


def report(
    ctx: typer.Context,
    migration: Migration,
    form: Annotated[
        Format | None, typer.Option("--format", help="html, unless FILE ends in .json, .csv or .xlsx")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", dir_okay=False, callback=to_write, help="write it there"),
    ] = None,
) -> None:
    """Fetch the report: outcome, time line and measured downtime of each machine, approvals, evidence."""
    session = Session(ctx)
    ending = out.suffix.lstrip(".").lower() if out else ""
    chosen = form or (Format(ending) if ending in set(Format) else Format.HTML)
    content = session.api.fetch(f"{of(migration)}/report", {"format": chosen.value})
    if out is None:
        typer.get_binary_stream("stdout").write(content)
        return
    out.write_bytes(content)
    session.say(f"Wrote {out} ({len(content):,} bytes)")
