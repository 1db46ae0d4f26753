"""Rows as some flow left them: a test begins in the middle of a migration, whatever the flow had to go through."""

from typing import Any

from shared.ledger.machine_row import MachineRow
from shared.ledger.machines import TABLE
from shared.ledger.versioned_row import stamped
from shared.models import Scope


def put(scope: Scope, **changes: Any) -> MachineRow:
    """Put changes into a machine's row, past the table of states; gives the row."""
    row = TABLE.change(scope.migration, scope.machine, lambda row: stamped(row, scope, changes) if row else None)
    assert row is not None, f"there is no machine {scope.machine} in migration {scope.migration}"
    return row
