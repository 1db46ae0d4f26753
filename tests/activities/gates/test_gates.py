"""Gates: opened at the first look, decided by people, expired by the clock."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.requests import GatePoll
from shared.coordination import gates, operator_intents, waits
from shared.coordination.decision import Decision, Verdict
from shared.coordination.operator_intents import Control, Intent, Skip
from shared.ledger import events
from shared.problems import Interrupted
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.crash_matrix import ledger_text, outlives_every_death
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of
from tests.gate_answers import record

HOUR = timedelta(hours=1)


def manned(**changes: Any) -> dict[str, Any]:
    """A plan whose test waits for a person and whose machines are on trial for two hours."""
    plan = plan_of("web1", "db1", **changes)
    more = {"gates": {"test": "manual", "cutover": "manual", "keepTestFor": "PT24H"}, "acceptance": {"timer": "PT2H"}}
    return plan | {"waves": [plan["waves"][0] | more]}


@pytest.fixture
def gated(ferry: MigrationHarness) -> MigrationHarness:
    ferry.take_in(manned())
    ferry.enlist()
    return ferry


def ask(ferry: MigrationHarness, name: str, machine: str = "web1", turn: int = 1, **more: Any) -> Any:
    phase = {"test": "accept_test_vm", "accept": "accept"}.get(name, "stop_source")
    return ferry.ask("poll_gate", ferry.look(machine, phase, turn, kind=GatePoll, name=name, **more))


def decide(ferry: MigrationHarness, name: str, verdict: Verdict, *names: str) -> None:
    record(
        ferry.migration,
        WAVE,
        name,
        Decision(verdict=verdict, by="ann", comment="looks good", at=ferry.cloud.now()),
        names or None,
    )


def waiting(ferry: MigrationHarness) -> list[str]:
    return [row.machine for row in waits.of_migration(ferry.migration)]


def test_the_first_look_opens_the_gate_and_says_what_to_do_and_how(gated: MigrationHarness) -> None:
    seen = ask(gated, "test")
    assert not seen.settled
    assert (seen.patience, seen.exact) == (12 * 3600 + 1, True), "then it reminds"
    row = gated.row("web1")
    assert row.state == MachineState.AWAITING_USER_ACTION
    assert "look at the test machines of wave first" in row.waiting_for
    assert row.release == f"azferry approve {gated.migration} --wave first --gate test"
    gate = gates.get(gated.migration, WAVE, "test")
    assert gate
    assert gate.pending == ("web1",)
    assert waiting(gated) == ["web1"]


def test_machines_of_a_wave_join_one_gate(gated: MigrationHarness) -> None:
    for name in ("web1", "db1"):
        ask(gated, "test", name)
    (gate,) = gates.of_migration(gated.migration)
    assert set(gate.pending) == {"web1", "db1"}


def test_each_machine_has_a_gate_of_its_own_elsewhere(gated: MigrationHarness) -> None:
    for name in ("web1", "db1"):
        ask(gated, "shut-down-source", name)
    assert {gate.machine for gate in gates.of_migration(gated.migration)} == {"web1", "db1"}
    assert (
        gated.row("web1").release
        == f'azferry confirm {gated.migration} --gate shut-down-source --machine web1 --comment "done"'
    )


@pytest.mark.parametrize("verdict", [Verdict.APPROVE, Verdict.REJECT])
def test_a_decision_settles_it_and_says_by_whom(gated: MigrationHarness, verdict: Verdict) -> None:
    ask(gated, "test")
    decide(gated, "test", verdict, "web1")
    seen = ask(gated, "test", turn=2)
    assert (seen.settled, seen.decision, seen.by, seen.comment) == (True, verdict.value, "ann", "looks good")
    assert gated.row("web1").waiting_for == ""
    assert waiting(gated) == []
    (event,) = [each for each in events.page(gated.migration)[0] if each.what == "gate-test"]
    assert (event.by, event.machine) == ("ann", "web1")


def test_a_decision_for_some_lets_the_others_wait(gated: MigrationHarness) -> None:
    for name in ("web1", "db1"):
        ask(gated, "test", name)
    decide(gated, "test", Verdict.APPROVE, "web1")
    assert ask(gated, "test", "web1", 2).settled
    assert not ask(gated, "test", "db1", 2).settled


def test_looked_at_twice_it_answers_the_same(gated: MigrationHarness) -> None:
    ask(gated, "test")
    decide(gated, "test", Verdict.APPROVE)
    look = gated.look("web1", "accept_test_vm", 2, kind=GatePoll, name="test")
    assert gated.ask("poll_gate", look) == gated.ask("poll_gate", look)


def test_a_gate_that_the_plan_does_not_have_is_passed_at_once(enlisted: MigrationHarness) -> None:
    for name in ("test", "accept"):
        seen = ask(enlisted, name)
        assert (seen.settled, seen.decision) == (True, "approve")
    assert list(gates.of_migration(enlisted.migration)) == []


@pytest.mark.parametrize("phase", ["start_test_failover", "accept_test_vm"])
def test_a_skipped_test_needs_no_decision(gated: MigrationHarness, phase: str) -> None:
    operator_intents.request_skip(Skip(migration=gated.migration, machine="web1", phase=phase, by="ann"))
    assert ask(gated, "test").settled
    assert not ask(gated, "test", "db1").settled


def test_a_machine_that_is_stopped_does_not_wait_any_more(gated: MigrationHarness) -> None:
    ask(gated, "test")
    operator_intents.set_intent(
        Control(migration=gated.migration, machine="web1", intent=Intent.ROLLBACK, by="bob", at=gated.cloud.now())
    )
    with pytest.raises(Interrupted):
        ask(gated, "test", turn=2)


# --- expiry ------------------------------------------------------------------------------------------------------------


def expire(ferry: MigrationHarness, name: str, hours: int) -> Any:
    first = ferry.look("web1", "accept", kind=GatePoll, name=name)
    assert not ferry.ask("poll_gate", first).settled
    ferry.cloud.later(hours * 3600)
    return ferry.ask("poll_gate", first.replace(now=ferry.cloud.now(), event="look:2"))


def test_a_test_that_nobody_looked_at_expires_without_a_verdict(gated: MigrationHarness) -> None:
    seen = expire(gated, "test", 25)
    assert (seen.settled, seen.expired, seen.decision) == (True, True, "")


@pytest.mark.parametrize(("wish", "verdict"), [("accept", "approve"), ("rollback", "reject")])
def test_what_the_end_of_the_trial_means_is_the_plans_choice(ferry: MigrationHarness, wish: str, verdict: str) -> None:
    plan = manned()
    plan["waves"][0]["acceptance"]["onTimeout"] = wish
    ferry.take_in(plan)
    ferry.enlist()
    seen = expire(ferry, "accept", 3)
    assert (seen.settled, seen.expired, seen.decision) == (True, True, verdict)


def test_a_trial_without_an_end_waits_for_a_person_as_long_as_it_takes(ferry: MigrationHarness) -> None:
    plan = manned()
    plan["waves"][0]["acceptance"] = {"onTimeout": "wait"}
    ferry.take_in(plan)
    ferry.enlist()
    seen = expire(ferry, "accept", 24 * 30)
    (gate,) = gates.of_migration(ferry.migration)
    assert (seen.settled, seen.expired, gate.expires) == (False, False, None)
    decide(ferry, "accept", Verdict.APPROVE, "web1")
    assert ask(ferry, "accept", turn=3).decision == "approve"


@pytest.mark.parametrize(("name", "phase", "hours"), [("accept", "accept", 2), ("test", "accept_test_vm", 24)])
def test_people_are_reminded_at_a_half_and_at_nine_tenths_of_their_time_once_each(
    gated: MigrationHarness, name: str, phase: str, hours: int
) -> None:
    first = gated.look("web1", phase, kind=GatePoll, name=name)
    looks = [gated.ask("poll_gate", first)]
    for turn in (2, 3, 4):
        gated.cloud.later(looks[-1].patience if turn < 4 else 1)
        looks.append(gated.ask("poll_gate", first.replace(now=gated.cloud.now(), event=f"look:{turn}")))
    reminders = [each for each in events.page(gated.migration)[0] if "reminder" in each.what]
    due = [first.since + hours * HOUR * share for share in (0.5, 0.9)]
    assert [(each.what, each.at) for each in reminders] == [
        (f"gate-{name}-reminder-half", due[0]),
        (f"gate-{name}-reminder-nine-tenths", due[1]),
    ]
    assert all("nobody has decided yet" in each.text and " UTC " in each.text for each in reminders)
    assert [each.settled for each in looks] == [False] * 4
    left = first.since + hours * HOUR - gated.cloud.now()
    assert looks[-1].patience <= left.total_seconds() + 2, "then it expires"


def test_nothing_waits_any_more_at_an_expired_gate(gated: MigrationHarness) -> None:
    expire(gated, "accept", 3)
    assert waiting(gated) == []
    assert (gated.row("web1").waiting_for, gated.row("web1").release) == ("", "")
    assert list(gates.of_migration(gated.migration)) == []


def test_a_decision_before_the_expiry_counts_although_it_is_seen_after_it(gated: MigrationHarness) -> None:
    first = gated.look("web1", "accept", kind=GatePoll, name="accept")
    gated.ask("poll_gate", first)
    gated.cloud.later(3600)
    decide(gated, "accept", Verdict.APPROVE, "web1")
    gated.cloud.later(7200)
    seen = gated.ask("poll_gate", first.replace(now=gated.cloud.now(), event="look:2"))
    assert (seen.decision, seen.expired) == ("approve", False)


def test_a_source_that_somebody_wants_to_keep_leaves_its_machine_final_and_the_ledger_says_who_and_why(
    gated: MigrationHarness,
) -> None:
    first = gated.look("web1", "decommission_source", kind=GatePoll, name="decommission")
    assert not gated.ask("poll_gate", first).settled
    assert gated.row("web1").state == MachineState.AWAITING_USER_ACTION
    decide(gated, "decommission", Verdict.REJECT, "web1")
    for turn in (2, 3):
        seen = gated.ask("poll_gate", first.replace(now=gated.cloud.now(), event=f"look:{turn}"))
        assert (seen.settled, seen.decision) == (True, "reject")
    row = gated.row("web1")
    assert (row.state, row.failed_in) == (MachineState.FINALIZED, "decommission_source")
    assert (row.waiting_for, row.release, row.problem) == ("", "", None)
    assert (row.evidence.source_kept.by, row.evidence.source_kept.why) == ("ann", "looks good")
    assert list(gates.of_migration(gated.migration)) == []
    (kept,) = {(each.by, each.text) for each in events.page(gated.migration)[0] if each.what == "source-kept"}
    assert kept == ("ann", "the source of web1 is kept, stopped: looks good")


def test_a_source_whose_termination_is_approved_is_not_kept(gated: MigrationHarness) -> None:
    first = gated.look("web1", "decommission_source", kind=GatePoll, name="decommission")
    gated.ask("poll_gate", first)
    decide(gated, "decommission", Verdict.APPROVE, "web1")
    seen = gated.ask("poll_gate", first.replace(now=gated.cloud.now(), event="look:2"))
    assert (seen.settled, seen.decision) == (True, "approve")
    assert gated.row("web1").evidence.source_kept is None


# --- close -------------------------------------------------------------------------------------------------------------


def test_a_gate_that_the_world_decided_is_closed(gated: MigrationHarness) -> None:
    ask(gated, "install-agent")
    closing = gated.look("web1", "install_agent", kind=GatePoll, name="install-agent")
    for _ in range(2):
        gated.ask("close_gate", closing)
    assert list(gates.of_migration(gated.migration)) == []


# --- deaths ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["opening", "decided", "expired"])
def test_a_gate_outlives_every_death(ferry: MigrationHarness, dying: Callable[..., Dying], stage: str) -> None:
    names = iter(f"plan-{number}" for number in range(1000))

    def fresh() -> Callable[[], Any]:
        ferry.take_in(manned(name=next(names)))
        ferry.enlist()
        look = ferry.look("web1", "accept", kind=GatePoll, name="accept")
        if stage != "opening":
            ferry.ask("poll_gate", look)
            ferry.cloud.later(60 if stage == "decided" else 7200)
            look = look.replace(now=ferry.cloud.now(), event="look:2")
        if stage == "decided":
            decide(ferry, "accept", Verdict.APPROVE, "web1")
        return lambda: ferry.ask("poll_gate", look)

    outlives_every_death(dying, fresh, lambda: ledger_text(ferry))
