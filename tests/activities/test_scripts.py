"""The scripts of a source machine: the plan's own, and ours filled in."""

from typing import Any

from activities.scripts import script_of
from shared.guest_scripts.wrapper import GuestScript
from shared.plan.model import Plan
from tests.activities.ferry import plan_of


def script(name: str, *, windows: bool = False, installer: str = "", scripts: Any = None) -> GuestScript | None:
    told = plan_of("web1", replication={"agent": {"installerUrl": installer}} if installer else {})
    told["waves"][0]["scripts"] = scripts or {"stopServices": "stop it\nand that", "startServices": "start it"}
    plan = Plan.model_validate(told)
    wave = plan.waves[0]
    return script_of(name, plan, wave, wave.machines[0], windows=windows, appliance_ip="10.0.0.4")


def arguments(name: str, **more: Any) -> Any:
    found = script(name, **more)
    assert found
    return found.arguments


def test_the_plans_own_scripts_are_run_as_they_stand() -> None:
    assert [script(name).text for name in ("stop-services", "start-services")] == ["stop it\nand that", "start it"]


def test_a_script_of_nothing_but_blanks_is_none() -> None:
    assert script("stop-services", scripts={"stopServices": " \n"}) is None


def test_connectivity_is_tried_on_both_ports_of_the_appliance() -> None:
    for windows in (False, True):
        assert arguments("check-connectivity", windows=windows) == {"places": "10.0.0.4:443,10.0.0.4:9443"}


def test_the_installer_comes_from_the_appliance_unless_the_plan_says_otherwise() -> None:
    assert arguments("install-agent")["installer"].startswith("https://10.0.0.4/")
    named = "https://files.example/agent"
    assert arguments("install-agent", installer=named, windows=True) == {"appliance": "10.0.0.4", "installer": named}
