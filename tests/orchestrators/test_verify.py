"""Verifying: scripts of the plan run behind the boot and before the checks; without any nothing is asked for them."""

import pytest

from orchestrators.verify import verify
from orchestrators.verify_test_vm import verify_test_vm
from shared.contracts.requests import BootResult, PollResult
from shared.contracts.unverified import VerificationOutlook
from shared.problems import Interrupted, Refused
from tests.orchestrators.happy_path import MACHINE, happy_stage, says

SCRIPTED = says(BootResult(settled=True, scripts=True, checks=True))
CHECKS = ["start_verification", "poll_verification"]


def refuse(wire):
    raise Refused("no")


@pytest.mark.parametrize("phase", [verify, verify_test_vm])
def test_scripts_run_between_boot_and_checks(phase):
    stage = happy_stage(poll_boot=SCRIPTED)
    stage.play(phase, MACHINE)

    assert stage.journal[:4] == ["poll_boot", "run_target_scripts", *CHECKS]
    assert dict(stage.calls)["run_target_scripts"].get("test", False) == (phase is verify_test_vm)


def test_a_plan_without_scripts_asks_for_none():
    stage = happy_stage()
    stage.play(verify, MACHINE)

    assert "run_target_scripts" not in stage.journal


def test_nothing_is_checked_behind_a_script_that_failed():
    stage = happy_stage(poll_boot=SCRIPTED, run_target_scripts=refuse)
    with pytest.raises(Refused):
        stage.play(verify, MACHINE)

    assert stage.journal[:2] == ["poll_boot", "run_target_scripts"]
    assert "start_verification" not in stage.journal


def test_what_the_plan_says_of_a_machine_that_is_not_verified_is_asked_each_time():
    stage = happy_stage(poll_verification=refuse)
    with pytest.raises(Refused, match="no"):
        stage.play(verify, MACHINE)

    assert stage.journal[-1] == "judge_verification"
    assert "begin_roll_back" not in stage.journal


def test_it_is_tried_again_until_it_passes():
    checked = iter([Refused("no"), Refused("no"), PollResult(settled=True)])

    def check(wire):
        found = next(checked)
        if isinstance(found, Refused):
            raise found
        return found

    stage = happy_stage(poll_verification=check, judge_verification=says(VerificationOutlook(again_in=60)))
    stage.play(verify, MACHINE)

    assert (stage.journal.count("judge_verification"), stage.journal[-1]) == (2, "mark_verified")
    assert [wire.get("tries", 1) for name, wire in stage.calls if name == "judge_verification"] == [1, 2]
    armed = [wire["event"] for name, wire in stage.calls if name == "poll_boot"]
    assert len(set(armed)) == 3, "each try waits by names of its own"


def test_at_its_deadline_it_goes_back_and_says_why():
    back = says(VerificationOutlook(goes_back=True, text="db1 was not verified by 22:40 UTC: no"))
    stage = happy_stage(poll_boot=refuse, judge_verification=back)
    with pytest.raises(Refused, match="was not verified by") as refused:
        stage.play(verify, MACHINE)

    assert stage.journal[-2:] == ["judge_verification", "begin_roll_back"]
    ordered = dict(stage.calls)["begin_roll_back"]
    assert (ordered["by"], "not verified by" in ordered["why"]) == ("onVerifyFailed of the plan", True)
    assert refused.value.facts.id == "not-verified-in-time"


def test_who_was_taken_back_by_a_person_is_not_judged():
    def strike(wire):
        raise Interrupted("ann asked for rollback")

    stage = happy_stage(poll_verification=strike)
    with pytest.raises(Interrupted):
        stage.play(verify, MACHINE)

    assert "judge_verification" not in stage.journal


def test_a_copy_is_cleaned_up_and_never_judged():
    stage = happy_stage(poll_verification=refuse)
    with pytest.raises(Refused):
        stage.play(verify_test_vm, MACHINE)

    assert "judge_verification" not in stage.journal
