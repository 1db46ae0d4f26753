"""The registration gate and the 15-minute wait."""

from datetime import timedelta

from orchestrators.register_appliance import register_appliance
from shared.contracts.requests import GatePollResult
from shared.contracts.sources import AppliancePollResult, Preparation
from shared.models import Done
from tests.orchestrators.happy_path import PLAN, happy_stage, says
from tests.play import START

HERE = PLAN.replace(phase="register_appliance")
HEALTHY = AppliancePollResult(settled=True, registered=True, healthy=True)


def healthy_after(stage, registered, healthy):
    def look(wire):
        passed = stage().now - START
        return AppliancePollResult(
            settled=passed >= registered, registered=passed >= registered, healthy=passed >= healthy, patience=60
        )

    return look


def play(**overrides):
    box = []
    look = healthy_after(lambda: box[0], overrides.pop("registered"), overrides.pop("healthy"))
    box.append(happy_stage(poll_appliance=look, **overrides))
    assert Done() == box[0].play(register_appliance, HERE)
    return box[0]


def test_a_healthy_appliance_is_found_at_the_first_look():
    stage = play(registered=timedelta(), healthy=timedelta())

    assert timedelta() == stage.now - START


def test_registration_by_a_person_is_waited_for_without_an_end():
    stage = play(registered=timedelta(days=9), healthy=timedelta(days=9, minutes=5))

    assert timedelta(days=9) < stage.now - START
    assert "poll_gate" not in stage.journal


def test_from_registration_on_it_looks_once_a_minute():
    stage = play(registered=timedelta(), healthy=timedelta(minutes=14))

    assert timedelta(minutes=14) == stage.now - START
    assert stage.journal.count("poll_appliance") - 1 == 15


def test_after_fifteen_minutes_a_person_is_asked_and_then_it_waits_fifteen_more():
    stage = play(registered=timedelta(), healthy=timedelta(minutes=20), poll_gate=says(GatePollResult(settled=True)))

    assert stage.journal.count("poll_gate") == 1
    assert timedelta(minutes=20) == stage.now - START


def test_the_plan_may_allow_more_time():
    wanted = says(Preparation(registration_timeout=3_600))
    stage = play(registered=timedelta(), healthy=timedelta(minutes=50), read_preparation=wanted)

    assert "poll_gate" not in stage.journal


def test_it_is_launched_only_when_asked_and_only_when_it_is_not_there():
    launch = says(Preparation(launch=True))

    assert (
        "launch_appliance"
        in play(registered=timedelta(hours=1), healthy=timedelta(hours=1), read_preparation=launch).journal
    )
    assert "launch_appliance" not in play(registered=timedelta(), healthy=timedelta(), read_preparation=launch).journal
    assert "launch_appliance" not in play(registered=timedelta(hours=1), healthy=timedelta(hours=1)).journal
