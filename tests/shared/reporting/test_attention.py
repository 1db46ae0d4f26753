"""What stands at the top: what was found while machines wait for their window, the machines of one trouble together."""

from typing import Any

from shared.concerns.registry import Concern
from shared.ledger.machine_row import MachineRow
from shared.models import NEVER
from shared.reporting.attention import attention
from shared.states import MachineState as S

QUOTA = Concern(id="cores-quota", category="critical", title="The quota is too small", evidence="2 are free")


def row(name: str, state: S, *concerns: Concern, **more: Any) -> MachineRow:
    return MachineRow(migration="m.1", name=name, state=state, concerns=concerns, **more)


def test_machines_that_wait_and_would_fail_are_told_together_with_what_was_seen() -> None:
    rows = [row("web1", S.READY_FOR_CUTOVER, QUOTA), row("db1", S.READY_FOR_CUTOVER, QUOTA)]
    assert attention(rows, NEVER) == ("web1, db1 could not be cut over now: The quota is too small: 2 are free",)


def test_what_was_accepted_or_is_only_a_warning_is_not() -> None:
    accepted = QUOTA.replace(acknowledged_by="ann")
    rows = [row("web1", S.READY_FOR_CUTOVER, accepted, QUOTA.replace(category="warning"))]
    assert attention(rows, NEVER) == ()


def test_neither_are_machines_that_are_elsewhere_by_now() -> None:
    rows = [row("web1", state, QUOTA) for state in (S.CUTTING_OVER, S.FINALIZED, S.FAILED, S.CANCELLED)]
    assert attention(rows, NEVER) == ()
