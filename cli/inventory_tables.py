"""Tables of what a source has, and of what selections find."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from cli.answers import InventoriedMachineSeen, SelectedMachineSeen
from cli.tables import cell_of, plain_table

NARROW = 24  # letters that the rules' names need at least


def inventoried(machines: Sequence[InventoriedMachineSeen]) -> Table:
    """Draw machines with what covers them, and the rules that found something at each."""
    table = plain_table(("Machine", 13), ("State", 9), ("System", 8), ("Covered by", 12))
    table.add_column("Concerns", overflow="fold", min_width=NARROW)
    for each in machines:
        concerns = Text("would be stopped: ", style="bold red") if each.blocked else Text()
        found = (cell_of(each.state or "found"), cell_of(each.os_family or each.os_name[:NARROW]))
        concerns.append_text(cell_of(", ".join(each.concerns)))
        table.add_row(cell_of(each.name), *found, cell_of(", ".join(each.covered_by) or "no plan"), concerns)
    return table


def selected(machines: Sequence[SelectedMachineSeen]) -> Table:
    """Draw machines that an entry selects."""
    table = plain_table(("Machine", 13), ("At its source", 20), ("Id", 20), ("Address", 12))
    for each in machines:
        table.add_row(*map(cell_of, (each.name, each.source_name, each.source_id, each.private_ip)))
    return table
