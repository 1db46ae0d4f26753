"""The figures that a manager asks for, from machines and events as a report has them."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.ledger.machine_row import Mark
from shared.ledger.serving import Outage, Serving
from shared.plan.model import Plan
from shared.plan.schema import EXAMPLE
from shared.reporting.report import report_of
from shared.reporting.summary_html import summary_html
from shared.reporting.views import EventView, MachineView, MigrationView
from shared.reporting.window_keeping import window_keeping
from shared.states import MachineState

AT = datetime(2026, 3, 7, 22, 0, tzinfo=UTC)
S = MachineState


def summary(machines=(), events=()):
    return report_of(MigrationView(id="finance.1", left_out={"old": "retire"}), machines, events, AT).summary


def down(name, minutes, **more):
    return MachineView(name=name, state=S.FINALIZED, downtime_seconds=minutes * 60, **more)


def failed(machine, phase, minutes=0, what="machine-failed"):
    at = AT + timedelta(minutes=minutes)
    return EventView(
        id=f"{machine}{phase}{minutes}", at=at, machine=machine, phase=phase, what=what, text=f"{phase} failed"
    )


def test_machines_are_counted_by_what_became_of_them():
    states = (S.FINALIZED, S.CUT_OVER, S.INITIAL_SYNC, S.FAILED, S.PAUSED, S.ROLLED_BACK)
    found = summary([MachineView(name=state.value, state=state) for state in states])

    assert (6, 2, 1, 2, 1, 1) == (
        found.machines, found.moved, found.under_way, found.stopped, found.given_up, found.left_out,
    )  # fmt: skip


def test_who_waits_for_a_person_is_not_told_as_if_it_had_failed():
    html = summary_html(summary([MachineView(name="m1", state=S.AWAITING_USER_ACTION)]))

    assert "<strong>1</strong>stopped or waiting for a person" in html


def test_downtime_is_told_by_its_middle_its_ninth_tenth_and_its_bands():
    found = summary([down(f"m{at}", at) for at in range(1, 11)] + [MachineView(name="never")])

    assert (10, 330, 540, 600, 3300) == (
        found.measured, found.median_downtime_seconds, found.ninth_downtime_seconds,
        found.longest_downtime_seconds, found.total_downtime_seconds,
    )  # fmt: skip
    assert [5, 5, 0] == [each.machines for each in found.bands[:3]], "a band holds its own end"
    assert 10 == sum(each.machines for each in found.bands)


def test_a_day_of_downtime_is_in_the_last_band():
    assert 1 == summary([down("m1", 1_440)]).bands[-1].machines


def test_what_rehearsals_found_is_told_with_the_time_until_they_passed():
    mended = MachineView(name="m1", marks={Mark.TEST_UP: AT + timedelta(hours=2)})
    events = [failed("m1", "verify_test_vm"), failed("m2", "start_test_failover", 5), failed("m1", "verify", 300)]
    found = summary([mended, MachineView(name="m2")], events)

    assert [("m1", 7200), ("m2", None)] == [(each.machine, each.mended_seconds) for each in found.found_early]
    assert (1, 1) == (found.rehearsed, found.failed_in_cutover)


def test_a_reminder_and_a_vault_that_was_asked_for_are_no_decisions():
    events = [failed("", "", what=what) for what in ("gate-cutover-reminder-1", "vault-asked", "gate-cutover-expired")]
    started = failed("", "", what="plan-accepted")
    report = report_of(MigrationView(id="finance.1"), [], [*events, started], AT)

    assert (started,) == report.approvals


@pytest.mark.parametrize(
    ("began", "minutes", "kept"),
    [
        (0, 30, (1, (), ())),
        (0, 240, (1, (), ())),
        (230, 30, (0, ("shop-web1",), ())),
        (-60, 30, (0, (), ("shop-web1",))),
    ],
)
def test_a_cutover_is_held_against_the_opening_that_it_began_in(began, minutes, kept):
    window = {"start": "2026-03-07T22:00", "length": "PT4H", "timeZone": "UTC"}
    wave = EXAMPLE["waves"][0] | {"cutover": {"windows": [window]}, "dependsOn": []}
    plan = Plan.model_validate(EXAMPLE | {"waves": [wave]})
    start = AT + timedelta(minutes=began)
    outage = Outage(began=start, ended=start + timedelta(minutes=minutes), served_by=Serving.TARGET)
    name = plan.waves[0].machines[0].name
    found = window_keeping(plan, AT - timedelta(days=1), [MachineView(name=name, outages=(outage,))])

    named = tuple("shop-web1" if each == name else each for each in (*found.overrun, *found.outside))
    assert kept == (found.kept, named if found.overrun else (), named if found.outside else ())


def test_a_machine_that_came_back_to_its_source_kept_and_broke_no_window():
    outage = Outage(began=AT, ended=AT + timedelta(hours=9), served_by=Serving.SOURCE)
    plan = Plan.model_validate(EXAMPLE)

    assert 0 == window_keeping(plan, AT, [MachineView(name=plan.waves[0].machines[0].name, outages=(outage,))]).of


def test_the_picture_tells_its_bars_to_who_does_not_see_them():
    html = summary_html(summary([down("m1", 3), down("m2", 50)]))

    assert 'aria-label="Machines by their downtime: up to 5 min: 1, to 15 min: 0, to 30 min: 0, to 1 h: 1' in html
    assert "<p>No machine has been down.</p>" in summary_html(summary())
