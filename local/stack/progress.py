"""What a person sees of a rehearsal: a live picture on a terminal, a line for each change elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from cli.answers import MachineSeen
from cli.tables import STYLES
from cli.wording import plain

from .api_client import Picture
from .rehearsal import Show

RECENT = 6  # lines of what people did


@contextmanager
def shown(console: Console) -> Iterator[Show]:
    """Give what shows a picture."""
    if not console.is_terminal:
        yield Lines(console).show
        return
    screen = Screen()
    with Live(console=console, auto_refresh=False, transient=True, vertical_overflow="crop") as live:

        def show(picture: Picture, now: datetime, done: list[str]) -> None:
            live.update(screen.draw(picture, now, done), refresh=True)

        yield show


@dataclass
class Screen:
    """The live picture."""

    finished: list[str] = field(default_factory=list)

    def draw(self, picture: Picture, now: datetime, done: list[str]) -> RenderableType:
        """Draw the migration, its machines and what people did."""
        self.finished += [f"{now:%d %b %H:%M}  {line}" for line in done]
        seen = picture.migration
        head = Text.assemble(
            (plain(seen.id), "bold"), f"  {_standing(picture)}   ", (f"{now:%Y-%m-%d %H:%M:%S}Z", "dim")
        )
        gates = [Text(plain(f"gate {each.name}: {each.text}"), "yellow", no_wrap=True) for each in picture.gates]
        below = [Text(plain(line), "dim") for line in self.finished[-RECENT:]]
        return Group(head, *gates, Text(""), machine_table(picture.machines), Text(""), *below)


def machine_table(machines: tuple[MachineSeen, ...]) -> Table:
    """Draw the machines as they stand."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold", expand=True)
    for heading in ("Wave", "Machine", "State", "Phase"):
        table.add_column(heading, no_wrap=True)
    table.add_column("%", justify="right", no_wrap=True)
    table.add_column("Waits for", no_wrap=True, overflow="ellipsis", ratio=1)
    for each in machines:
        percent = "" if each.percent is None else f"{each.percent:.0f}"
        state = Text(each.state, style=STYLES.get(each.state, ""))
        waits = Text(plain(each.problem.detail if each.problem else each.waiting_for))
        table.add_row(each.wave, each.name, state, each.phase, percent, waits)
    return table


@dataclass
class Lines:
    """Changes line by line, for logs and pipes."""

    console: Console
    shown: dict[str, str] = field(default_factory=dict)

    def show(self, picture: Picture, now: datetime, done: list[str]) -> None:
        """Write what is new."""
        self._tell("", now, _standing(picture))
        for each in picture.machines:
            self._tell(each.name, now, _machine(each))
        for line in done:
            self._write(now, line)

    def _tell(self, about: str, now: datetime, line: str) -> None:
        if self.shown.get(about) != line:
            self.shown[about] = line
            self._write(now, f"{about:<12} {line}" if about else line)

    def _write(self, now: datetime, line: str) -> None:
        self.console.print(Text(plain(f"{now:%Y-%m-%d %H:%M:%S}Z  {line}")), soft_wrap=True)


def _standing(picture: Picture) -> str:
    """Say in a few words how the migration stands."""
    seen = picture.migration
    return " ".join(part for part in (seen.status, seen.outcome, seen.phase if not seen.ended else "") if part)


def _machine(machine: MachineSeen) -> str:
    """Say where a machine stands, in steps of a quarter so that a log stays readable."""
    percent = "" if machine.percent is None or machine.state != "InitialSync" else f"{machine.percent // 25 * 25:.0f}%"
    line = " ".join(part for part in (machine.state, machine.phase, percent) if part)
    if machine.problem is not None:
        return f"{line}: {machine.problem.detail}"
    return f"{line}: waits for {machine.waiting_for}" if machine.waiting_for and not percent else line
