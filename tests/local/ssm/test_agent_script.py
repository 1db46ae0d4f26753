"""The stand-in judges the agent script as a machine would: without its file nothing registers."""

from typing import Any

import pytest

from activities.source_scripts.agent_file import text_in
from activities.source_scripts.scripts import script_of
from local.script_results import plain
from local.ssm.agent_script import installation
from shared.guest_scripts.wrapper import SYSTEMS_MANAGER, end_of, wrap
from shared.plan.model import Plan
from tests.activities.migration_harness import plan_of

NONCE = "0123abcd"
CONFIG = "s3://agents/web1.json"


def script(*, windows: bool = False, **agent: Any) -> list[str]:
    """What the app sends."""
    plan = Plan.model_validate(plan_of("web1", replication={"agent": agent}))
    wave = plan.waves[0]
    found = script_of("install-agent", plan, wave, wave.machines[0], windows=windows, appliance_ip="10.0.2.4")
    assert found
    return list(wrap(found, SYSTEMS_MANAGER, NONCE, windows=windows))


def run(
    ssm: Any, around: Any, instance: str, commands: list[str], document: str = "AWS-RunShellScript"
) -> dict[str, Any]:
    sent = ssm.send_command(InstanceIds=[instance], DocumentName=document, Parameters={"commands": commands})
    around.later(60)
    found: dict[str, Any] = ssm.get_command_invocation(CommandId=sent["Command"]["CommandId"], InstanceId=instance)
    return found | {"code": end_of(found["StandardOutputContent"], NONCE).code}


@pytest.mark.parametrize("windows", [False, True])
def test_what_the_app_sends_is_understood(windows: bool) -> None:
    understood = installation(plain("\n".join(script(windows=windows, config="s3://agents/{machine}.json"))))
    assert understood
    assert (understood.appliance, understood.place, understood.classic) == ("10.0.2.4", CONFIG, False)


def test_an_agent_without_its_file_ends_with_17_and_registers_nothing(
    ssm: Any, machine: Any, around: Any, tell: Any
) -> None:
    instance = machine()
    ended = run(ssm, around, instance, script())
    assert (ended["code"], around.notices) == (17, [])
    assert text_in(ended["StandardOutputContent"])
    tell("POST", "agent-files", {"instances": [instance]}).raise_for_status()
    assert run(ssm, around, instance, script())["Status"] == "Success"
    assert len(around.notices) == 1
    assert run(ssm, around, instance, script())["Status"] == "Success"


def test_a_file_that_is_not_where_the_plan_says_is_missed(ssm: Any, machine: Any, around: Any, tell: Any) -> None:
    instance = machine()
    tell("PUT", "missing-files", [CONFIG]).raise_for_status()
    assert run(ssm, around, instance, script(config=CONFIG))["code"] == 17
    tell("PUT", "missing-files", []).raise_for_status()
    assert run(ssm, around, instance, script(config=CONFIG))["code"] == 0


def test_the_words_of_an_agent_register_nothing(ssm: Any, machine: Any, around: Any) -> None:
    for text in ("grep UnifiedAgentConfigurator AzureRcmCli /var/log/x", "set -- --appliance 10.0.2.4 --installer x"):
        assert run(ssm, around, machine(), [text])["Status"] == "Success"
    assert around.notices == []
