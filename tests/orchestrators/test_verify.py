"""Verifying: scripts of the plan run behind the boot and before the checks; without any nothing is asked for them."""

import pytest

from orchestrators.verify import verify
from orchestrators.verify_test_vm import verify_test_vm
from shared.contracts.requests import BootResult
from shared.problems import Refused
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
