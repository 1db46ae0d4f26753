"""Gates: a decision reaches exactly the machines it names, once, and is refused where nothing waits."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from shared.coordination import gates
from shared.coordination.decision import Decision, Verdict
from shared.coordination.gate_decisions import overdue
from shared.coordination.gate_decisions import record as put
from shared.coordination.gate_row import GateRow
from shared.problems import NotAllowedNow
from shared.storage import patience
from tests.gate_answers import record

pytestmark = pytest.mark.usefixtures("store")

At = Callable[[int], datetime]
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def approval(*machines: str, **more: object) -> GateRow:
    return GateRow.model_validate({"migration": "m.1", "name": "approval", "wave": "w1", "pending": machines, **more})


def decide(
    *machines: str,
    verdict: Verdict = Verdict.APPROVE,
    everybody: bool = False,
    now: datetime = NOW,
    by: str = "anna",
    name: str = "approval",
    wave: str = "w1",
) -> GateRow:
    decision = Decision(verdict=verdict, by=by, at=now, comment="fine")
    return record("m.1", wave, name, decision, None if everybody else machines)


def test_a_full_approval_closes_the_gate() -> None:
    gates.open_gate(approval("a", "b"))

    gate = decide(everybody=True)

    assert (gate.open, gate.pending) == (False, ())
    assert gate.batches[0].machines == ("a", "b")
    assert gates.get("m.1", "w1", "approval") == gate
    assert gates.of_migration("m.1") == ()


def test_people_see_at_once_what_this_process_changed_at_a_gate_and_soon_what_another_did(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gates.open_gate(approval("a", "b"))
    assert [each.pending for each in gates.at_a_glance("m.1")] == [("a", "b")]
    decide("a")
    assert [(each.pending, each.batches) for each in gates.at_a_glance("m.1")] == [(("b",), ())]

    with patience.with_patience(patience.FOR_A_PROBE):  # another process, whose memory is another's
        gates.TABLE.change("m.1", "w1.approval.", lambda existing: existing and existing.replace(text="by hand"))
    assert [each.text for each in gates.at_a_glance("m.1")] == [""]
    monkeypatch.setattr(gates, "SECONDS", 0.0)  # as when they have passed
    assert [each.text for each in gates.at_a_glance("m.1")] == ["by hand"]
    gates.close("m.1", "w1", "approval")
    assert gates.at_a_glance("m.1") == ()


def test_a_partial_approval_leaves_the_rest_waiting() -> None:
    gates.open_gate(approval("a", "b", "c"))

    gate = decide("b")
    again = decide("c", verdict=Verdict.REJECT)

    assert (gate.open, gate.pending) == (True, ("a", "c"))
    assert (again.open, again.pending) == (True, ("a",))
    assert [each.verdict for each in again.batches] == [Verdict.APPROVE, Verdict.REJECT]
    assert again.decided("b") == again.batches[0]
    assert again.decided("a") is None


def test_opening_again_changes_nothing() -> None:
    gates.open_gate(approval("a", "b"))
    decide("a")

    gate = gates.open_gate(approval("a", "b"))

    assert gate.pending == ("b",)


def test_a_machine_that_comes_later_waits_too() -> None:
    gates.open_gate(approval("a"))
    decide("a")

    gate = gates.open_gate(approval("a", "b"))

    assert (gate.open, gate.pending) == (True, ("b",))
    assert len(gate.batches) == 1


def test_a_machine_of_a_newer_round_waits_anew_and_takes_the_gate_from_nobody() -> None:
    gates.open_gate(approval("a", "b"))
    decide("a")

    newer = gates.open_gate(approval("a", round=2, text="once more"))
    late = gates.open_gate(approval("a", "c", round=1, text="as before"))

    assert (newer.open, newer.pending, newer.decided("a")) == (True, ("b", "a"), None)
    assert (late.pending, late.ticket("a"), late.ticket("c")) == (("b", "a", "c"), (2, 1), (1, 1))
    assert (late.of_round(1), late.of_round(2), late.text) == (("b", "c"), ("a",), "once more")


def test_a_decision_is_for_the_round_in_which_a_machine_waited() -> None:
    gates.open_gate(approval("a", "b"))
    decide("a", "b")
    gates.open_gate(approval("a", round=2))
    again = decide("a", verdict=Verdict.REJECT, now=NOW.replace(hour=1))

    assert [each.tickets for each in again.batches] == [{"a": (1, 1), "b": (1, 1)}, {"a": (2, 1)}]
    assert again.decided("a") == again.batches[1]
    assert again.decided("b") == again.batches[0]


def test_who_went_another_way_waits_nowhere_and_a_newer_ticket_is_kept() -> None:
    gates.open_gate(approval("a", "b", round=2))
    gates.open_gate(GateRow(migration="m.1", name="accept", wave="w1", machine="a"))

    gates.withdraw_everywhere("m.1", ["a"], 2)

    assert [(each.name, each.pending) for each in gates.of_migration("m.1")] == [("approval", ("a", "b"))]
    left = gates.withdraw(gates.of_migration("m.1")[0], ["a", "b"])
    assert (left.open, gates.of_migration("m.1")) == (False, ())


def test_an_answer_is_noted_at_its_own_ticket_only(at: At) -> None:
    first = gates.open_gate(approval("a"))
    second = gates.open_gate(approval("a", number=2))

    assert gates.answer(first, at(1)).answered is None
    assert gates.answer(second, at(2)).answered == at(2)


@pytest.mark.parametrize(("comment", "ends"), [("as agreed", "for web1: as agreed"), ("", "for web1")])
def test_a_decision_in_words_ends_with_its_comment_where_there_is_one(comment: str, ends: str) -> None:
    decision = Decision(
        by="eve", verb="approve", verdict=Verdict.APPROVE, gate="cutover", machines=("web1",), comment=comment
    )
    assert decision.text == f"eve: approve at gate cutover {ends}"


def test_a_gate_without_machines_takes_one_confirmation() -> None:
    gates.open_gate(GateRow(migration="m.1", name="register-appliance"))

    gate = decide(everybody=True, verdict=Verdict.CONFIRM, name="register-appliance", wave="")

    assert not gate.open
    decision = gate.decided()
    assert decision
    assert (decision.verdict, decision.by) == (Verdict.CONFIRM, "anna")
    with pytest.raises(NotAllowedNow):
        decide(everybody=True, now=NOW.replace(hour=1), name="register-appliance", wave="")


def test_machines_with_gates_of_their_own_are_decided_by_name_or_all_at_once() -> None:
    for machine in "abc":
        gates.open_gate(GateRow(migration="m.1", name="shut-down-source", wave="w1", machine=machine))

    first = decide("b", verdict=Verdict.CONFIRM, name="shut-down-source")
    others = decide(everybody=True, verdict=Verdict.CONFIRM, name="shut-down-source", now=NOW.replace(hour=1))

    assert first.pending == ()
    assert not others.open
    kept = [each.decided(each.machine) for each in gates.every("m.1")]
    assert [each.machines for each in kept if each] == [("a",), ("b",), ("c",)]
    assert gates.of_migration("m.1") == ()


def test_a_decision_where_nothing_waits_is_refused() -> None:
    with pytest.raises(NotAllowedNow, match="approval of wave w1"):
        decide(everybody=True)

    gates.open_gate(approval("a"))
    decide("a")
    with pytest.raises(NotAllowedNow):
        decide(everybody=True, by="bert")


def test_a_machine_that_does_not_wait_refuses_the_whole_decision() -> None:
    gates.open_gate(approval("a", "b"))

    with pytest.raises(NotAllowedNow, match="x") as refused:
        decide("a", "x")

    assert "a, b" in refused.value.facts.advice
    gate = gates.get("m.1", "w1", "approval")
    assert gate
    assert gate.pending == ("a", "b")


def test_a_decision_for_none_of_those_who_wait_is_none_for_all_of_them() -> None:
    gate = gates.open_gate(approval("a"))

    with pytest.raises(NotAllowedNow):
        put(gate, Decision(verdict=Verdict.APPROVE, at=NOW, machines=("x",)))


def test_the_very_same_decision_is_recorded_once() -> None:
    gates.open_gate(approval("a", "b"))
    once = decide("a")

    again = Decision(verdict=Verdict.APPROVE, by="anna", at=NOW, comment="fine", gate="approval", waves=("w1",))
    assert put(once, again.replace(machines=("a",), all_ready=True)) == once


def test_a_gate_that_expired_takes_no_decision(at: At) -> None:
    gates.open_gate(approval("a", expires=at(5)))

    with pytest.raises(NotAllowedNow):
        decide("a", now=at(5))
    assert decide("a", now=at(4)).pending == ()


def test_each_machine_has_the_time_that_it_was_given(at: At) -> None:
    gates.open_gate(approval("a", since=at(0), expires=at(5)))
    gates.open_gate(approval("b", since=at(3), expires=at(8)))
    gate = gates.get("m.1", "w1", "approval")

    assert gate
    assert (gate.since, gate.expires, overdue(gate, at(5))) == (at(0), at(5), ("a",))
    with pytest.raises(NotAllowedNow, match="not waiting at approval: a"):
        decide("a", now=at(6))
    left = decide(everybody=True, now=at(6))
    assert (left.pending, left.batches[0].machines) == (("a",), ("b",))


def test_a_closed_gate_waits_for_nobody() -> None:
    gates.open_gate(approval("a"))
    gates.close("m.1", "w1", "approval")
    gates.close("m.1", "w9", "approval")

    with pytest.raises(NotAllowedNow):
        decide("a")


def test_each_machine_is_decided_once_however_many_decide(together: Callable) -> None:
    machines = [f"m{number}" for number in range(6)]
    gates.open_gate(approval(*machines))

    answers = together(lambda number: decide(machines[number % 6], by=f"p{number}"), list(range(24)))

    assert sum(isinstance(each, GateRow) for each in answers) == 6
    assert sum(isinstance(each, NotAllowedNow) for each in answers) == 18
    gate = gates.get("m.1", "w1", "approval")
    assert gate
    assert sorted(name for batch in gate.batches for name in batch.machines) == machines


def test_a_gate_without_machines_is_confirmed_once_however_many_confirm(together: Callable) -> None:
    gates.open_gate(GateRow(migration="m.1", name="register-appliance"))

    def confirm(number: int) -> GateRow:
        return decide(everybody=True, verdict=Verdict.CONFIRM, by=f"p{number}", name="register-appliance", wave="")

    answers = together(confirm, list(range(8)))

    assert sum(isinstance(each, GateRow) for each in answers) == 1
    assert sum(isinstance(each, NotAllowedNow) for each in answers) == 7
    gate = gates.get("m.1", "", "register-appliance")
    assert gate
    assert len(gate.batches) == 1


def test_all_that_come_at_once_wait(together: Callable) -> None:
    together(lambda number: gates.open_gate(approval(f"m{number}")), list(range(12)))

    gate = gates.get("m.1", "w1", "approval")
    assert gate
    assert len(gate.pending) == 12


@pytest.mark.parametrize("after", [False, True])
def test_who_died_while_deciding_for_many_gates_is_repaired_by_running_again(dying: Callable, after: bool) -> None:
    for machine in "abc":
        gates.open_gate(GateRow(migration="m.1", name="accept", wave="w1", machine=machine))
    with dying(2, after=after) as died:
        decide(everybody=True, name="accept")
    assert died == [True]

    decision = Decision(verdict=Verdict.APPROVE, by="anna", at=NOW, comment="fine", gate="accept", waves=("w1",))
    for gate in gates.every("m.1"):
        put(gate, decision.replace(machines=("a", "b", "c"), all_ready=True))

    assert gates.of_migration("m.1") == ()
    for machine in "abc":
        gate = gates.get("m.1", "w1", "accept", machine)
        assert gate
        assert len(gate.batches) == 1
