"""How a rehearsal ends: a table of what came of each machine, the report in the run folder, the exit code."""

from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli import sections
from cli.failing import Failing
from cli.tables import STYLES
from cli.wording import duration, plain

from .api_client import Door, Picture

FORMS = ("html", "json", "csv")


def save_reports(door: Door, migration: str, folder: Path) -> list[Path]:
    """Save the report in every form that the app gives; give where."""
    saved = []
    for form in FORMS:
        with suppress(Failing):  # without a report the outcome still counts
            place = folder / f"report.{form}"
            place.write_bytes(door.report(migration, form))
            saved.append(place)
    return saved


def tell(console: Console, picture: Picture, reports: list[Path]) -> int:
    """Write what came of it; give the exit code."""
    table = Table(
        title=Text(f"{picture.migration.id}: {picture.migration.outcome or picture.migration.status}", "bold")
    )
    for heading in ("Wave", "Machine", "State"):
        table.add_column(heading, no_wrap=True)
    table.add_column("Downtime", justify="right")
    for machine in sorted(picture.machines, key=lambda row: (row.wave, row.name)):
        state = Text(plain(machine.state), STYLES.get(machine.state, ""))
        table.add_row(machine.wave, machine.name, state, duration(machine.downtime_seconds) or "none")
    console.print(table)
    for line in (
        *sections.waits(picture.migration, picture.machines),
        *sections.problems(picture.migration, picture.machines),
    ):
        console.print(line, soft_wrap=True)
    for report in reports:
        console.print(Text(f"Report: {report}"), soft_wrap=True)
    return 0 if picture.migration.outcome == "Succeeded" else 1
