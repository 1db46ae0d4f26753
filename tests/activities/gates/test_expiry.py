"""A gate that expires says before what happens then, and reminds whoever may decide: each group of machines by its own time."""

from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.cohorts import ApprovalPoll, Cohorts
from shared.coordination import gates
from shared.ledger import events
from shared.ledger.events import Event
from shared.reporting import ledger_views
from shared.states import MachineState
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of

HOUR = timedelta(hours=1)
NAMES = ("a1", "a2", "a3")
BOB, CLEO = "0f8fad5b-d9cb-469f-a165-70867728950e", "azferry.owner"


def opened(ferry: MigrationHarness, **more: Any) -> MigrationHarness:
    """Three machines whose cutover a person approves within ten hours."""
    plan = plan_of(*NAMES)
    ferry.take_in(plan | {"waves": [plan["waves"][0] | {"gates": {"cutover": "manual", "expires": "PT10H"} | more}]})
    ferry.enlist()
    return ferry


@pytest.fixture
def manual(ferry: MigrationHarness) -> MigrationHarness:
    return opened(ferry)


def ready(ferry: MigrationHarness, *names: str) -> None:
    for name in names:
        ferry.stands(name, state=MachineState.READY_FOR_CUTOVER)


def look(ferry: MigrationHarness, taken: int = 0, turn: int = 1) -> Cohorts:
    request: ApprovalPoll = ferry.look("", "migrate_wave", turn, kind=ApprovalPoll, taken=taken, prepared=True)
    seen = ferry.ask("poll_approval", request.replace(wave=WAVE))
    assert isinstance(seen, Cohorts)
    return seen


def reminders(ferry: MigrationHarness) -> list[Event]:
    return [each for each in events.page(ferry.migration)[0] if "reminder" in each.what]


def test_the_gate_of_a_cutover_says_before_what_happens_when_nobody_decides(manual: MigrationHarness) -> None:
    ready(manual, "a1")
    look(manual)
    gate = gates.get(manual.migration, WAVE, "cutover")
    assert gate
    assert gate.expires
    until = f"if nobody decides by {gate.expires:%Y-%m-%d %H:%M} UTC, their cutover counts as rejected"
    assert until in gate.text
    assert until in manual.row("a1").waiting_for
    (shown,) = ledger_views.migration(manual.migration, manual.cloud.now()).gates
    assert (shown.expires, until in shown.text, shown.then) == (gate.expires, True, gate.then)
    assert gate.then == "their cutover counts as rejected; replication goes on, and a retry asks again"


def test_people_are_reminded_of_a_cutover_at_a_half_and_at_nine_tenths_of_their_time_once_each(
    manual: MigrationHarness,
) -> None:
    ready(manual, "a1", "a2")
    began = manual.cloud.now()
    seen = look(manual)
    patience = [seen.patience]
    for turn in (2, 3):
        manual.cloud.later(patience[-1])
        seen = look(manual, seen.taken, turn)
        patience.append(seen.patience)
        assert look(manual, seen.taken, turn).patience == seen.patience, "a look that runs twice reminds once"
    assert [each.what for each in reminders(manual)] == [
        "gate-cutover-reminder-half",
        "gate-cutover-reminder-nine-tenths",
    ]
    for each, hours in zip(reminders(manual), (5, 9), strict=True):
        assert abs(each.at - began - hours * HOUR) < timedelta(minutes=1)
        assert each.data.machines == ("a1", "a2")
        assert "of wave first for a1, a2: at " in each.text
        assert each.text.endswith("UTC their cutover counts as rejected; replication goes on, and a retry asks again")
    assert seen.exact
    assert patience[0] > patience[1] > patience[2], "to the half, to nine tenths, to the end"


def test_machines_that_came_later_are_reminded_by_their_own_time_and_those_before_them_by_theirs(
    manual: MigrationHarness,
) -> None:
    ready(manual, "a1")
    seen = look(manual)
    manual.cloud.later(2 * 3600)
    ready(manual, "a2")
    seen = look(manual, seen.taken, 2)
    for turn in range(3, 8):
        manual.cloud.later(seen.patience)
        seen = look(manual, seen.taken, turn)
    reminded = [(each.what.rpartition("reminder-")[2], list(each.data.machines)) for each in reminders(manual)]
    assert reminded == [("half", ["a1"]), ("half", ["a2"]), ("nine-tenths", ["a1"]), ("nine-tenths", ["a2"])]


def test_the_last_reminder_says_who_may_decide_as_well_from_then_on(ferry: MigrationHarness) -> None:
    opened(ferry, approvers=[BOB], escalateTo=[CLEO])
    ready(ferry, "a1")
    seen = look(ferry)
    for turn in (2, 3):
        ferry.cloud.later(seen.patience)
        seen = look(ferry, seen.taken, turn)
    half, late = reminders(ferry)
    assert CLEO not in half.text
    assert late.text.endswith(f"; from now on these may decide, too: {CLEO}")
    assert (half.data.escalates_to, late.data.escalates_to) == ((), (CLEO,))


def test_who_was_decided_on_is_reminded_of_no_more(manual: MigrationHarness) -> None:
    ready(manual, "a1")
    seen = look(manual)
    gates.withdraw(gates.get(manual.migration, WAVE, "cutover") or pytest.fail("no gate"), ("a1",))
    manual.cloud.later(9 * 3600 + 60)
    look(manual, seen.taken, 2)
    assert reminders(manual) == []
