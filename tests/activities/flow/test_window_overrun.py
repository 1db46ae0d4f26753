"""A window that closes upon machines under way: what each of them still does."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from activities.flow.window_overrun import check_window
from shared.contracts.cohorts import Cohort
from shared.contracts.requests import PhaseExit
from shared.contracts.rounds import Member
from shared.ledger import events, machines
from shared.ledger.evidence import AssignedWindow, Evidence
from shared.ledger.machine_row import Mark
from shared.models import Scope
from shared.problems import Interrupted
from shared.states import MachineState
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of

HOUR = timedelta(hours=1)
STEPS = ("quiesce", "stop_source", "fail_over", "verify")


def begun(ferry: MigrationHarness, overrun: str) -> datetime:
    """A machine that cuts over in a window of an hour; gives when it closes."""
    plan = plan_of("web1")
    plan["waves"][0]["cutover"] = {"windows": [{"start": "+PT0S", "length": "PT1H", "overrun": overrun}]}
    ferry.take_in(plan)
    ferry.enlist()
    ferry.furnish_target()
    ferry.stands("web1", state=MachineState.READY_FOR_CUTOVER)
    poll: Cohort = ferry.look("", "cohort-1", kind=Cohort, number=1, machines=(Member(name="web1"),))
    assert ferry.ask("begin_cutover", poll.replace(wave=WAVE)).settled
    return ferry.cloud.now() + HOUR


def intents(ferry: MigrationHarness, now: datetime) -> list[str]:
    """What each step of the cutover would come to."""
    return [_intent(ferry.place("web1", phase, now=now)) for phase in STEPS]


def _intent(place: Scope) -> str:
    try:
        check_window(place)
    except Interrupted as stopped:
        return stopped.facts.extra["intent"] if stopped.facts.id == "window-closed" else stopped.facts.id
    return "goes on"


@pytest.mark.parametrize(
    ("overrun", "before", "after"),
    [
        ("finish", ["goes on"] * 3, "goes on"),
        ("stop", ["window"] * 3, "goes on"),
        ("rollback", ["window"] * 3, "rollback"),
    ],
)
def test_what_a_closed_window_means_before_and_after_the_failover(
    ferry: MigrationHarness, overrun: str, before: list[str], after: str
) -> None:
    closes = begun(ferry, overrun)
    assert intents(ferry, closes - timedelta(seconds=1)) == ["goes on"] * 4
    assert intents(ferry, closes) == [*before, after]
    ferry.stands("web1", marks={Mark.FAILOVER_ASKED: ferry.cloud.now()})
    assert intents(ferry, closes) == ["goes on", "goes on", "goes on", after], "nothing submitted is interrupted"


def test_a_machine_that_an_operator_sent_outside_of_the_window_is_not_stopped_by_it(ferry: MigrationHarness) -> None:
    closes = begun(ferry, "stop")
    ferry.stands("web1", evidence=Evidence(cutover_window=AssignedWindow()))
    assert intents(ferry, closes + HOUR) == ["goes on"] * 4


def test_a_machine_upon_which_it_closed_is_ready_again_and_its_downtime_begins_anew(ferry: MigrationHarness) -> None:
    begun(ferry, "stop")
    place = ferry.place("web1", "stop_source", now=ferry.cloud.now() + HOUR)
    look = ferry.look("web1", "quiesce", owner="walk", tag="quiesce")
    assert ferry.ask("enter", look).settled
    ferry.stands("web1", marks={Mark.QUIESCED: ferry.cloud.now(), Mark.STOP_REQUESTED: ferry.cloud.now()})
    with pytest.raises(Interrupted) as closed:
        ferry.ask("enter", look.replace(phase="stop_source", now=place.now))
    leaving = ferry.place(
        "web1", "stop_source", kind=PhaseExit, owner="walk", problem=closed.value.facts, now=place.now
    )
    for _ in range(2):
        ferry.ask("leave", leaving)

    row = ferry.row("web1")
    assert (row.state, row.phase, row.owner, row.problem) == (MachineState.READY_FOR_CUTOVER, "await_window", "", None)
    assert "it goes back to its source and waits for the next opening" in row.waiting_for
    assert row.release == f"azferry cutover {ferry.migration} --wave {WAVE}"
    assert row.mark(Mark.STOP_REQUESTED) is None
    assert [each.what for each in events.page(ferry.migration)[0]].count("window-closed") == 1


def test_a_cohort_holds_nobody_upon_whom_the_window_closed(ferry: MigrationHarness) -> None:
    closes = begun(ferry, "stop")
    poll: Any = ferry.place(phase="cohort-1", kind=Cohort, wave=WAVE, owner="c", machines=(Member(name="web1"),))
    assert ferry.ask("hold_cohort", poll.replace(now=closes)).members == ()
    assert machines.get(ferry.migration, "web1").owner == ""  # type: ignore[union-attr] # it is there


def test_a_window_that_closes_and_one_with_little_room_still_bring_everybody_over(ferry: MigrationHarness) -> None:
    """By the real activities in virtual time: proof after 5 minutes, stop within 10 seconds, then the first one closes."""
    first = {"start": "+P7D", "length": "PT5M5S", "overrun": "stop"}
    nightly = {"start": "+P8D", "length": "PT4H", "every": "daily", "capacity": 1}
    plan = plan_of("web1", "db1")
    plan["waves"][0]["cutover"] = {"mode": "machine", "windows": [first, nightly], "expectedDuration": "PT1M"}
    ferry.begin(plan=plan)
    accepted = ferry.cloud.now()
    ferry.prepare()
    ferry.walk("web1", "db1", until="quiesce")
    members = (Member(name="web1"), Member(name="db1"))
    poll = ferry.place(phase="cohort-1", kind=Cohort, wave=WAVE, number=1, machines=members, owner="root")
    ferry.play("cut_over_cohort", poll.replace(land=("verify", "accept", "complete_migration")), "root")

    happened = [(each.machine, each.what) for each in events.page(ferry.migration, size=1000)[0]]
    for number, name in enumerate(("web1", "db1")):
        assert happened.count((name, "window-closed")) == happened.count((name, "source-back")) == 1
        assert happened.count((name, "stop-requested")) == 2
        assert happened.count((name, "failover-submitted")) == 1
        row = ferry.row(name)
        opened = accepted + timedelta(days=8 + number)
        assert opened <= row.marks[Mark.FAILOVER_ASKED] < opened + HOUR
        last = row.service.outages[-1]
        assert len(row.service.outages) == 2, "one a stop"
        assert last.ended
        assert last.ended - last.began < 2 * HOUR, "the last from its second stop"
