"""Four eyes: whoever started a migration passes none of its gates, by no way."""

from datetime import timedelta

import pytest

from shared.coordination import gates, operator_intents
from shared.coordination.decision import Decision, Verdict
from shared.coordination.gate_row import GateRow
from shared.decisions import deciding, door
from shared.decisions.deciding import cut_over_now, decide, skip
from shared.decisions.people import Person, Role, played
from shared.decisions.steered import said_by
from shared.intake.register import check_deciders, take_in
from shared.ledger import events, machines
from shared.ledger.machine_row import MachineRow
from shared.plan.model import Plan
from shared.plan.reader import to_plan
from shared.problems import InvalidPlan, NotPermitted
from shared.settings import settings
from shared.states import MachineState
from tests.activities.migration_harness import plan_of
from tests.gate_answers import spoken
from tests.shared.decisions.conftest import MIGRATION, NOW

ADA, BOB, CLEO = played("Ada"), played("bob", [Role.APPROVER]), played("cleo", [Role.OWNER])
APPROVE = Decision(gate="cutover", verdict=Verdict.APPROVE)


@pytest.fixture(autouse=True)
def local(store, monkeypatch):
    monkeypatch.setenv("AZFERRY_LOCAL", "true")
    settings.cache_clear()
    yield
    settings.cache_clear()


def plan(gates_more=None, acceptance=None, **more):
    document = plan_of("a", "b")
    wave = {"gates": {"cutover": "manual", "fourEyes": True} | (gates_more or {}), "acceptance": acceptance or {}}
    return document | {"waves": [document["waves"][0] | wave]} | more


def begun(starter=ADA, gates_more=None, **more):
    """A migration that this person started; both machines wait at the cutover's gate, each at two of its own."""
    take_in(Plan.model_validate(plan(gates_more, **more)), starter, NOW)
    rows = {"migration": MIGRATION, "wave": "first", "stamp": NOW, "state": MachineState.READY_FOR_CUTOVER}
    machines.create_many(MachineRow(name=name, **rows) for name in "ab")
    gates.open_gate(GateRow(migration=MIGRATION, name="cutover", wave="first", pending=("a", "b")))
    for name in ("accept", "decommission"):
        gates.open_gate(GateRow(migration=MIGRATION, name=name, wave="first", machine="a"))


def by(person, comment="as agreed"):
    return said_by(person, NOW, comment)


WAYS = {
    "approve with the wave": lambda decision: decide(MIGRATION, spoken(APPROVE.replace(waves=("first",)), decision)),
    "approve without it": lambda decision: decide(MIGRATION, spoken(APPROVE, decision)),
    "approve one machine": lambda decision: decide(MIGRATION, spoken(APPROVE.replace(machines=("a",)), decision)),
    "approve all that is ready": lambda decision: decide(MIGRATION, spoken(APPROVE.replace(all_ready=True), decision)),
    "cutover now": lambda decision: cut_over_now(MIGRATION, "first", (), decision),
    "cutover of one now": lambda decision: cut_over_now(MIGRATION, "first", ("a",), decision),
    "leave the window out": lambda decision: skip(MIGRATION, "a", "await_window", decision),
    "leave the checks out": lambda decision: skip(MIGRATION, "a", "verify", decision),
    "accept": lambda decision: decide(MIGRATION, spoken(APPROVE.replace(gate="accept"), decision)),
    "decommission": lambda decision: decide(MIGRATION, spoken(APPROVE.replace(gate="decommission"), decision)),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["Ada", "ADA", " ada", "\uff21da"])
def test_who_started_it_is_refused_by_every_way_and_told_who_may(way, name):
    begun()
    with pytest.raises(NotPermitted, match="started the migration") as refused:
        WAYS[way](by(played(name)))
    assert refused.value.facts.extra["may"].endswith("than Ada")
    assert gates.get(MIGRATION, "first", "cutover").pending == ("a", "b")
    assert operator_intents.skips(MIGRATION, "a") == ()


@pytest.mark.parametrize("way", WAYS)
def test_an_owner_who_did_not_start_it_may(way):
    begun()
    assert WAYS[way](by(CLEO)).decision.id


def test_nobody_in_particular_may_not():
    begun()
    with pytest.raises(NotPermitted, match="nobody is named"):
        decide(MIGRATION, spoken(APPROVE, by(Person(roles=(Role.APPROVER,)))))


def test_who_started_it_may_always_stop_it():
    begun()
    assert decide(MIGRATION, spoken(APPROVE.replace(verdict=Verdict.REJECT), by(ADA))).decision.machines == ("a", "b")


def test_the_same_id_under_another_name_is_the_same_person():
    begun()
    with pytest.raises(NotPermitted):
        decide(MIGRATION, spoken(APPROVE, by(BOB.replace(id=ADA.id))))


# --- where nobody knows who started it ---------------------------------------------------------------------------------

QUEUE = Person(name="queue", surface="queue")


def test_a_migration_of_the_queue_needs_two_different_approvers():
    begun(QUEUE)
    first = decide(MIGRATION, spoken(APPROVE, by(BOB)))
    assert "another person has to approve it" in first.text
    assert gates.get(MIGRATION, "first", "cutover").pending == ("a", "b")
    with pytest.raises(NotPermitted, match="approved this already"):
        decide(MIGRATION, spoken(APPROVE, by(BOB, "once more")))

    assert decide(MIGRATION, spoken(APPROVE, by(CLEO))).decision.machines == ("a", "b")
    assert not gates.get(MIGRATION, "first", "cutover").open
    assert {each.what for each in events.page(MIGRATION)[0]} >= {"seconded-cutover", "decided-cutover"}


def test_two_words_of_a_queues_migration_count_machine_by_machine():
    begun(QUEUE)
    decide(MIGRATION, spoken(APPROVE.replace(machines=("a",)), by(BOB)))
    decide(MIGRATION, spoken(APPROVE, by(CLEO)))

    gate = gates.get(MIGRATION, "first", "cutover")
    assert (gate.pending, gate.decided("a").by) == (("b",), "cleo")
    cut_over_now(MIGRATION, "first", (), by(BOB))
    assert not gates.get(MIGRATION, "first", "cutover").open


def test_cutover_now_of_a_queues_migration_needs_two_as_well_and_opens_no_window_before():
    begun(QUEUE)
    cut_over_now(MIGRATION, "first", ("a",), by(BOB))

    assert (gates.get(MIGRATION, "first", "cutover").decided("a"), operator_intents.skips(MIGRATION, "a")) == (None, ())


def test_the_first_of_two_words_promises_nothing_yet():
    begun(QUEUE)
    assert "What now happens" not in decide(MIGRATION, spoken(APPROVE, by(BOB))).text
    assert "What now happens: they cut over" in decide(MIGRATION, spoken(APPROVE, by(CLEO))).text


def test_of_two_who_speak_at_the_same_moment_one_finds_the_other_s_word(monkeypatch):
    begun(QUEUE)
    judged = deciding.lacking

    def meanwhile(gate, decision):
        left = judged(gate, decision)
        if decision.person == BOB.id:
            decide(MIGRATION, spoken(APPROVE, by(CLEO)))
        return left

    monkeypatch.setattr(deciding, "lacking", meanwhile)
    assert "What now happens" in decide(MIGRATION, spoken(APPROVE, by(BOB))).text
    gate = gates.get(MIGRATION, "first", "cutover")
    assert (gate.open, len(gate.batches), gate.decided("a").by) == (False, 1, "bob")


def test_where_both_find_it_the_gate_is_passed_once_and_neither_is_refused(monkeypatch):
    begun(QUEUE)
    kept = door.second_gates

    def meanwhile(migration, decision, at):
        outcome = kept(migration, decision, at)
        if decision.person == BOB.id:
            decide(MIGRATION, spoken(APPROVE, by(CLEO)))
        return outcome

    monkeypatch.setattr(door, "second_gates", meanwhile)
    assert decide(MIGRATION, spoken(APPROVE, by(BOB))).decision.machines == ("a", "b")
    assert [each.by for each in gates.get(MIGRATION, "first", "cutover").batches] == ["cleo"]


# --- approvers that a plan names ---------------------------------------------------------------------------------------


def test_only_the_approvers_that_the_plan_names_pass():
    begun(gates_more={"approvers": [BOB.id.upper()]})
    with pytest.raises(
        NotPermitted, match=f"the plan names; this may: azferry.approver, who is one of {BOB.id.upper()}"
    ):
        decide(MIGRATION, spoken(APPROVE, by(CLEO)))
    assert decide(MIGRATION, spoken(APPROVE, by(BOB))).decision.machines == ("a", "b")


def test_a_plan_names_roles_too_and_a_wave_goes_before_it():
    begun(gates={"approvers": [Role.OWNER.value]})
    with pytest.raises(NotPermitted):
        decide(MIGRATION, spoken(APPROVE, by(BOB)))
    assert decide(MIGRATION, spoken(APPROVE, by(CLEO))).decision.id


def test_others_may_shortly_before_the_gate_expires():
    begun(gates_more={"approvers": [BOB.id], "escalateTo": [CLEO.id]})
    end = NOW.replace(hour=18)  # it waits from 8 to 18
    gates.withdraw(gates.get(MIGRATION, "first", "cutover"), ("a", "b"))
    gates.open_gate(
        GateRow(migration=MIGRATION, name="cutover", wave="first", pending=("a",), round=2, since=NOW, expires=end)
    )
    with pytest.raises(NotPermitted):
        decide(MIGRATION, spoken(APPROVE, by(CLEO).replace(at=NOW.replace(hour=16))))
    assert decide(MIGRATION, spoken(APPROVE, by(CLEO).replace(at=NOW.replace(hour=17)))).decision.machines == ("a",)


def test_who_came_later_is_not_decided_on_by_others_before_its_own_time_is_nearly_over():
    begun(gates_more={"approvers": [BOB.id], "escalateTo": [CLEO.id]})
    gates.withdraw(gates.get(MIGRATION, "first", "cutover"), ("a", "b"))
    for name, hour in (("a", 8), ("b", 16)):
        since = NOW.replace(hour=hour)
        waits = {"pending": (name,), "round": 2, "since": since, "expires": since + timedelta(hours=10)}
        gates.open_gate(GateRow(migration=MIGRATION, name="cutover", wave="first", **waits))
    late = by(CLEO).replace(at=NOW.replace(hour=17))
    for answer in (APPROVE, APPROVE.replace(machines=("b",))):
        with pytest.raises(NotPermitted, match="none of the approvers"):
            decide(MIGRATION, spoken(answer, late))
    with pytest.raises(NotPermitted):
        cut_over_now(MIGRATION, "first", (), late)
    assert decide(MIGRATION, spoken(APPROVE.replace(machines=("a",)), late)).decision.machines == ("a",)


@pytest.mark.parametrize("phase", ["start_test_failover", "verify_test_vm", "accept_test_vm", "await_window", "verify"])
def test_leaving_a_phase_out_is_no_way_for_approvers_that_the_plan_does_not_name(phase):
    begun(gates_more={"test": "manual", "approvers": [BOB.id]})
    machines.create_many(
        [MachineRow(migration=MIGRATION, name="c", wave="first", stamp=NOW, state=MachineState.INITIAL_SYNC)]
    )
    with pytest.raises(NotPermitted, match="none of the approvers that the plan names"):
        skip(MIGRATION, "c", phase, by(played("dora", [Role.APPROVER])))
    assert skip(MIGRATION, "c", phase, by(BOB)).decision.id


# --- plans in which it could never hold --------------------------------------------------------------------------------


def test_four_eyes_with_an_automatic_cutover_is_no_plan():
    with pytest.raises(InvalidPlan) as refused:
        to_plan(plan({"cutover": "auto"}))
    assert [each.pointer for each in refused.value.facts.errors] == ["/waves/0/gates/fourEyes"]


@pytest.mark.parametrize(
    ("starter", "approvers", "holds"),
    [
        (ADA, [ADA.id], False),
        (ADA, [BOB.id], True),
        (ADA, [ADA.id, "azferry.owner"], True),
        (QUEUE, [BOB.id], False),
        (QUEUE, [BOB.id, CLEO.id], True),
    ],
)
def test_approvers_that_cannot_be_two_people_are_refused_when_it_starts(starter, approvers, holds):
    parsed = Plan.model_validate(plan({"approvers": approvers}))
    if holds:
        check_deciders(parsed, starter)
        return
    with pytest.raises(InvalidPlan, match="1 error"):
        take_in(parsed, starter, NOW)


def test_where_nobody_signs_in_it_is_refused(monkeypatch):
    monkeypatch.setenv("AZFERRY_LOCAL", "false")
    settings.cache_clear()
    with pytest.raises(InvalidPlan):
        check_deciders(Plan.model_validate(plan()))


def test_silence_is_no_second_person():
    with pytest.raises(InvalidPlan) as refused:
        to_plan(plan(acceptance={"timer": "PT8H"}))
    assert [each.pointer for each in refused.value.facts.errors] == ["/waves/0/acceptance/onTimeout"]


@pytest.mark.parametrize("acceptance", [{"timer": "PT8H", "onTimeout": "rollback"}, {"onTimeout": "wait"}, {}])
def test_where_silence_is_no_yes_four_eyes_hold(acceptance):
    assert to_plan(plan(acceptance=acceptance)).waves[0].gates.four_eyes


def test_an_escalation_of_gates_that_never_expire_is_no_plan():
    named = {"approvers": [BOB.id], "escalateTo": [CLEO.id]}
    with pytest.raises(InvalidPlan) as refused:
        to_plan(plan(named, gates=named))
    assert {each.pointer for each in refused.value.facts.errors} == {"/gates/escalateTo", "/waves/0/gates/escalateTo"}
    for expires in ({"gates_more": named | {"expires": "PT8H"}}, {"gates_more": named | {"test": "manual"}}):
        assert to_plan(plan(**expires, gates=named)).gates.escalate_to


def test_an_escalation_widens_a_list():
    with pytest.raises(InvalidPlan) as refused:
        to_plan(plan({"escalateTo": [CLEO.id]}, gates={"escalateTo": [BOB.id]}))
    assert {each.pointer for each in refused.value.facts.errors} == {"/gates/escalateTo", "/waves/0/gates/escalateTo"}
