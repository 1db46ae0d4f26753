"""Machines of a running plan are added, dropped and told anew: all or nothing, once, and none slips through in between."""

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.coordination import gates
from shared.coordination.gate_row import GateRow
from shared.coordination.operator_intents import Intent, intent
from shared.decisions import change_steps
from shared.decisions.changing import Carried, change_plan, judge_change, settle_again
from shared.decisions.people import Role, played
from shared.decisions.rounds import retry
from shared.decisions.steered import said_by
from shared.intake.register import take_in
from shared.ledger import events, machines, migrations, plans, source_claims
from shared.ledger.expanded_plans import entry_of, save_expanded
from shared.ledger.machine_row import MachineRow
from shared.ledger.migration_rounds import close_round
from shared.ledger.plan_change import ChangeStage
from shared.models import Scope
from shared.plan.model import Plan
from shared.problems import InvalidPlan, InvalidRequest, NotAllowedNow, NotPermitted, PlanMoved
from shared.roads.target_names import name_of
from shared.states import MachineState, Outcome
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import plan_of
from tests.shared.decisions.conftest import NOW, WAVE

S = MachineState
LATER = NOW + timedelta(minutes=5)
ID = "acme.1"
STAND: dict[str, dict[str, Any]] = {
    "a": {"state": S.FAILED, "failed_in": "approval", "item_id": "item-a"},
    "b": {"state": S.READY_FOR_CUTOVER, "phase": "approval", "item_id": "item-b"},
    "c": {"state": S.FINALIZED, "phase": "clean_up"},
    "e": {"state": S.INITIAL_SYNC, "phase": "initial_sync", "owner": "walk-e", "item_id": "item-e"},
}
Change = Callable[..., Plan]


def changed(
    *, sizes: dict[str, str] | None = None, add: tuple[str, ...] = (), drop: tuple[str, ...] = (), **more: Any
) -> Plan:
    """The plan with other sizes, more machines, and fewer."""
    document = copy.deepcopy(plan_of(*STAND))
    listed = document["waves"][0]["machines"]
    for machine in listed:
        if size := (sizes or {}).get(machine["name"]):
            machine["target"] = {"size": size}
    listed += [{"name": name, "source": {"privateIp": f"10.0.2.{90 + at}"}} for at, name in enumerate(add)]
    document["waves"][0]["machines"] = [each for each in listed if each["name"] not in drop]
    return Plan.model_validate(document | more)


@pytest.fixture
def running(store: None) -> str:
    """Four machines: one failed, one waits at its gate, one is through, one is copied for the first time."""
    take_in(Plan.model_validate(plan_of(*STAND)), played("ada"), NOW)
    save_expanded(ID, plans.plan_of(ID))
    machines.create_many(
        MachineRow(migration=ID, name=name, wave=WAVE, since=NOW, stamp=NOW, **more) for name, more in STAND.items()
    )
    gates.open_gate(GateRow(migration=ID, wave=WAVE, name="cutover", round=1, pending=("b",), since=NOW))
    return ID


def row(name: str) -> MachineRow:
    found = machines.get(ID, name)
    assert found
    return found


def stands() -> dict[str, tuple[int, str]]:
    return {each.name: (each.round, each.state.value) for each in machines.list(ID)}


def happened(what: str) -> list[str]:
    return [each.machine for each in events.page(ID)[0] if each.what == what]


def begun(carried: Carried) -> list[tuple[int, str]]:
    return [(each.round, each.purpose) for each in carried.begin]


ALL = changed(sizes={"b": "Standard_D4s_v5", "a": "Standard_D4s_v5"}, add=("n",), drop=("e",))


def test_what_becomes_of_each_machine_is_told_first_and_nothing_is_changed(running, decision):
    before = stands()
    judged = judge_change(running, ALL, decision)

    texts = {each.machine: each.text for each in judged.effects}
    assert "its rehearsal and its approval are asked anew" in texts["b"]
    assert "when the machine is retried" in texts["a"]
    assert "is added: it is assessed and replicated in a round of its own" in texts["n"]
    assert "is dropped: its replication ends, its source serves on; it stays in the ledger" in texts["e"]
    assert set(texts) == {"a", "b", "e", "n"}
    assert (before, 1, None) == (
        stands(),
        migrations.existing(running).plan_version,
        migrations.existing(running).plan_change,
    )


def test_all_of_it_comes_to_where_it_is_carried_out(running, decision):
    carried = change_plan(running, ALL, 1, decision)

    assert begun(carried) == [(2, "migrate"), (3, "cancel")]
    assert stands() == {
        "a": (1, "Failed"),
        "b": (2, "InitialSync"),
        "c": (1, "Finalized"),
        "e": (3, "InitialSync"),
        "n": (2, "NotReady"),
    }
    assert (row("b").failed_in, row("b").retarget, row("a").retarget, row("c").retarget) == ("initial_sync", 2, 2, 0)
    assert (row("e").dropped.by, row("e").dropped.why, intent(running, "e").intent) == ("eve", "because", Intent.CANCEL)
    assert {each.changing for each in machines.list(running)} == {0}
    gate = gates.get(running, WAVE, "cutover")
    assert gate is not None
    assert (gate.pending, gate.open) == ((), False), "it is approved anew"
    assert entry_of(running, "b")[1].target.size == "Standard_D4s_v5"
    assert entry_of(running, "e")[1].name == "e", "who is dropped is found as it was"
    whole = migrations.existing(running)
    assert (whole.plan_version, whole.machines, whole.open_rounds, whole.plan_change.stage) == (2, 4, (1, 2, 3), "done")
    assert {what: happened(f"machine-{what}") for what in ("added", "dropped")} == {"added": ["n"], "dropped": ["e"]}
    assert sorted(happened("machine-retargeted")) == ["a", "b"]
    values = {
        each.data.changed: each.data.after
        for each in events.page(running)[0]
        if each.what.startswith("plan-changed") and each.data
    }
    assert values["waves/first/machines/b/target/size"] == "Standard_D4s_v5"


def test_the_same_change_again_does_nothing(running, decision):
    first = change_plan(running, ALL, 1, decision)
    before = (stands(), migrations.existing(running), events.page(running)[0])
    again = change_plan(running, ALL, 1, decision)

    assert (again.change.applied, begun(again)) == (False, begun(first)), "rounds that did not begin are begun"
    assert before == (stands(), migrations.existing(running), events.page(running)[0])


def test_a_machine_that_is_walked_goes_on_where_it_is_and_is_told_later(running, decision):
    change_plan(running, changed(sizes={"e": "Standard_D4s_v5"}), 1, decision)

    e = row("e")
    assert (e.round, e.owner, e.yields, e.failed_in, e.retarget) == (2, "walk-e", "walk-e", "initial_sync", 2)


def test_who_is_through_or_on_its_way_stays_as_it_is(running, decision):
    machines.change(Scope(migration=ID, machine="b", round=1, now=NOW), state=S.CUTTING_OVER, phase="quiesce")
    wanted = changed(sizes={"b": "Standard_D4s_v5", "c": "Standard_D4s_v5"}, drop=("c",))
    with pytest.raises(InvalidPlan) as refused:
        change_plan(running, changed(sizes={"b": "Standard_D4s_v5", "c": "Standard_D4s_v5"}), 1, decision)
    with pytest.raises(InvalidPlan, match="2 differences"):
        judge_change(running, wanted, decision)

    found = {each.pointer: each.message for each in refused.value.facts.errors}
    assert "b has begun its cutover (CuttingOver in quiesce)" in found["/waves/0/machines/1"]
    assert "c has begun its cutover" in found["/waves/0/machines/2"]
    assert migrations.existing(running).plan_version == 1


def test_a_machine_that_begins_its_cutover_at_that_moment_withdraws_the_change(running, decision, monkeypatch):
    proposed = change_steps.propose

    def too_late(*given: Any) -> None:
        proposed(*given)
        machines.change(Scope(migration=ID, machine="b", round=1, now=NOW), state=S.CUTTING_OVER, phase="quiesce")

    monkeypatch.setattr("shared.decisions.changing.propose", too_late)
    with pytest.raises(NotAllowedNow, match="b has begun its cutover"):
        change_plan(running, ALL, 1, decision)

    assert {each.changing for each in machines.list(running)} == {0}, "those that were held are let go"
    whole = migrations.existing(running)
    assert (whole.plan_version, whole.plan_change.stage, whole.open_rounds) == (1, ChangeStage.DONE, (1,))
    assert stands()["e"] == (1, "InitialSync")


@pytest.mark.parametrize("after", [False, True])
def test_whoever_dies_in_between_leaves_what_the_next_look_brings_to_its_end(running, decision, monkeypatch, after):
    """Each write in turn is the last one of a host; the next one finishes, and the end is the same."""
    ends, write = set(), 0
    original = dict(STAND)
    while True:
        write += 1
        _restored(original)
        with Dying(monkeypatch, write, after=after) as dying:
            change_plan(running, ALL, 1, decision)
        if not dying.came:
            break
        settle_again(migrations.existing(running), LATER)
        carried = change_plan(running, ALL, 1, decision.replace(at=LATER))
        assert begun(carried) == [(2, "migrate"), (3, "cancel")]
        ends.add(
            (
                tuple(sorted(stands().items())),
                row("b").retarget,
                row("b").failed_in,
                intent(ID, "e").intent,
                row("e").dropped is None,
            )
        )
        assert {each.changing for each in machines.list(running)} == {0}
        assert migrations.existing(running).plan_version == 2
        assert happened("machine-dropped") == ["e"]
    assert write > 12
    assert len(ends) == 1


def _restored(original: dict[str, dict[str, Any]]) -> None:
    """Put the ledger back to before the change."""
    for table in (machines.TABLE, events.TABLE):
        for each in list(table.found(ID)):
            table.drop(ID, each.key)
    machines.create_many(
        MachineRow(migration=ID, name=name, wave=WAVE, since=NOW, stamp=NOW, **more) for name, more in original.items()
    )
    fresh = migrations.existing(ID).replace(
        plan_keys=(), plan_version=1, plan_change=None, plan_decision=None, round=1, open_rounds=(1,), machines=4,
        instances=migrations.existing(ID).instances[:1], opener="",
    )  # fmt: skip
    migrations.TABLE.change(migrations.ALL, ID, lambda _: fresh)


def test_of_two_changes_of_one_version_only_one_is_carried_out(running, decision, together):
    def act(size: str) -> str:
        try:
            change_plan(running, changed(sizes={"b": size}), 1, decision)
        except PlanMoved:
            return ""
        return size

    came = [each for each in together(act, ["Standard_D2s_v5", "Standard_D4s_v5", "Standard_D8s_v5"]) if each]

    assert came == [entry_of(running, "b")[1].target.size]
    whole = migrations.existing(running)
    assert (whole.plan_version, whole.open_rounds, row("b").retarget) == (2, (1, 2), 2)


def test_who_is_dropped_is_not_retried_and_may_come_back(running, decision):
    change_plan(running, changed(drop=("a",)), 1, decision)
    machines.change(Scope(migration=ID, machine="a", round=2, now=LATER), state=S.CANCELLED, phase="cancel")
    with pytest.raises(NotAllowedNow, match="cannot be retried now: a is Cancelled"):
        retry(running, ("a",), decision)

    back = change_plan(running, changed(), 2, decision.replace(at=LATER))
    assert "a is added again" in back.change.effects[0].text
    assert begun(back) == [(3, "migrate"), (2, "cancel")] or begun(back) == [(3, "migrate")]
    a = row("a")
    assert (a.state, a.round, a.dropped, intent(running, "a").intent) == (S.NOT_READY, 3, None, Intent.RUN)


def test_who_is_still_being_dropped_does_not_come_back_yet(running, decision):
    change_plan(running, changed(drop=("a",)), 1, decision)
    with pytest.raises(InvalidPlan) as refused:
        change_plan(running, changed(), 2, decision)

    assert "a is still being dropped (Failed)" in refused.value.facts.errors[0].message


def test_a_dropped_machine_counts_no_more(running, decision):
    change_plan(running, changed(drop=("a", "b", "e")), 1, decision)
    for name in ("a", "b", "e"):
        machines.change(Scope(migration=ID, machine=name, round=2, now=LATER), state=S.CANCELLED)
    close_round(running, 1, LATER)

    assert close_round(running, 2, LATER).outcome == Outcome.SUCCEEDED


def test_nobody_need_decide_about_a_machine_that_is_dropped(running, decision):
    gates.open_gate(GateRow(migration=running, wave=WAVE, name="cutover", pending=("a", "b")))

    change_plan(running, changed(drop=("b",)), 1, decision)

    assert [each.pending for each in gates.of_migration(running)] == [("a",)]


def test_who_drops_says_why(running, decision):
    with pytest.raises(InvalidRequest, match="drop needs a comment"):
        change_plan(running, changed(drop=("e",)), 1, decision.replace(comment=""))
    assert row("e").dropped is None
    change_plan(running, changed(add=("n",)), 1, decision.replace(comment=""))


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"privateIp": "10.0.2.22"}, "n has the source of b"),
        ({"privateIp": "10.0.2.99"}, ""),
    ],
)
def test_a_source_that_the_migration_has_is_not_added_again(running, decision, more, why):
    machines.change(Scope(migration=ID, machine="b", round=1, now=NOW), private_ip="10.0.2.22")
    wanted = changed().model_dump(mode="json", by_alias=True, exclude_defaults=True)
    wanted["waves"][0]["machines"].append({"name": "n", "source": more})
    plan = Plan.model_validate(wanted)
    if not why:
        assert judge_change(running, plan, decision).effects
        return
    with pytest.raises(InvalidPlan) as refused:
        judge_change(running, plan, decision)
    assert why in refused.value.facts.errors[0].message


def test_an_approver_changes_machines_and_an_operator_does_not(running):
    def by(role: Role) -> Any:
        return said_by(played("oscar", (role,)), NOW, "because")

    with pytest.raises(NotPermitted):
        change_plan(running, ALL, 1, by(Role.OPERATOR))
    assert change_plan(running, ALL, 1, by(Role.APPROVER)).change.applied


@pytest.mark.parametrize(
    ("state", "phase", "why"),
    [
        ("Testing", "verify_test_vm", "b is in its rehearsal (verify_test_vm)"),
        ("AwaitingUserAction", "accept_test_vm", "b is in its rehearsal (accept_test_vm)"),
        ("Failed", "fail_over", "b has begun its cutover (Failed in fail_over)"),
        ("Paused", "initial_sync", ""),
    ],
)
def test_when_a_machine_can_be_told_anew(running, decision, state, phase, why):
    place = Scope(migration=ID, machine="b", round=1, now=NOW)
    machines.change(place, state=state, phase=phase, failed_in=phase if state == "Failed" else "", owner="walk-b")
    wanted = changed(sizes={"b": "Standard_D4s_v5"})
    if not why:
        assert judge_change(running, wanted, decision).effects
        return
    with pytest.raises(InvalidPlan) as refused:
        judge_change(running, wanted, decision)
    assert refused.value.facts.errors[0].message.startswith(why)


def test_a_size_for_all_touches_those_that_have_none_of_their_own(running, decision):
    document = changed(sizes={"b": "Standard_D8s_v5", "c": "Standard_D8s_v5"})
    machines.change(Scope(migration=ID, machine="c", round=1, now=NOW), state=S.FAILED, failed_in="initial_sync")
    change_plan(running, document, 1, decision)
    for_all = document.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for_all["target"]["size"] = "Standard_D2s_v5"

    judged = judge_change(running, Plan.model_validate(for_all), decision.replace(at=LATER))
    assert [each.machine for each in judged.effects] == ["a", "e"]


def test_the_source_of_a_dropped_machine_is_free_for_another_migration(running, decision):
    place = Scope(migration=ID, machine="a", round=1, now=NOW)
    machines.change(place, state=S.CANCELLED, failed_in="", source_id="i-0a")
    name = name_of(plans.plan_of(ID), entry_of(ID, "a")[1])
    source_claims.claim(ID, ["i-0a", "i-0b", name])
    carried = change_plan(running, changed(drop=("a",)), 1, decision)

    assert source_claims.busy_elsewhere(["i-0a", "i-0b", name], "other.1") == {"i-0b": ID}
    assert (begun(carried), row("a").waiting_for) == ([], "nothing: eve dropped it from the plan (because)")


def scripted(**more: Any) -> Plan:
    document = copy.deepcopy(plan_of(*STAND))
    document["waves"][0]["targetScripts"] = [{"name": "dns", "when": "cutover", "script": "nsupdate"} | more]
    return Plan.model_validate(document)


def test_scripts_in_azure_hold_for_who_has_not_begun_and_are_only_relaxed_for_who_has(running, decision):
    change_plan(running, scripted(), 1, decision)
    assert [each.script for each in entry_of(ID, "b")[0].target_scripts] == ["nsupdate"]
    machines.change(Scope(migration=ID, machine="b", round=1, now=NOW), state=S.FAILED, failed_in="verify")

    with pytest.raises(InvalidPlan) as refused:
        change_plan(running, scripted(script="other"), 2, decision)
    (fault,) = refused.value.facts.errors
    assert fault.message.startswith("b has begun its cutover: its scripts in Azure may only be relaxed")

    carried = change_plan(running, scripted(mustSucceed=False, timeout="PT1H"), 2, decision)
    assert (carried.change.effects, begun(carried)) == ((), []), "nobody is rehearsed or approved anew"
    assert not entry_of(ID, "b")[0].target_scripts[0].must_succeed


def going_back(deadline: str = "") -> Plan:
    document = copy.deepcopy(plan_of(*STAND))
    if deadline:
        document["waves"][0]["cutover"] |= {"onVerifyFailed": "rollBack", "verifyDeadline": deadline}
    return Plan.model_validate(document)


def test_who_is_cutting_over_goes_back_later_or_not_by_itself_and_never_sooner(running, decision):
    change_plan(running, going_back("PT30M"), 1, decision)
    machines.change(Scope(migration=ID, machine="b", round=1, now=NOW), state=S.CUTTING_OVER, phase="verify")

    with pytest.raises(InvalidPlan) as refused:
        change_plan(running, going_back("PT20M"), 2, decision)
    (fault,) = refused.value.facts.errors
    assert (fault.pointer, "b has begun its cutover" in fault.message) == ("/waves/0/cutover/onVerifyFailed", True)

    change_plan(running, going_back("PT2H"), 2, decision)
    change_plan(running, going_back(), 3, decision)
    with pytest.raises(InvalidPlan):
        change_plan(running, going_back("PT2H"), 4, decision)
