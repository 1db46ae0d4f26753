"""Retry, cancel and rollback: which machines a round takes over, and from where they go on."""

from functools import partial

import pytest

from shared.coordination import gates
from shared.coordination.gate_row import GateRow
from shared.coordination.operator_intents import Control, Intent, intent, set_intent, skips
from shared.coordination.waits import WaitKind
from shared.decisions.deciding import cut_over_now
from shared.decisions.rounds import open_roll_back, retry
from shared.ledger import events, machines, migrations
from shared.models import Scope
from shared.problems import CloudRefused, NotAllowedNow, NotFound
from shared.states import MachineState
from tests.ledger_rows import put


def row(name):
    return machines.get("acme.1", name)


def test_a_retry_takes_what_failed_from_the_phase_where_it_failed(migration, decision):
    begun = retry(migration, (), decision).begin

    assert (begun.round, begun.purpose) == (2, "migrate")
    assert (row("a").state, row("a").failed_in, row("a").round) == (MachineState.INITIAL_SYNC, "initial_sync", 2)
    assert [row(name).round for name in "bc"] == [1, 1]
    assert migrations.get(migration).round == 2


def test_commands_of_one_kind_at_once_have_a_round_each(migration, decision, together):
    """Who joined the round of another command might come when its machines were counted already, and walk nowhere."""
    for name in "ab":
        put(
            Scope(migration=migration, machine=name, wave="first", now=decision.at),
            state=MachineState.FAILED,
            failed_in="initial_sync",
        )

    begun = together(lambda name: retry(migration, [name], decision).begin.round, list("ab"))

    assert sorted(begun) == [2, 3]
    assert [row(name).round for name in "ab"] == begun
    assert migrations.get(migration).open_rounds == (1, 2, 3)


def test_a_retry_of_what_is_given_up_begins_at_the_beginning(migration, decision):
    put(Scope(migration=migration, machine="a", wave="first", now=decision.at), state=MachineState.CANCELLED)

    retry(migration, ["a"], decision)

    assert (row("a").state, row("a").failed_in) == (MachineState.NOT_READY, "")


def test_a_retry_of_a_machine_that_did_not_fail_names_its_state(migration, decision):
    with pytest.raises(NotAllowedNow, match="b is ReadyForCutover") as raised:
        retry(migration, ["a", "b"], decision)

    assert "Failed" in raised.value.facts.advice
    assert row("a").round == 1, "nothing was begun"


def test_a_retry_lets_a_cancelled_migration_run_again(migration, decision):
    set_intent(Control(migration=migration, intent=Intent.CANCEL, at=decision.at))

    retry(migration, ["a"], decision)

    assert intent(migration).intent == Intent.RUN


@pytest.mark.parametrize(("purpose", "kind"), [("rollback", Intent.ROLLBACK), ("cancel", Intent.CANCEL)])
def test_a_way_back_takes_all_that_are_not_through(migration, decision, waits, purpose, kind):
    waits("b", WaitKind.GATE)

    steered = open_roll_back(migration, purpose, (), decision)

    assert {name: row(name).round for name in "abc"} == {"a": 2, "b": 2, "c": 1}
    assert (intent(migration).intent, intent(migration, "b").intent) == (kind, kind)
    assert [each.event for each in steered.announcements] == ["b"]
    assert steered.begin.purpose == purpose


def test_a_way_back_of_one_machine_leaves_the_others_alone(migration, decision, waits):
    waits("a", WaitKind.GATE)
    waits("b", WaitKind.GATE)

    steered = open_roll_back(migration, "rollback", ["b"], decision)

    assert [each.event for each in steered.announcements] == ["b"]
    assert intent(migration, "a").intent == Intent.RUN


@pytest.mark.parametrize(("command", "machine"), [(retry, "a"), (partial(open_roll_back, purpose="rollback"), "b")])
def test_whom_a_command_takes_over_waits_no_more_at_the_gates_of_an_earlier_round(
    migration, decision, command, machine
):
    gates.open_gate(GateRow(migration=migration, name="approval", wave="first", pending=("a", "b")))

    command(migration, names=[machine], decision=decision)

    assert [each.pending for each in gates.of_migration(migration)] == [tuple({"a", "b"} - {machine})]


def test_what_is_complete_has_no_way_back(migration, decision):
    with pytest.raises(NotAllowedNow, match="c is Finalized"):
        open_roll_back(migration, "rollback", ["c"], decision)


def test_strangers_are_refused(migration, decision):
    with pytest.raises(NotFound, match="x"):
        retry(migration, ["x"], decision)


def test_the_ledger_says_who_asked_before_the_round_begins(migration, decision):
    retry(migration, ["a"], decision)

    (event,) = [each for each in events.page(migration)[0] if each.what == "migrate-asked"]
    assert (event.by, event.round, event.decision.verb, event.decision.comment) == ("eve", 2, "retry", "because")
    assert event.decision.machines == ("a",)


@pytest.mark.parametrize("purpose", ["rollback", "cancel"])
@pytest.mark.parametrize(
    "stands",
    [
        {"state": MachineState.AWAITING_USER_ACTION, "phase": "decommission_source"},
        {"state": MachineState.PAUSED, "phase": "clean_up"},
        {"state": MachineState.FAILED, "phase": "decommission_source", "failed_in": "decommission_source"},
    ],
)
def test_a_complete_machine_that_waits_or_failed_afterwards_has_no_way_back_either(
    migration, decision, purpose, stands
):
    put(Scope(migration=migration, machine="a", wave="first", now=decision.at), **stands)

    with pytest.raises(NotAllowedNow, match=rf"a is {stands['state']}, and its migration is complete"):
        open_roll_back(migration, purpose, ["a"], decision)

    open_roll_back(migration, purpose, (), decision)
    assert [row(name).round for name in "abc"] == [1, 2, 1]


def test_a_machine_that_only_lacks_its_protection_is_retried_from_there(migration, decision):
    here = Scope(migration=migration, machine="c", wave="first", now=decision.at)
    machines.change(here, phase="protect_target", failed_in="protect_target")

    retry(migration, ["c"], decision)

    assert (row("c").state, row("c").failed_in, row("c").round) == (MachineState.FINALIZED, "protect_target", 2)


def test_a_rollback_that_failed_is_not_sent_forward_by_a_retry(migration, decision):
    stands = {"state": MachineState.FAILED, "failed_in": "rollback"}
    put(Scope(migration=migration, machine="a", wave="first", now=decision.at), **stands)

    with pytest.raises(NotAllowedNow):
        retry(migration, (), decision)


def test_a_machine_rolled_back_before_its_cutover_is_asked_for_once_more_and_only_once(migration, decision):
    here = Scope(migration=migration, machine="b", wave="first", now=decision.at)
    machines.change(here, failed_in="approval", phase="rollback")

    retry(migration, ["b"], decision)

    assert (row("b").state, row("b").failed_in, row("b").phase) == (
        MachineState.READY_FOR_CUTOVER,
        "approval",
        "approval",
    )
    with pytest.raises(NotAllowedNow):
        retry(migration, ["b"], decision.replace(at=decision.at.replace(minute=1)))


def test_a_source_that_was_kept_is_asked_for_again_only_by_the_machines_name(migration, decision):
    here = Scope(migration=migration, machine="c", wave="first", now=decision.at)
    machines.change(here, phase="decommission_source", failed_in="decommission_source")
    retry(migration, (), decision)
    assert row("c").round == 1

    retry(migration, ["c"], decision.replace(at=decision.at.replace(minute=1)))

    assert (row("c").state, row("c").failed_in, row("c").round) == (MachineState.FINALIZED, "decommission_source", 3)


@pytest.fixture
def locked(migration, decision):
    """Machine `b` serves in Azure; its replication could not be ended."""
    problem = CloudRefused("locked", code="ScopeLocked").facts
    here = Scope(migration=migration, machine="b", wave="first", now=decision.at)
    stands = {"state": MachineState.CUT_OVER, "phase": "complete_migration", "failed_in": "complete_migration"}
    put(here, **stands, problem=problem)
    return migration


def test_a_machine_whose_replication_could_not_be_ended_is_retried_from_there(locked, decision):
    retry(locked, ["b"], decision)

    assert (row("b").state, row("b").failed_in, row("b").round) == (MachineState.CUT_OVER, "complete_migration", 2)
    assert row("b").problem is None


def test_a_rollback_of_all_does_not_take_down_who_serves_and_was_accepted(locked, decision):
    open_roll_back(locked, "rollback", (), decision)
    assert [row(name).round for name in "abc"] == [2, 1, 1]

    open_roll_back(locked, "rollback", ["b"], decision)
    assert row("b").round == 3


@pytest.mark.parametrize(("phase", "rolled_back"), [("rollback", True), ("approval", False), ("await_window", False)])
def test_who_was_rolled_back_is_retried_first_and_cut_over_then(migration, decision, phase, rolled_back):
    place = Scope(migration=migration, machine="b", wave="first", now=decision.at)
    machines.change(place, state=MachineState.READY_FOR_CUTOVER, failed_in="approval", phase=phase)

    if rolled_back:
        with pytest.raises(NotAllowedNow, match="b was rolled back and has to be retried"):
            cut_over_now(migration, "first", ("b",), decision)
        assert skips(migration, "b") == ()
        return
    assert cut_over_now(migration, "first", ("b",), decision).decision.machines == ("b",)
    with pytest.raises(NotAllowedNow, match="b is ReadyForCutover"):
        retry(migration, ("b",), decision)
