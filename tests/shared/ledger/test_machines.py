"""The ledger of machines: written once, unchanged by calls that come late, complete after any crash."""

from collections.abc import Callable
from datetime import datetime

import pytest

from shared.concerns.registry import Concern
from shared.concerns.source_facts import DiskFacts, SourceFacts
from shared.ledger import machines
from shared.ledger.evidence import Evidence
from shared.ledger.machine_row import MachineChanges, MachineRow, Mark
from shared.models import Scope
from shared.problems import NotFound, ProblemData
from shared.states import ForbiddenTransition, MachineState

pytestmark = pytest.mark.usefixtures("store")

At = Callable[[int], datetime]


def row(name: str, round_: int = 1, **more: object) -> MachineRow:
    return MachineRow.model_validate({"migration": "m.1", "name": name, "wave": "w1", "round": round_, **more})


def place(now: datetime, name: str = "a", round_: int = 1) -> Scope:
    return Scope(migration="m.1", wave="w1", machine=name, phase="p", round=round_, now=now)


def test_a_row_is_kept_as_it_was_written(at: At) -> None:
    complete = row(
        "a",
        state=MachineState.TESTING,
        problem=ProblemData(kind="Refused", id="refused", title="t", detail="d", extra={"k": "v"}),
        concerns=[Concern(id="c", category="warning", evidence="e", advice="x", acknowledged_by="me")],
        source=SourceFacts(disks=(DiskFacts(device="xvdb", size_gib=30),)),
        marks={Mark.QUIESCED: at(1)},
        eta=at(5),
        percent=0.5,
        stamp=at(0),
    )

    machines.create_many([complete])

    assert machines.get("m.1", "a") == complete.replace(stamps={1: at(0)})


def test_creating_twice_keeps_what_was_changed_meanwhile(at: At) -> None:
    machines.create_many([row("a"), row("b")])
    machines.change(place(at(1)), state=MachineState.INITIAL_SYNC)

    machines.create_many([row("a"), row("b"), row("c")])

    assert [(each.name, each.state) for each in machines.list("m.1")] == [
        ("a", MachineState.INITIAL_SYNC),
        ("b", MachineState.NOT_READY),
        ("c", MachineState.NOT_READY),
    ]


def test_a_state_that_may_not_follow_is_never_written(at: At) -> None:
    machines.create_many([row("a", state=MachineState.FINALIZED)])

    with pytest.raises(ForbiddenTransition, match="cannot become RolledBack: it is Finalized"):
        machines.change(place(at(1)), state=MachineState.ROLLED_BACK, phase="rollback")
    with pytest.raises(ForbiddenTransition):
        machines.change_all(place(at(1)), lambda _: True, state=MachineState.CUTTING_OVER)

    kept = machines.get("m.1", "a")
    assert kept
    assert (kept.state, kept.phase) == (MachineState.FINALIZED, "")


def test_a_writer_that_runs_again_finds_its_state_there_and_a_late_twin_is_not_even_asked(at: At) -> None:
    machines.create_many([row("a", state=MachineState.CUT_OVER)])
    machines.change(place(at(1)), state=MachineState.FINALIZED)

    assert machines.change(place(at(1)), state=MachineState.FINALIZED).state == MachineState.FINALIZED

    machines.change(place(at(3)), state=MachineState.DECOMMISSIONED)
    assert machines.change(place(at(2)), state=MachineState.CUT_OVER).state == MachineState.DECOMMISSIONED


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", [1, 2, 3])
def test_who_died_while_creating_is_repaired_by_running_again(dying: Callable, write: int, after: bool) -> None:
    rows = [row(f"m{number:03}") for number in range(250)]
    with dying(write, after=after) as died:
        machines.create_many(rows)
    assert died == [True]

    machines.create_many(rows)

    assert [each.name for each in machines.list("m.1")] == [each.name for each in rows]


def test_many_creators_at_once_make_each_row_once(together: Callable) -> None:
    rows = [row(f"m{number:03}") for number in range(120)]

    answers = together(lambda shift: machines.create_many(rows[shift:] + rows[:shift]), [0, 30, 60, 90])

    assert answers == [None] * 4
    assert len(list(machines.list("m.1"))) == 120


def test_changes_add_to_marks_jobs_scripts_and_evidence(at: At) -> None:
    machines.create_many([row("a")])
    machines.change(place(at(1)), marks={Mark.QUIESCED: at(1)}, jobs={"p": "j1"}, scripts={"a": "u"})
    machines.change(place(at(1)), evidence=Evidence(image="ami-1"))

    changed = machines.change(place(at(2)), marks={Mark.STOPPED: at(2)}, jobs={"p": "j2"}, scripts={"a": "", "b": "v"})
    changed = machines.change(place(at(2)), evidence=Evidence(recovery_point="rp-1"))

    assert changed.marks == {Mark.QUIESCED: at(1), Mark.STOPPED: at(2)}
    assert (changed.jobs, changed.scripts) == ({"p": "j2"}, {"b": "v"}), "an empty text takes its key out"
    assert changed.evidence == Evidence(image="ami-1", recovery_point="rp-1")
    assert changed.stamp == at(2)


def test_a_late_twin_changes_nothing(at: At) -> None:
    machines.create_many([row("a")])
    machines.change(place(at(5)), phase="later")

    seen = machines.change(place(at(4)), phase="late")

    assert seen.phase == "later"
    assert machines.get("m.1", "a") == seen


def test_another_round_has_a_clock_of_its_own(at: At) -> None:
    machines.create_many([row("a")])
    machines.change(place(at(5), round_=2), owner="rollback")

    assert machines.change(place(at(4), round_=1), owner="").owner == ""


def test_an_equal_change_writes_nothing(at: At) -> None:
    machines.create_many([row("a")])
    machines.change(place(at(1)), phase="x", marks={Mark.UP: at(1)})
    before = machines.TABLE.find("m.1", "a")

    machines.change(place(at(2)), phase="x", marks={Mark.UP: at(1)})

    assert machines.TABLE.find("m.1", "a") == before


def test_a_condition_is_asked_of_the_row_as_it_stands(at: At) -> None:
    machines.create_many([row("a", owner="flow-2")])

    seen = machines.change(place(at(1)), when=lambda machine: machine.owner == "flow-1", owner="")

    assert seen.owner == "flow-2"


def test_no_machine_is_taken_by_two_flows(together: Callable, at: At) -> None:
    machines.create_many([row("a")])

    def take(flow: str) -> bool:
        return machines.change(place(at(1)), when=lambda machine: not machine.owner, owner=flow).owner == flow

    assert together(take, [f"flow{number}" for number in range(16)]).count(True) == 1


def test_changes_of_many_writers_add_up(together: Callable, at: At) -> None:
    machines.create_many([row("a")])

    together(lambda number: machines.change(place(at(1)), jobs={f"p{number}": "j"}), list(range(16)))

    kept = machines.get("m.1", "a")
    assert kept
    assert len(kept.jobs) == 16


def test_a_machine_that_is_not_there_cannot_change(at: At) -> None:
    with pytest.raises(NotFound, match=r"no machine a in migration m\.1"):
        machines.change(place(at(1)), phase="x")


def test_a_field_that_does_not_exist_is_a_bug(at: At) -> None:
    machines.create_many([row("a")])

    with pytest.raises(TypeError, match="fase"):
        machines.change(place(at(1)), fase="x")


def test_machines_are_listed_by_wave_and_state() -> None:
    machines.create_many(
        [row("a", state=MachineState.FAILED), row("b"), row("c", wave="w2", state=MachineState.FAILED)]
    )

    assert [each.name for each in machines.list("m.1", wave="w1")] == ["a", "b"]
    assert [each.name for each in machines.list("m.1", states={MachineState.FAILED})] == ["a", "c"]
    assert [each.name for each in machines.list("m.1", wave="w1", states={MachineState.FAILED})] == ["a"]
    assert list(machines.list("m.2")) == []


def test_machines_are_paged_by_name() -> None:
    machines.create_many([row(name) for name in "abc"])

    first, token = machines.page("m.1", "", 2)
    second, end = machines.page("m.1", token, 2)

    assert [each.row.name for each in first + second] == ["a", "b", "c"]
    assert end == ""


def test_a_change_may_say_every_field_of_a_row_but_its_name() -> None:
    assert set(MachineRow.model_fields) - set(MachineChanges.__annotations__) == {
        "migration",
        "name",
        "stamp",
        "stamps",
    }
