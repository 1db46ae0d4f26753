"""Decisions of people: at gates, about windows, phases and concerns."""

import pytest

from shared.concerns.registry import Concern
from shared.coordination import gates, operator_intents
from shared.coordination.decision import Decision, Verdict
from shared.coordination.gate_row import GateRow
from shared.coordination.waits import WaitKind
from shared.decisions.deciding import acknowledge, cut_over_now, decide, skip
from shared.decisions.people import Role, played
from shared.ledger import events
from shared.models import Scope
from shared.problems import InvalidRequest, NotAllowedNow, NotFound, NotPermitted
from shared.states import MachineState
from tests.gate_answers import spoken
from tests.ledger_rows import put

APPROVE = Decision(gate="cutover", verdict=Verdict.APPROVE)


@pytest.fixture
def gate(migration):
    gates.open_gate(GateRow(migration=migration, name="cutover", wave="first", pending=("a", "b")))


def stands(migration, decision, machine, **changes):
    return put(Scope(migration=migration, machine=machine, wave="first", now=decision.at), **changes)


def events_of(migration, what):
    return [each for each in events.page(migration)[0] if each.what == what]


@pytest.mark.usefixtures("gate")
def test_a_decision_finds_its_wave_reaches_whom_it_names_and_wakes_the_waiter(migration, decision, waits):
    waits("b", WaitKind.GATE)
    waits("c", WaitKind.WINDOW)

    steered = decide(migration, spoken(Decision(gate="cutover", verdict=Verdict.REJECT, machines=("b",)), decision))

    kept = gates.get(migration, "first", "cutover")
    assert (kept.pending, kept.batches[0].machines, kept.batches[0].by) == (("a",), ("b",), "eve")
    assert {each.event for each in steered.announcements} == {"b", "c"}
    assert "they stop here and replication goes on" in steered.text


@pytest.mark.usefixtures("gate")
def test_a_decision_is_one_event_that_says_who_what_for_whom_when_why_and_where(migration, decision):
    steered = decide(migration, spoken(APPROVE, decision.replace(surface="page")))

    (event,) = events_of(migration, "decided-cutover")
    assert (event.by, event.at, event.wave) == ("eve", decision.at, "first")
    assert event.decision == steered.decision
    assert event.decision == Decision(
        id=steered.decision.id,
        by="eve",
        at=decision.at,
        verb="approve",
        verdict=Verdict.APPROVE,
        gate="cutover",
        waves=("first",),
        machines=("a", "b"),
        person=decision.person,
        roles=decision.roles,
        surface="page",
        comment="because",
    )


@pytest.mark.usefixtures("gate")
def test_two_decisions_of_one_moment_are_two_events(migration, decision):
    decide(migration, spoken(APPROVE.replace(machines=("a",)), decision))
    decide(migration, spoken(APPROVE.replace(machines=("b",)), decision))

    assert {each.decision.machines for each in events_of(migration, "decided-cutover")} == {("a",), ("b",)}


def test_a_decision_for_which_nothing_waits_is_refused(migration, decision):
    gates.open_gate(GateRow(migration=migration, name="test", wave="first", pending=("a",)))
    with pytest.raises(NotAllowedNow) as refused:
        decide(migration, spoken(APPROVE.replace(waves=("first",)), decision))
    assert refused.value.facts.detail == "nothing waits for a decision at cutover of wave first"
    assert refused.value.facts.advice == "Waiting now: test (wave first: a)."
    with pytest.raises(NotAllowedNow) as refused:
        decide(migration, spoken(APPROVE, decision))
    assert refused.value.facts.detail == "nothing waits for a decision at cutover"


@pytest.mark.usefixtures("gate")
def test_who_has_no_role_is_told_so_and_who_may(migration, decision):
    with pytest.raises(NotPermitted, match="is in no role of azferry and cannot approve at gate cutover"):
        decide(migration, spoken(APPROVE, decision.replace(roles=())))


@pytest.mark.usefixtures("gate")
def test_an_approval_of_a_wave_that_is_not_in_the_plan_is_refused(migration, decision):
    with pytest.raises(NotFound, match="no wave other"):
        decide(migration, spoken(APPROVE.replace(waves=("other",)), decision))


@pytest.mark.usefixtures("gate")
@pytest.mark.parametrize(("at", "verdict"), [("cutover", Verdict.CONFIRM), ("install-agent", Verdict.APPROVE)])
def test_a_verb_that_does_not_fit_the_gate_is_refused(migration, decision, at, verdict):
    gates.open_gate(GateRow(migration=migration, name="install-agent", wave="first", machine="a"))

    with pytest.raises(NotAllowedNow, match=f"nobody can {verdict}"):
        decide(migration, spoken(Decision(gate=at, verdict=verdict), decision))
    assert events_of(migration, f"decided-{at}") == []


@pytest.fixture
def agents(migration):
    for name in "ab":
        gates.open_gate(GateRow(migration=migration, name="install-agent", wave="first", machine=name))


@pytest.mark.usefixtures("agents")
def test_where_several_gates_could_be_meant_the_answer_is_their_list(migration, decision):
    answer = Decision(gate="install-agent", verdict=Verdict.CONFIRM)
    with pytest.raises(NotAllowedNow, match="wave first: a; wave first: b") as refused:
        decide(migration, spoken(answer, decision))
    assert refused.value.facts.id == "decision-unclear"
    assert gates.get(migration, "first", "install-agent", "a").open

    assert decide(migration, spoken(answer.replace(machines=("b",)), decision)).decision.machines == ("b",)
    assert decide(migration, spoken(answer.replace(all_ready=True), decision)).decision.machines == ("a",)


def test_a_gate_of_the_whole_migration_is_meant_where_nothing_is_named(migration, decision):
    for wave in ("", "first"):
        gates.open_gate(GateRow(migration=migration, name="register-appliance", wave=wave))

    decide(migration, spoken(Decision(gate="register-appliance", verdict=Verdict.CONFIRM), decision))

    assert [each.wave for each in gates.of_migration(migration)] == ["first"], (
        "that of the wave can be named, so it waits on"
    )
    decide(migration, spoken(Decision(gate="register-appliance", verdict=Verdict.CONFIRM, waves=("first",)), decision))
    assert gates.of_migration(migration) == ()


@pytest.mark.usefixtures("gate")
@pytest.mark.parametrize(
    ("gate_name", "verdict", "why"), [("cutover", Verdict.REJECT, " "), ("install-agent", Verdict.CONFIRM, "")]
)
def test_who_says_no_or_that_something_is_done_says_why(migration, decision, gate_name, verdict, why):
    gates.open_gate(GateRow(migration=migration, name="install-agent", wave="first", machine="a"))

    with pytest.raises(InvalidRequest) as refused:
        decide(migration, spoken(Decision(gate=gate_name, verdict=verdict), decision.replace(comment=why)))
    assert [each.pointer for each in refused.value.facts.errors] == ["/comment"]


@pytest.mark.usefixtures("gate")
@pytest.mark.parametrize(
    ("roles", "verdict", "allowed"),
    [
        ([Role.READER], Verdict.REJECT, False),
        ([Role.OPERATOR], Verdict.APPROVE, False),
        ([Role.OPERATOR], Verdict.REJECT, True),
        ([Role.APPROVER], Verdict.APPROVE, True),
        ([Role.OWNER], Verdict.APPROVE, True),
        ([], Verdict.APPROVE, False),
    ],
)
def test_the_role_decides_who_may_pass_a_gate_and_who_may_say_no(migration, decision, roles, verdict, allowed):
    by_role = decision.replace(roles=tuple(roles))
    if allowed:
        assert decide(migration, spoken(Decision(gate="cutover", verdict=verdict), by_role)).decision.machines == (
            "a",
            "b",
        )
        return
    with pytest.raises(NotPermitted, match="this may: azferry") as refused:
        decide(migration, spoken(Decision(gate="cutover", verdict=verdict), by_role))
    assert "azferry.approver" in refused.value.facts.extra["may"]
    assert gates.get(migration, "first", "cutover").pending == ("a", "b")


@pytest.mark.parametrize("roles", [[Role.APPROVER], [Role.OPERATOR, Role.APPROVER]])
def test_a_source_is_given_up_by_an_owner_and_kept_by_anybody_who_decides(migration, decision, roles):
    gates.open_gate(GateRow(migration=migration, name="decommission", wave="first", machine="c"))
    answer = Decision(gate="decommission", verdict=Verdict.APPROVE)
    with pytest.raises(NotPermitted, match=r"this may: azferry\.owner"):
        decide(migration, spoken(answer, decision.replace(roles=tuple(roles))))
    decide(migration, spoken(answer.replace(verdict=Verdict.REJECT), decision.replace(roles=tuple(roles))))


@pytest.mark.usefixtures("gate")
def test_cutover_now_opens_the_window_and_approves_what_waits(migration, decision):
    steered = cut_over_now(migration, "first", (), decision)

    assert gates.get(migration, "first", "cutover").decided("b").verdict == Verdict.APPROVE
    assert [each.phase for each in operator_intents.skips(migration, "b")] == ["await_window"]
    assert operator_intents.skips(migration, "a") == (), "it failed: it is not ready for a cutover"
    assert steered.decision.machines == ("b",)


def test_cutover_now_needs_a_machine_that_is_ready(migration, decision):
    stands(migration, decision, "b", state=MachineState.CUTTING_OVER)

    with pytest.raises(NotAllowedNow, match="no machine of wave first is ready"):
        cut_over_now(migration, "first", (), decision)
    with pytest.raises(NotAllowedNow, match="b is CuttingOver, x is not in it"):
        cut_over_now(migration, "first", ("b", "x"), decision)


def test_cutover_now_is_not_for_machines_whose_road_waits_for_a_person(migration, decision):
    stands(migration, decision, "b", state=MachineState.AWAITING_USER_ACTION, owner="")

    with pytest.raises(NotAllowedNow, match="no machine of wave first is ready"):
        cut_over_now(migration, "first", (), decision)


def test_cutover_now_is_an_approval_and_takes_an_approver(migration, decision):
    with pytest.raises(NotPermitted):
        cut_over_now(migration, "first", (), decision.replace(roles=(Role.OPERATOR,)))
    with pytest.raises(NotPermitted):
        skip(migration, "b", "await_window", decision.replace(roles=(Role.OPERATOR,)))
    assert operator_intents.skips(migration, "b") == ()


def test_a_phase_is_left_out_with_its_reason(migration, decision, waits):
    waits("b", WaitKind.WINDOW)

    steered = skip(migration, "b", "verify", decision)

    assert [each.phase for each in operator_intents.skips(migration, "b")] == ["verify"]
    assert "eve: skip of verify of wave first for b: because" in [each.text for each in events.page(migration)[0]]
    assert [each.event for each in steered.announcements] == ["b"]


@pytest.mark.parametrize(
    ("machine", "phase", "refusal"), [("b", "fail_over", NotAllowedNow), ("x", "verify", NotFound)]
)
def test_what_must_be_done_is_never_left_out(migration, decision, machine, phase, refusal):
    with pytest.raises(refusal):
        skip(migration, machine, phase, decision)


@pytest.mark.parametrize(
    ("phase", "why"),
    [
        ("start_test_failover", "lies behind b"),
        ("decommission_source", "not on the road"),
        ("verify", ""),
        ("await_window", ""),
    ],
)
def test_what_would_change_nothing_is_not_left_out(migration, decision, phase, why):
    if why:
        with pytest.raises(NotAllowedNow, match=why):
            skip(migration, "b", phase, decision)
    else:
        skip(migration, "b", phase, decision)


@pytest.mark.parametrize("failed_in", ["start_test_failover", "verify_test_vm", "accept_test_vm"])
def test_a_test_that_failed_can_be_left_out_before_the_retry(migration, decision, failed_in):
    stands(migration, decision, "a", failed_in=failed_in)

    skip(migration, "a", "start_test_failover", decision)

    (kept,) = operator_intents.skips(migration, "a")
    assert (kept.phase, kept.by) == ("start_test_failover", "eve")


def concerned(migration, decision):
    known = Concern(id="replication-mode-retired", category="critical", machine="a", acknowledgeable=True)
    stands(migration, decision, "a", concerns=(known,))


@pytest.mark.parametrize(("machine", "whose"), [("", "*"), ("a", "a")])
def test_a_concern_is_acknowledged_for_a_machine_or_for_all(migration, decision, machine, whose):
    concerned(migration, decision)
    acknowledge(migration, "replication-mode-retired", machine, decision)

    (kept,) = operator_intents.acknowledged(migration)
    assert (kept.concern, kept.machine, kept.by, kept.reason) == ("replication-mode-retired", whose, "eve", "because")


def test_what_could_not_be_judged_is_taken_upon_oneself_for_a_machine_it_is_so_of(migration, decision):
    stands(migration, decision, "a", unjudged={"not-64-bit": "architecture"})
    acknowledge(migration, "fact-unknown", "a", decision)
    with pytest.raises(NotAllowedNow, match="b has no concern fact-unknown"):
        acknowledge(migration, "fact-unknown", "b", decision)

    assert [each.machine for each in operator_intents.acknowledged(migration)] == ["a"]


@pytest.mark.parametrize(
    ("concern", "machine", "refusal", "why"),
    [
        ("no-such-thing", "a", NotAllowedNow, "there is no concern"),
        ("not-64-bit", "a", NotAllowedNow, "cannot be acknowledged"),
        ("fact-unknown", "a", NotAllowedNow, "a has no concern fact-unknown"),
        ("replication-mode-retired", "x", NotFound, "no machine x"),
        ("replication-mode-retired", "b", NotAllowedNow, "b has no concern"),
    ],
)
def test_what_is_not_there_or_cannot_be_accepted_is_not_acknowledged(
    migration, decision, concern, machine, refusal, why
):
    concerned(migration, decision)
    with pytest.raises(refusal, match=why):
        acknowledge(migration, concern, machine, decision)
    assert operator_intents.acknowledged(migration) == ()


def test_a_person_is_one_whatever_the_letter_case():
    assert played("Eve ").id == played("EVE").id != played("eva").id
    assert played("").id == ""
