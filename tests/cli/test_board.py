"""The live picture: everything that matters fits the screen."""

import io

import pytest
from rich.console import Console

from cli.answers import MachineSeen, MigrationSeen
from cli.board import board
from tests.cli.answering import Prepared, in_the_middle, machine, wire


def picture(prepared, columns, lines):
    raw = wire(prepared.migrations["finance.1"])
    seen = MigrationSeen.model_validate(
        raw
        | {
            "road": "aws-to-azure (appliance)",
            "gates": [wire(each) for each in prepared.gates],
            "waves": [wire(each) for each in prepared.waves],
        }
    )
    rows = [MachineSeen.model_validate(wire(row) | {"unfit": row.unfit_text}) for row in prepared.machines]
    out = io.StringIO()
    Console(file=out, width=columns, force_terminal=False).print(board(seen, rows, (columns, lines)))
    return out.getvalue()


@pytest.mark.parametrize(("columns", "lines"), [(80, 40), (160, 40)])
def test_the_picture_of_a_migration_in_the_middle(same_as, columns, lines):
    prepared = Prepared()
    in_the_middle(prepared)

    drawn = picture(prepared, columns, lines)

    assert all(len(line) <= columns for line in drawn.splitlines())
    same_as(f"board-{columns}", drawn)


@pytest.mark.parametrize("lines", [24, 40, 60])
def test_a_large_fleet_is_cut_to_the_screen_and_the_rest_is_counted(lines):
    prepared = Prepared()
    prepared.add(machines=300)
    prepared.machines = [machine(f"m{at:03}", state="Finalized") for at in range(299)]
    prepared.machines.append(machine("broken", state="Failed", failed_in="quiesce"))

    drawn = picture(prepared, 80, lines)

    assert len(drawn.splitlines()) <= lines
    assert "broken" in drawn
    assert "Finalized" in drawn[drawn.index("… and") :]


def test_many_long_waits_leave_room_for_the_machines():
    prepared = Prepared()
    in_the_middle(prepared)
    prepared.machines = [machine(f"m{at:03}", waiting_for=f"job {at} " + "of many words " * 9) for at in range(40)]

    drawn = picture(prepared, 80, 24)

    assert len(drawn.splitlines()) <= 24
    assert "… more of this" in drawn
    assert "m000" in drawn


def test_the_steps_of_a_gate_may_be_long_its_command_is_still_seen():
    prepared = Prepared()
    in_the_middle(prepared)
    prepared.gates = [prepared.gates[0].replace(text="register the appliance " * 60)]

    drawn = picture(prepared, 80, 24)

    assert "…" in drawn
    assert f"$ {prepared.gates[0].release}" in drawn
