"""The fixtures themselves: the machines of a migration come all the way."""

from shared.states import MachineState
from tests.activities.ferry import Ferry


def test_a_machine_walks_all_the_way(prepared: Ferry) -> None:
    prepared.walk("web1")
    assert prepared.row("web1").state == MachineState.FINALIZED


def test_machines_stop_where_they_are_told_to(prepared: Ferry) -> None:
    prepared.walk("web1", "db1", until="stop_source")
    assert {prepared.row(name).phase for name in ("web1", "db1")} == {"quiesce"}
    prepared.walk("db1")
    assert prepared.row("db1").state == MachineState.FINALIZED
    assert prepared.row("web1").state == MachineState.CUTTING_OVER
