"""Approval: which machines of a wave may cut over, cut into cohorts."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.contracts.cohorts import ApprovalPoll, Cohorts
from shared.contracts.rounds import Member
from shared.coordination import gates, operator_intents, waits
from shared.coordination.decision import Decision, Verdict
from shared.coordination.operator_intents import Control, Intent
from shared.ledger import events
from shared.problems import Interrupted
from shared.reporting import ledger_views
from shared.settings import settings
from shared.states import MachineState, WaveState
from tests.activities.crash_injection import Dying
from tests.activities.crash_matrix import ledger_text, outlives_every_death
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of
from tests.gate_answers import record

NAMES = ("a1", "a2", "a3")
READY = MachineState.READY_FOR_CUTOVER


def manned(gates_more: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    plan = plan_of(*NAMES, **changes)
    return plan | {"waves": [plan["waves"][0] | {"gates": {"cutover": "manual"} | (gates_more or {})}]}


@pytest.fixture
def manual(ferry: MigrationHarness) -> MigrationHarness:
    """Three machines whose cutover a person approves."""
    ferry.take_in(manned())
    ferry.enlist()
    return ferry


@pytest.fixture
def automatic(ferry: MigrationHarness) -> MigrationHarness:
    """Three machines that cut over as soon as all are ready."""
    ferry.take_in(plan_of(*NAMES))
    ferry.enlist()
    return ferry


def ready(ferry: MigrationHarness, *names: str) -> None:
    for name in names:
        ferry.stands(name, state=READY)


def asking(ferry: MigrationHarness, taken: int = 0, turn: int = 1, **more: Any) -> ApprovalPoll:
    poll: ApprovalPoll = ferry.look(
        "", "migrate_wave", turn, kind=ApprovalPoll, taken=taken, **({"prepared": True} | more)
    )
    return poll.replace(wave=WAVE)


def ask(ferry: MigrationHarness, taken: int = 0, turn: int = 1, **more: Any) -> Cohorts:
    seen = ferry.ask("poll_approval", asking(ferry, taken, turn, **more))
    assert isinstance(seen, Cohorts)
    return seen


def decide(ferry: MigrationHarness, verdict: Verdict, *names: str, by: str = "ann", comment: str = "") -> None:
    record(
        ferry.migration,
        WAVE,
        "cutover",
        Decision(verdict=verdict, by=by, comment=comment, at=ferry.cloud.now()),
        names or None,
    )


def cohorts(seen: Cohorts) -> list[list[str]]:
    return [[each.name for each in cohort] for cohort in seen.cohorts]


# --- without a gate ----------------------------------------------------------------------------------------------------


def test_without_a_gate_all_that_are_ready_go_when_the_last_one_is(automatic: MigrationHarness) -> None:
    ready(automatic, "a1")
    early = ask(automatic, prepared=False)
    assert (cohorts(early), early.settled) == ([], False)
    ready(automatic, "a3")
    seen = ask(automatic, early.taken)
    assert (cohorts(seen), seen.settled) == ([["a1", "a3"]], True)


def test_without_a_gate_nobody_goes_twice(automatic: MigrationHarness) -> None:
    ready(automatic, *NAMES)
    seen = ask(automatic)
    again = ask(automatic, seen.taken)
    assert (cohorts(again), again.settled) == ([], True)


def test_a_wave_of_which_nothing_is_ready_is_through(automatic: MigrationHarness) -> None:
    seen = ask(automatic)
    assert (cohorts(seen), seen.settled) == ([], True)


# --- by people ---------------------------------------------------------------------------------------------------------


def test_the_gate_opens_for_those_that_are_ready_and_says_how_it_is_released(manual: MigrationHarness) -> None:
    ready(manual, "a1", "a2")
    seen = ask(manual)
    assert (cohorts(seen), seen.settled) == ([], False)
    gate = gates.get(manual.migration, WAVE, "cutover")
    assert gate
    assert gate.pending == ("a1", "a2")
    row = manual.row("a1")
    assert row.waiting_for.startswith("an approval of the cutover of wave first")
    assert row.release == f"azferry approve {manual.migration} --wave first --gate cutover"
    (wave,) = ledger_views.migration(manual.migration, manual.look("a1", "approval").now).waves
    assert wave.state == WaveState.AWAITING_APPROVAL


def test_an_approval_of_some_sends_these_and_the_rest_goes_on_waiting(manual: MigrationHarness) -> None:
    ready(manual, *NAMES)
    first = ask(manual)
    decide(manual, Verdict.APPROVE, "a2")
    second = ask(manual, first.taken, 2)
    assert (cohorts(second), second.settled) == ([["a2"]], False)
    manual.cloud.later(60)
    manual.stands("a2", owner="cohort-1", state=MachineState.CUTTING_OVER)
    decide(manual, Verdict.APPROVE)
    third = ask(manual, second.taken, 3)
    assert (cohorts(third), third.settled) == ([["a1", "a3"]], True)
    assert waits.of_migration(manual.migration) == ()


def test_asked_twice_the_same_it_gives_the_same_cohort(manual: MigrationHarness) -> None:
    ready(manual, *NAMES)
    first = ask(manual)
    decide(manual, Verdict.APPROVE)
    poll = asking(manual, first.taken, 2)
    assert manual.ask("poll_approval", poll) == manual.ask("poll_approval", poll)


def test_a_machine_that_becomes_ready_later_joins_the_gate(manual: MigrationHarness) -> None:
    ready(manual, "a1")
    first = ask(manual, prepared=False)
    ready(manual, "a2")
    ask(manual, first.taken, 2, prepared=False)
    gate = gates.get(manual.migration, WAVE, "cutover")
    assert gate
    assert gate.pending == ("a1", "a2")


def test_while_others_still_prepare_it_looks_for_newly_ready_ones_within_the_hour(manual: MigrationHarness) -> None:
    assert ask(manual, prepared=False).patience <= 3600
    ready(manual, "a1")
    assert ask(manual, prepared=False).patience <= 3600
    assert ask(manual, prepared=True).patience > 3600


def test_nothing_is_settled_while_others_still_prepare(manual: MigrationHarness) -> None:
    ready(manual, "a1")
    first = ask(manual, prepared=False)
    decide(manual, Verdict.APPROVE)
    assert not ask(manual, first.taken, 2, prepared=False).settled


def test_a_rejected_machine_stops_where_a_retry_asks_again(manual: MigrationHarness) -> None:
    ready(manual, *NAMES)
    first = ask(manual)
    decide(manual, Verdict.REJECT, "a1", comment="not before Monday")
    seen = ask(manual, first.taken, 2)
    assert cohorts(seen) == []
    row = manual.row("a1")
    assert (row.state, row.failed_in) == (MachineState.FAILED, "approval")
    assert row.problem
    assert row.problem.id == "cutover-rejected"
    assert row.problem.detail == "ann rejected the cutover: not before Monday"
    assert row.waiting_for == row.problem.advice
    assert row.release == f"azferry retry {manual.migration} --machine a1"
    assert [each.by for each in events.page(manual.migration)[0] if each.what == "cutover-rejected-a1"] == ["ann"]


def test_a_wave_rejected_as_a_whole_is_through(manual: MigrationHarness) -> None:
    ready(manual, *NAMES)
    first = ask(manual)
    decide(manual, Verdict.REJECT)
    seen = ask(manual, first.taken, 2)
    assert (cohorts(seen), seen.settled) == ([], True)


def test_an_approval_that_nobody_gives_in_time_is_a_rejection(ferry: MigrationHarness) -> None:
    ferry.take_in(manned({"expires": "PT4H"}))
    ferry.enlist()
    ready(ferry, *NAMES)
    first = ask(ferry)
    assert (first.patience, first.exact) == (2 * 3600 + 1, True), "then it reminds"
    ferry.cloud.later(4 * 3600)
    seen = ask(ferry, first.taken, 2)
    assert (cohorts(seen), seen.settled) == ([], True)
    assert {ferry.row(name).state for name in NAMES} == {MachineState.FAILED}
    assert "nobody decided in time" in ferry.row("a1").problem.detail


def test_a_machine_that_another_flow_has_by_now_is_left_out(manual: MigrationHarness) -> None:
    ready(manual, *NAMES)
    first = ask(manual)
    decide(manual, Verdict.APPROVE)
    manual.stands("a2", owner="roll-back")
    assert cohorts(ask(manual, first.taken, 2)) == [["a1", "a3"]]


# --- cohorts -----------------------------------------------------------------------------------------------------------


def test_nobody_need_decide_about_a_machine_that_another_round_took_over(manual: MigrationHarness) -> None:
    ready(manual, *NAMES)
    seen = ask(manual)
    manual.stands("a2", state=READY, round=2)

    ask(manual, seen.taken)

    (gate,) = gates.of_migration(manual.migration)
    assert gate.pending == ("a1", "a3")


def test_a_cohort_is_as_large_as_the_limits_hold(ferry: MigrationHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    ferry.take_in(plan_of(*NAMES, limits={"cuttingOver": 2}))
    ferry.enlist()
    ready(ferry, *NAMES)
    assert cohorts(ask(ferry)) == [["a1", "a2"], ["a3"]]
    monkeypatch.setenv("AZFERRY_MAX_CUTTING_OVER", "1")
    settings.cache_clear()
    assert cohorts(ask(ferry)) == [["a1"], ["a2"], ["a3"]]


def test_applications_stay_together_and_boot_groups_in_order(ferry: MigrationHarness) -> None:
    plan = plan_of(*NAMES, limits={"cuttingOver": 2})
    for machine, (application, group) in zip(
        plan["waves"][0]["machines"], (("shop", 2), ("files", 1), ("shop", 1)), strict=True
    ):
        machine |= {"application": application, "bootGroup": group}
    ferry.take_in(plan)
    ferry.enlist()
    ready(ferry, *NAMES)
    assert cohorts(ask(ferry)) == [["a2"], ["a3", "a1"]]


def test_machines_that_go_straight_on_do_not_wait_at_the_gate_again(manual: MigrationHarness) -> None:
    ready(manual, "a1", "a2")

    seen = ask(manual, taken=1, straight=(Member(name="a1"), Member(name="a2")))

    assert seen.settled
    assert gates.get(manual.migration, WAVE, "cutover") is None


def test_machines_of_a_retry_that_were_approved_before_go_straight_on(manual: MigrationHarness) -> None:
    seen = ask(manual, straight=(Member(name="a1"), Member(name="a2")))
    assert (cohorts(seen), seen.settled, seen.taken) == ([["a1", "a2"]], False, 1)
    ready(manual, "a3")
    assert not ask(manual, seen.taken, 2).settled
    decide(manual, Verdict.APPROVE)
    assert cohorts(ask(manual, seen.taken, 3)) == [["a3"]]


def test_a_later_round_has_a_gate_of_its_own(manual: MigrationHarness) -> None:
    ready(manual, *NAMES)
    ask(manual)
    decide(manual, Verdict.APPROVE)
    manual.cloud.later(60)
    manual.stands("a1", round=2)
    second = manual.ask("poll_approval", asking(manual).replace(round=2))
    assert (cohorts(second), second.settled) == ([], False)
    gate = gates.get(manual.migration, WAVE, "cutover")
    assert gate
    assert (gate.round, gate.pending) == (2, ("a1",))


@pytest.mark.parametrize("intent", [Intent.CANCEL, Intent.ROLLBACK])
def test_a_migration_that_is_stopped_asks_nobody(manual: MigrationHarness, intent: Intent) -> None:
    ready(manual, *NAMES)
    operator_intents.set_intent(Control(migration=manual.migration, intent=intent, by="bob", at=manual.cloud.now()))
    with pytest.raises(Interrupted):
        ask(manual)


@pytest.mark.parametrize("verdict", [None, Verdict.APPROVE, Verdict.REJECT])
def test_asking_outlives_every_death(
    ferry: MigrationHarness, dying: Callable[..., Dying], verdict: Verdict | None
) -> None:
    names = iter(f"plan-{number}" for number in range(1000))

    def fresh() -> Callable[[], Any]:
        ferry.take_in(manned(name=next(names)))
        ferry.enlist()
        ready(ferry, *NAMES)
        poll = asking(ferry)
        if verdict:
            ask(ferry)
            decide(ferry, verdict, "a1", "a2")
            poll = asking(ferry, 1, 2)
        return lambda: ferry.ask("poll_approval", poll)

    outlives_every_death(dying, fresh, lambda: ledger_text(ferry))


def test_a_large_application_is_cut_between_its_boot_groups(ferry: MigrationHarness) -> None:
    plan = plan_of(*NAMES, limits={"cuttingOver": 2})
    for machine, group in zip(plan["waves"][0]["machines"], (2, 2, 1), strict=True):
        machine |= {"application": "shop", "bootGroup": group}
    ferry.take_in(plan)
    ferry.enlist()
    ready(ferry, *NAMES)
    seen = ask(ferry)
    assert cohorts(seen) == [["a3"], ["a1", "a2"]]
    assert seen.after == ((), ("a3",))
