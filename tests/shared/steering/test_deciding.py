"""Decisions of people: at gates, about windows, phases and concerns."""

import pytest

from shared import controls, gates
from shared.gates import Gate, Verdict
from shared.ledger import events, machines
from shared.models import Place
from shared.problems import NotAllowedNow, NotFound
from shared.states import MachineState
from shared.steering.deciding import Answer, acknowledge, cut_over_now, decide, skip
from shared.waits import WaitKind


@pytest.fixture
def gate(migration):
    gates.open_gate(Gate(migration=migration, name="cutover", wave="first", pending=("a", "b")))


@pytest.mark.usefixtures("gate")
def test_a_decision_finds_its_wave_reaches_whom_it_names_and_wakes_the_waiter(migration, said, waits):
    waits("b", WaitKind.GATE)

    steered = decide(migration, Answer(gate="cutover", decision=Verdict.REJECT, machines=("b",)), said)

    kept = gates.get(migration, "first", "cutover")
    assert (kept.pending, kept.batches[0].machines, kept.batches[0].by) == (("a",), ("b",), "eve")
    assert [told.event for told in steered.announcements] == ["b"]
    assert "decided-cutover" in [one.what for one in events.page(migration)[0]]


def test_a_decision_for_which_nothing_waits_is_refused(migration, said):
    with pytest.raises(NotAllowedNow):
        decide(migration, Answer(gate="cutover", decision=Verdict.APPROVE, wave="first"), said)


@pytest.mark.usefixtures("gate")
def test_an_approval_of_a_wave_that_is_not_in_the_plan_is_refused(migration, said):
    with pytest.raises(NotFound, match="no wave other"):
        decide(migration, Answer(gate="cutover", decision=Verdict.APPROVE, wave="other"), said)


@pytest.mark.usefixtures("gate")
def test_cutover_now_opens_the_window_and_approves_what_waits(migration, said):
    cut_over_now(migration, "first", (), said)

    assert gates.get(migration, "first", "cutover").decided("b").decision == Verdict.APPROVE
    assert [one.phase for one in controls.skips(migration, "b")] == ["await_window"]
    assert controls.skips(migration, "a") == (), "it failed: it is not ready for a cutover"


def test_cutover_now_needs_a_machine_that_is_ready(migration, said):
    machines.change(Place(migration=migration, machine="b", wave="first", now=said.at), state=MachineState.CUTTING_OVER)

    with pytest.raises(NotAllowedNow, match="no machine of wave first is ready"):
        cut_over_now(migration, "first", (), said)


def test_cutover_now_is_not_for_machines_whose_road_waits_for_a_person(migration, said):
    waits = {"state": MachineState.AWAITING_USER_ACTION, "owner": ""}
    machines.change(Place(migration=migration, machine="b", wave="first", now=said.at), **waits)

    with pytest.raises(NotAllowedNow, match="no machine of wave first is ready"):
        cut_over_now(migration, "first", (), said)


def test_a_phase_is_left_out_with_its_reason(migration, said):
    skip(migration, "b", "verify", said)

    assert [one.phase for one in controls.skips(migration, "b")] == ["verify"]
    assert "eve left out verify: because" in [one.text for one in events.page(migration)[0]]


@pytest.mark.parametrize(
    ("machine", "phase", "refusal"), [("b", "fail_over", NotAllowedNow), ("x", "verify", NotFound)]
)
def test_what_must_be_done_is_never_left_out(migration, said, machine, phase, refusal):
    with pytest.raises(refusal):
        skip(migration, machine, phase, said)


@pytest.mark.parametrize(("machine", "whose"), [("", "*"), ("a", "a")])
def test_a_concern_is_acknowledged_for_a_machine_or_for_all(migration, said, machine, whose):
    acknowledge(migration, "replication-mode-retired", machine, said)

    (kept,) = controls.acknowledged(migration)
    assert (kept.concern, kept.machine, kept.by, kept.reason) == ("replication-mode-retired", whose, "eve", "because")
