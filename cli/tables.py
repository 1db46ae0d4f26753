"""Tables: migrations, machines, what came of them. Pure: from answers to things that rich can draw."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from rich.table import Table
from rich.text import Text

from cli.answers import AssessedMachineSeen, MachineSeen, MigrationSeen, ProfileSeen
from cli.wording import brief, duration, hour, moment, plain

WIDE = 130  # from here on what a machine waits for stands in its row
STYLES = {
    "Failed": "bold red",
    "AwaitingUserAction": "bold yellow",
    "Paused": "yellow",
    "RolledBack": "magenta",
    "Cancelled": "magenta",
    "ReadyForCutover": "cyan",
    "CuttingOver": "bold blue",
    "CutOver": "green",
    "Finalized": "green",
    "Decommissioned": "green",
    "Succeeded": "bold green",
    "PartiallySucceeded": "bold yellow",
}
# Who needs a person comes first, who is through comes last.
URGENCY = (
    *("Failed", "AwaitingUserAction", "Paused", "CuttingOver", "CutOver", "Testing", "ReadyForTest", "InitialSync"),
    *("NotReady", "ReadyForCutover", "RolledBack", "Cancelled", "Finalized", "Decommissioned"),
)


def migrations(seen: Iterable[MigrationSeen]) -> Table:
    """Draw a list of migrations."""
    table = plain_table(("Migration", 24), ("Status", 10), ("Outcome", 18), ("Machines", 8, "right"), ("Started", 20))
    for each in seen:
        outcome = Text(plain(each.outcome), style=STYLES.get(each.outcome, ""))
        table.add_row(cell_of(each.id), cell_of(each.status), outcome, str(each.machines), moment(each.started_at))
    return table


def profiled(seen: Iterable[ProfileSeen]) -> Table:
    """Draw a list of profiles that plans can name."""
    table = plain_table(("Profile", 16), ("Version", 7, "right"), ("Changed", 20), ("By", 16), ("About", 30))
    for each in seen:
        table.add_row(
            cell_of(each.name), str(each.version), moment(each.at), cell_of(each.by), cell_of(each.description)
        )
    return table


def machines(seen: Sequence[MachineSeen], width: int, today: datetime | None = None) -> Table:
    """Draw machines as they stand; what they wait for only where there is room for it."""
    columns: list[Any] = [("Wave", 9), ("Machine", 13), ("State", 18), ("Phase", 19), ("%", 3, "right"), ("Lag", 3)]
    table = plain_table(*columns, ("ETA", 6 if width < WIDE else 12))
    if width >= WIDE:
        table.add_column("Serves", no_wrap=True)
        table.add_column("Waits for", no_wrap=True, overflow="ellipsis", ratio=1)
    for each in seen:
        table.add_row(*_machine(each, width, today))
    return table


def _machine(machine: MachineSeen, width: int, today: datetime | None) -> list[Text]:
    percent = "" if machine.percent is None else f"{machine.percent:.0f}"
    phase = f"in {machine.failed_in}" if machine.state == "Failed" and machine.failed_in else machine.phase
    row = [
        *(
            cell_of(machine.wave),
            cell_of(machine.name),
            Text(plain(machine.state), style=STYLES.get(machine.state, "")),
            cell_of(phase),
        ),
        *(cell_of(percent), cell_of(brief(machine.lag_seconds)), cell_of(hour(machine.eta, today))),
    ]
    return (
        [*row, _serves(machine), cell_of(machine.problem.title if machine.problem else machine.waiting_for)]
        if width >= WIDE
        else row
    )


def _serves(machine: MachineSeen) -> Text:
    """Say where a machine serves; how long it has been down in the outage that goes on."""
    down = brief(machine.outage_seconds)
    style = "bold red" if machine.serving == "nowhere" else ""
    return Text(plain(machine.serving + (f" {down}" if down else "")), style=style)


def outcome(machines: Sequence[MachineSeen]) -> Table:
    """Draw what came of each machine, with the downtime that was measured."""
    table = plain_table(("Wave", 14), ("Machine", 20), ("State", 18), ("Serves", 8), ("Downtime", 12, "right"))
    for each in machines:
        state = Text(plain(each.state), style=STYLES.get(each.state, ""))
        table.add_row(cell_of(each.wave), cell_of(each.name), state, _serves(each), duration(each.downtime_seconds))
    return table


def assessed(machines: Sequence[AssessedMachineSeen]) -> Table:
    """Draw machines as an assessment found them, with the rules that found something at each."""
    table = plain_table(
        ("Wave", 9), ("Machine", 13), ("State", 9), ("System", 12), ("Cores", 5, "right"), ("GB", 6, "right")
    )
    table.add_column("Concerns", overflow="fold")
    for each in machines:
        state = Text("stopped by a concern", style="bold red") if each.blocked else cell_of(each.state or "found")
        row = (state if each.found or each.blocked else cell_of("not found"), cell_of(each.os_name or each.os_family))
        cores, size = "" if each.cores is None else str(each.cores), f"{sum(each.disks_gb):g}" if each.disks_gb else ""
        table.add_row(cell_of(each.wave), cell_of(each.name), *row, cores, size, cell_of(", ".join(each.concerns)))
    return table


def most_urgent(machines: Sequence[MachineSeen], limit: int) -> tuple[list[MachineSeen], str]:
    """Give at most `limit` machines in their order, those that need a person first; and words for the rest."""
    if len(machines) <= limit:
        return list(machines), ""
    ranked = sorted(range(len(machines)), key=lambda at: (_urgency(machines[at].state), at))
    shown = set(ranked[:limit])
    counts: dict[str, int] = {}
    for at in ranked[limit:]:
        counts[machines[at].state] = counts.get(machines[at].state, 0) + 1
    return [machines[at] for at in sorted(shown)], f"… and {len(machines) - limit:,} more: {counted(counts)}"


def latest(migration: MigrationSeen, rows: Sequence[MachineSeen]) -> datetime | None:
    """Give the moment of the newest entry of the ledger: by the app's clock, which may not be ours."""
    return max((at for at in (migration.stamp, *(each.stamp for each in rows)) if at), default=None)


def counted(counts: dict[str, int]) -> str:
    """Give how many machines stand where: 1 Failed, 3 Finalized."""
    return ", ".join(f"{counts[state]} {state}" for state in sorted(counts, key=_urgency) if counts[state])


def _urgency(state: str) -> int:
    return URGENCY.index(state) if state in URGENCY else 0


def plain_table(*columns: tuple[str, int] | tuple[str, int, Literal["left", "right"]]) -> Table:
    """Make a table without lines, which reads well in a log, too."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for heading, width, *justify in columns:
        table.add_column(
            heading, min_width=min(width, len(heading)), justify=justify[0] if justify else "left", no_wrap=True
        )
    return table


def cell_of(text: str) -> Text:
    """Make a cell of text that nothing is read into."""
    return Text(plain(text))
