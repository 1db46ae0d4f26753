"""Watching a migration until it ends: a live picture on a terminal, a line for each change elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import typer
from rich.live import Live
from rich.text import Text

from cli import sections, tables
from cli.answers import GateSeen, MachineSeen, MigrationSeen
from cli.board import board
from cli.client import of
from cli.failing import Exit, Failing
from cli.machine_listing import MachineListing
from cli.polling import looks
from cli.session import Session
from cli.wording import plain


@dataclass
class Picture:
    """What is known of a migration at one moment."""

    migration: MigrationSeen
    machines: list[MachineSeen]
    raw: dict[str, Any] = field(default_factory=dict)


def look(session: Session, migration: str) -> Picture:
    """Ask how a migration stands."""
    return looking_at(session, migration)()


def looking_at(session: Session, migration: str) -> Callable[[], Picture]:
    """Give what asks how a migration stands; asked again, it has only the machines sent that changed."""
    listing = MachineListing(session.api, migration)

    def again() -> Picture:
        raw = session.api.get(of(migration))
        machines = sorted(listing.look(), key=lambda machine: machine.wave)
        seen = MigrationSeen.model_validate(raw)
        order = {wave.wave: at for at, wave in enumerate(seen.waves)}
        machines.sort(key=lambda machine: order.get(machine.wave, len(order)))
        return Picture(seen, machines, {"migration": raw, "machines": listing.rows})

    return again


def watch_until_end(session: Session, migration: str, every: float) -> None:
    """Watch until the migration ends; ends with the exit code of its outcome."""
    try:
        with _shown(session) as show:
            last = _follow(session, migration, every, show)
    except KeyboardInterrupt:
        session.say(f"{migration} goes on; watch it again: azferry watch {migration}")
        raise typer.Exit(Exit.INTERRUPTED) from None
    _tell_outcome(session, last)
    raise typer.Exit(Exit.OK if last.migration.outcome == "Succeeded" else Exit.NO)


def _follow(session: Session, migration: str, every: float, show: Callable[[Picture, str], None]) -> Picture:
    """Look again and again; what passes (a restart, throttling) is shown and outlasted."""
    last: Picture | None = None
    for seen in looks(looking_at(session, migration), every):
        if not isinstance(seen, Failing):
            last = seen
            show(last, "")
            if last.migration.ended:
                return last
        elif last:
            show(last, f"{seen.document.title}; asking again")
    raise AssertionError  # looks do not end by themselves


@contextmanager
def _shown(session: Session) -> Iterator[Callable[[Picture, str], None]]:
    """Give what shows a picture: nothing for data, a live screen on a terminal, else lines."""
    if session.as_data:
        yield lambda _picture, _trouble: None
    elif not session.on_terminal:
        yield Lines(session).show
    else:
        console = session.console
        with Live(console=console, auto_refresh=False, transient=True, vertical_overflow="crop") as live:
            yield lambda picture, trouble: live.update(
                board(picture.migration, picture.machines, (console.width, console.height), trouble), refresh=True
            )


@dataclass
class Lines:
    """Tells changes line by line, each once, for logs and pipes."""

    session: Session
    shown: dict[str, str] = field(default_factory=dict)

    def show(self, picture: Picture, trouble: str) -> None:
        """Write what is new."""
        seen = picture.migration
        if trouble:
            self._tell("trouble", trouble)
            return
        self.shown.pop("trouble", None)
        self._tell("", f"{seen.id}: {' '.join(part for part in (seen.status, seen.outcome, seen.phase) if part)}")
        for wave in seen.waves:
            self._tell(f"wave {wave.wave}", f"wave {wave.wave}: {wave.state}")
        for gate in seen.gates:
            self._tell(f"gate {gate.wave} {gate.name} {gate.machine}", _gate_line(gate))
        for each in picture.machines:
            self._tell(f"machine {each.name}", _machine_line(each))

    def _tell(self, about: str, line: str) -> None:
        if self.shown.get(about) != line:
            self.shown[about] = line
            self.session.say(line)


def _gate_line(gate: GateSeen) -> str:
    return f"gate {gate.name}: {gate.text}" + (f"\n  $ {gate.release}" if gate.release else "")


def _machine_line(machine: MachineSeen) -> str:
    """Say where a machine stands; progress in steps of ten percent, so that a log stays readable."""
    parts = [machine.wave, machine.name, machine.state, machine.phase]
    if machine.percent is not None:
        parts.append(f"{machine.percent // 10 * 10:.0f}%")
    line = " ".join(part for part in parts if part)
    if machine.problem is not None:
        return f"{line}: {machine.problem.title or machine.problem.id}: {machine.problem.detail}"
    return f"{line}; waiting: {machine.waiting_for}" if machine.waiting_for else line


def _tell_outcome(session: Session, last: Picture) -> None:
    """Say what came of it, machine by machine."""
    if session.as_data:
        session.write(last.raw)
        return
    for line in (*sections.head(last.migration), Text("")):
        session.say(line.plain)
    session.show(tables.outcome(last.machines))
    for line in sections.problems(last.migration, last.machines):
        session.say(line.plain)
    outcome = last.migration.outcome
    session.say(plain(f"Outcome: {outcome}"), style=tables.STYLES.get(outcome, "bold"))
    session.say(f"Report: azferry report {last.migration.id} -o {last.migration.id}.html")
