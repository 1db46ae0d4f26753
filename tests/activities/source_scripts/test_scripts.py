"""The scripts of a source machine: the plan's own, and ours filled in."""

import shlex
from typing import Any

from activities.source_scripts.scripts import script_of
from shared.guest_scripts.wrapper import GuestScript
from shared.plan.model import Plan
from tests.activities.migration_harness import plan_of


def script(
    name: str, *, windows: bool = False, installer: str = "", scripts: Any = None, **more: Any
) -> GuestScript | None:
    replication = {"agent": {"installerUrl": installer}} if installer else more
    document = plan_of("web1", replication=replication)
    document["waves"][0]["scripts"] = scripts or {"stopServices": "stop it\nand that", "startServices": "start it"}
    plan = Plan.model_validate(document)
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
    for windows in (False, True):
        assert given("install-agent", windows=windows)["installer"].startswith("https://10.0.0.4/")
        assert given("install-agent", installer=NAMED, windows=windows)["installer"] == NAMED


NAMED = "https://files.example/agent?sig=s3cr3t"


def given(name: str, **more: Any) -> dict[str, str]:
    """The arguments of a script: on Linux they stand in it, where no list of processes shows them."""
    found = script(name, **more)
    assert found
    if more.get("windows"):
        return dict(found.arguments)
    assert found.arguments == {}
    words = shlex.split(found.text.splitlines()[1].removeprefix("set -- "))
    return dict(zip((word.removeprefix("--") for word in words[::2]), words[1::2], strict=True))


def test_windows_may_have_an_installer_of_its_own_and_each_its_checksum() -> None:
    own = "s3://agents/agent.exe"
    agent = {"installerUrl": NAMED, "installerSha256": "0" * 64}
    theirs = {"windowsInstallerUrl": own, "windowsInstallerSha256": "1" * 64}
    for windows, more, installer, checksum in (
        (False, theirs, NAMED, "0" * 64),
        (True, theirs, own, "1" * 64),
        (True, {}, NAMED, "0" * 64),
    ):
        sent = given("install-agent", agent=agent | more, windows=windows)
        assert (sent["installer"], sent["sha256"], sent["kind"]) == (installer, checksum, "appliance")


def test_a_machine_fetches_its_own_configuration_and_a_configuration_server_tells_its_passphrase() -> None:
    sent = given("install-agent", agent={"config": "s3://agents/{machine}.json"})
    assert sent["config"] == "s3://agents/web1.json"
    sent = given("install-agent", agent={"passphrase": "s3://agents/p"}, mode="configurationServer")
    assert (sent["passphrase"], sent["kind"]) == ("s3://agents/p", "configurationServer")
