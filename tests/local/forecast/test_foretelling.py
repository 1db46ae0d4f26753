"""From a migration that was played to its forecast: waves, openings, what holds back, the critical path, downtime."""

from datetime import datetime, timedelta

import pytest

from local.forecast.model import Duty
from shared.plan.model import Plan
from tests.local.forecast.played import at, outlook, plan


def five_hours_in(seen):
    """The cutover of db1 begins five hours in."""
    for each in seen["events"]:
        since = datetime.fromisoformat(each["at"]) - at(240)
        if each["machine"] == "db1" and since >= timedelta():
            each["at"] = (at(300) + since).isoformat()


def held(forecast, machine):
    return [(each.reason, each.what, each.begin, each.end) for each in forecast.holds if each.machine == machine]


def test_waves_have_their_begin_and_end_and_openings_their_machines():
    first, second = outlook().waves

    assert (at(0), at(240), at(262)) == (first.begin, first.first_cutover, first.end)
    assert [(at(240), ("db1", "web1"))] == [(each.opens, each.machines) for each in first.openings[:1]]
    assert (("first",), ()) == (second.depends_on, second.openings)


def test_between_readiness_and_cutover_a_machine_is_held_by_the_gate_then_by_its_window():
    assert [("gate", "cutover", at(135), at(180)), ("window", "opens 2026-11-30 12:00Z", at(180), at(240))] == held(
        outlook(), "db1"
    )[1:]


def test_before_it_is_enabled_a_machine_waits_for_a_place_to_replicate():
    assert ("replication places", "limits.replicating", at(10), at(15)) == held(outlook(), "db1")[0]


def test_a_wave_that_waits_for_another_is_held_by_it():
    assert ("dependency", "first", at(150), at(262)) == held(outlook(), "app1")[-1]


def test_a_blackout_holds_with_its_reason_and_within_an_opening_places_do():
    black = {"start": "2026-11-30T11:00:00", "end": "2026-11-30T12:30:00", "reason": "close of the month"}

    forecast = outlook(five_hours_in, plan=plan(blackouts=[black]))

    found = [(reason, begin, end) for reason, _, begin, end in held(forecast, "db1")[2:]]
    assert [("blackout", at(180), at(240)), ("blackout", at(240), at(270)), ("places", at(270), at(300))] == found
    assert "close of the month" == held(forecast, "db1")[2][1]


def test_a_machine_with_windows_of_its_own_is_held_by_those():
    whole = plan().model_dump(mode="json", by_alias=True, exclude_defaults=True)
    whole["waves"][0]["machines"][1]["windows"] = [
        {"start": "2026-11-30T11:30:00", "length": "PT2H", "timeZone": "UTC"}
    ]

    forecast = outlook(plan=Plan.model_validate(whole))

    assert [at(240), at(210)] == [each.opening for each in forecast.machines[:2]]
    assert ["window", "places"] == [reason for reason, *_ in held(forecast, "web1")[2:]]


def test_waiting_is_added_up_by_reason_with_the_disks_that_are_kept_meanwhile():
    costs = {each.reason: each for each in outlook().costs}

    assert (2, pytest.approx(2.0)) == (costs["window"].machines, costs["window"].machine_hours)
    assert pytest.approx(100 * 2 / 24, abs=0.1) == costs["window"].replica_gb_days
    assert 0 == costs["replication places"].replica_gb_days


def test_the_critical_path_goes_from_the_last_machine_back_through_the_wave_that_it_waited_for():
    path = outlook().critical_path

    assert ["db1", "app1"] == list(dict.fromkeys(each.machine for each in path))
    assert [each.end for each in path[:-1]] == [each.begin for each in path[1:]]
    assert (at(0), at(284)) == (path[0].begin, path[-1].end)


def test_nine_of_ten_cutovers_are_as_spread_as_what_was_measured_else_it_says_that_it_assumes():
    assumed, measured = outlook(), outlook(measured=(600.0, 600.0, 600.0, 600.0, 1200.0))

    assert (900, 900, 1170) == (
        assumed.machines[0].downtime_seconds,
        assumed.downtime_median_seconds,
        assumed.machines[0].downtime90_seconds,
    )
    assert any("assumed" in each for each in assumed.basis)
    assert 1440 == measured.machines[0].downtime90_seconds
    assert any("5 machines that were measured" in each for each in measured.basis)


def test_a_gate_is_told_with_whom_the_plan_names():
    named = plan().model_dump(mode="json", by_alias=True, exclude_defaults=True) | {
        "gates": {"approvers": ["azferry.owner"]}
    }
    duty = Duty(gate="cutover", wave="first", opens=at(135), decided=at(180))

    assert (("azferry.owner",),) == tuple(
        each.who for each in outlook(plan=Plan.model_validate(named), duties=[duty]).duties
    )


def failed(seen):
    seen["machines"][0] |= {"state": "Failed", "problem": {"title": "A job failed", "detail": "539"}}


def down_too_long(seen):
    for each in seen["events"]:
        if each["what"] == "complete-migration-began" and each["machine"] == "db1":
            each["at"] = at(400).isoformat()
        if each["what"] == "finalized" and each["machine"] == "db1":
            each["at"] = at(402).isoformat()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (failed, "1 of 2 machines do not arrive (db1)"),
        (down_too_long, "1 machines are still down when their window closes (db1)"),
    ],
)
def test_what_a_plan_does_not_bear_is_said(changed, words):
    verdict = outlook(changed).verdict

    assert not verdict.borne
    assert any(words in each for each in verdict.reasons)
    assert outlook().verdict.borne
