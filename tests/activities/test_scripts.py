"""The scripts of a source machine: the plan's own, and ours filled in."""

import subprocess

import pytest

from activities.scripts import lines_of
from shared.plan.model import Plan
from tests.activities.ferry import plan_of


def lines(script: str, *, windows: bool = False, installer: str = "") -> str:
    told = plan_of("web1", replication={"agent": {"installerUrl": installer}} if installer else {})
    told["waves"][0]["scripts"] = {"stopServices": "stop it\nand that", "startServices": "start it"}
    plan = Plan.model_validate(told)
    wave = plan.waves[0]
    return "\n".join(lines_of(script, plan, wave, wave.machines[0], windows=windows, appliance_ip="10.0.0.4"))


def test_the_plans_own_scripts_are_run_line_by_line() -> None:
    assert lines("stop-services") == "stop it\nand that"
    assert lines("start-services") == "start it"


@pytest.mark.parametrize("windows", [False, True])
def test_connectivity_is_tried_on_both_ports_of_the_appliance(windows: bool) -> None:
    script = lines("check-connectivity", windows=windows)
    assert script.count("10.0.0.4") >= 2
    assert "443" in script
    assert "9443" in script


@pytest.mark.parametrize("script", ["check-connectivity", "install-agent"])
def test_what_runs_on_linux_is_sound_shell(script: str) -> None:
    checked = subprocess.run(["bash", "-n"], input=lines(script), text=True, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_the_installer_comes_from_the_appliance_unless_the_plan_says_otherwise() -> None:
    assert "https://10.0.0.4/" in lines("install-agent")
    assert "https://files.example/agent" in lines("install-agent", installer="https://files.example/agent")
    assert "'Appliance' = '10.0.0.4'" in lines("install-agent", windows=True)
