"""The live picture of a migration: head, gates with their commands, machines, problems; cut to the screen."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Group
from rich.text import Text

from cli import sections
from cli.answers import MachineSeen, MigrationSeen
from cli.tables import WIDE, latest, machines, most_urgent
from cli.wording import moment

FEWEST_ROWS = 3
LONGEST_TEXT = 3  # lines of the screen; `show` prints the whole


def board(
    migration: MigrationSeen, all_machines: Sequence[MachineSeen], size: tuple[int, int], trouble: str = ""
) -> Group:
    """Draw it for a screen of (columns, lines); `trouble` says why the picture may be old."""
    columns, screen = size
    now = latest(migration, all_machines)
    head = [*sections.head(migration), Text("")]
    waits = _cut([*sections.waits(migration, [] if columns >= WIDE else all_machines)], columns, screen // 3)
    wrong = _cut([*sections.problems(migration, all_machines)], columns, screen // 4)
    last = [*([Text(trouble, style="bold red")] if trouble else []), _foot(now)]
    above, below = [*head, *waits], [*wrong, *last]
    room = screen - _height([*above, *below], columns) - 4  # blank line, heading, words for the rest, cursor
    shown, remainder = most_urgent(all_machines, max(room, FEWEST_ROWS))
    table = machines(shown, columns, now)
    return Group(*above, Text(""), table, *([Text(remainder)] if remainder else []), *below)


def _foot(now: datetime | None) -> Text:
    return Text(f"as of {moment(now)}; Ctrl-C stops watching, the migration goes on", style="dim")


def _cut(lines: list[Text], columns: int, most: int) -> list[Text]:
    """Keep the first lines that fit; the last one says that there are more."""
    kept: list[Text] = []
    for at, line in enumerate(lines):
        line.truncate(LONGEST_TEXT * columns - 1, overflow="ellipsis")
        if _height([*kept, line], columns) > most:
            return [*kept[: most - 1], Text(f"… more of this ({len(lines) - at} lines): see `show`", style="dim")]
        kept.append(line)
    return kept


def _height(lines: Sequence[Text], columns: int) -> int:
    return sum(max(1, -(-line.cell_len // columns)) for line in lines)
