"""The commands `wave` and `application`: a part of a migration by itself."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

import typer
from pydantic import Field

from cli.arguments import Migration
from cli.client import of
from cli.sections import command
from cli.session import Session
from cli.tables import counted
from cli.wording import count, duration, hour, plain
from shared.models import Model
from shared.problems import ProblemData
from shared.reporting.name_lists import some_of

MOST_NAMES = 8
Name = Annotated[str, typer.Argument(metavar="NAME", help="its name, as the plan writes it")]


class OpeningSeen(Model):
    """The next opening of its windows."""

    opens_at: datetime
    closes_at: datetime | None = None
    time_zone: str = "UTC"
    missed: bool = False


class GateSeenHere(Model):
    """A gate that its machines wait at."""

    name: str
    pending: tuple[str, ...] = ()
    approvers: tuple[str, ...] = ()
    since: datetime | None = None
    expires: datetime | None = None
    then: str = ""
    release: str = ""


class WaitSeen(Model):
    """Machines that wait for one thing."""

    text: str
    release: str = ""
    machines: tuple[str, ...] = ()
    problem: ProblemData | None = None


class GroupSeen(Model):
    """A wave or an application."""

    kind: str
    name: str
    waves: tuple[str, ...] = ()
    state: str = ""
    depends_on: tuple[str, ...] = ()
    machines: int = 0
    counts: dict[str, int] = Field(default={})
    percent: float = 0
    gates: tuple[GateSeenHere, ...] = ()
    opening: OpeningSeen | None = None
    serving_nowhere: int = 0
    down_since: datetime | None = None
    longest_downtime_seconds: int | None = None
    attention: tuple[str, ...] = ()
    waits: tuple[WaitSeen, ...] = ()


def wave(ctx: typer.Context, migration: Migration, name: Name) -> None:
    """Show one wave: how far it is, its gates, window and outages, what it waits for."""
    _show(Session(ctx), f"{of(migration)}/waves/{quote(name, safe='')}")


def application(ctx: typer.Context, migration: Migration, name: Name) -> None:
    """Show one application, whichever waves its machines are in."""
    _show(Session(ctx), f"{of(migration)}/applications/{quote(name, safe='')}")


def _show(session: Session, path: str) -> None:
    answer = session.api.get(path)
    if session.as_data:
        session.write(answer)
        return
    seen = GroupSeen.model_validate(answer)
    for line in (*_head(seen), *_time(seen)):
        session.say(plain(line))
    for line in seen.attention:
        session.say(plain(f"! {line}"), style="bold red")
    for gate in seen.gates:
        session.say(plain(_gate(gate)), style="bold yellow")
        session.say(command(gate.release).plain, style="cyan")
    released = {gate.release for gate in seen.gates}
    for each in seen.waits:
        session.say(plain(f"{some_of(each.machines, MOST_NAMES)}: {each.text}"), style="red" if each.problem else "")
        if each.release and each.release not in released:
            session.say(command(each.release).plain, style="cyan")


def _head(seen: GroupSeen) -> Iterator[str]:
    where = f", in {', '.join(seen.waves)}" if seen.kind == "application" and seen.waves else ""
    yield f"{seen.kind} {seen.name}: {seen.state}  {count(seen.machines, 'machine')}{where}  {seen.percent:.0f} %"
    if seen.counts:
        yield counted(seen.counts)
    if seen.depends_on:
        yield f"after {', '.join(seen.depends_on)}"


def _time(seen: GroupSeen) -> Iterator[str]:
    if seen.opening and seen.opening.missed:
        yield "window: none of the plan's windows opens any more"
    elif seen.opening:
        until = f" until {hour(seen.opening.closes_at)}" if seen.opening.closes_at else ""
        yield f"window: from {hour(seen.opening.opens_at)}{until} (written in {seen.opening.time_zone})"
    if seen.longest_downtime_seconds is not None:
        yield f"longest downtime of a machine: {duration(seen.longest_downtime_seconds)}"
    if seen.down_since:
        yield f"{count(seen.serving_nowhere, 'machine')} down, the longest since {hour(seen.down_since)}"


def _gate(gate: GateSeenHere) -> str:
    until = f", until {hour(gate.expires)}, then {gate.then}" if gate.expires else ""
    who = f" by {' or '.join(gate.approvers)}" if gate.approvers else ""
    return f"Gate {gate.name}: {some_of(gate.pending, MOST_NAMES)}, to be decided{who}{until}"
