"""Commands through the Systems Manager stand-in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.problems import Busy, CloudRefused
from shared.sources.aws import ssm
from shared.sources.aws.session import AwsPlace
from shared.sources.aws.ssm import SsmScript
from tests.shared.sources.aws.conftest import REGION, Clock

ONE = "i-0aaa11112222bbbb1"


@pytest.fixture
def here(ssm_url: str, set_env: Callable[..., None]) -> AwsPlace:
    set_env(AWS_ACCESS_KEY_ID="k", AWS_SECRET_ACCESS_KEY="s", AZFERRY_SSM_ENDPOINT=ssm_url)
    return AwsPlace(region=REGION)


@pytest.fixture
def machine(ssm_url: str) -> Callable[..., str]:
    def add(instance: str = ONE, **more: Any) -> str:
        body = [{"instanceId": instance, **more}]
        httpx.put(f"{ssm_url}/control/instances", json=body).raise_for_status()
        return instance

    return add


def script(clock: Clock, **more: Any) -> SsmScript:
    values = {"instance": ONE, "windows": False, "lines": ("echo hi",), "token": "finance.1.shop.web1.install-agent.1"}
    return SsmScript(**(values | {"since": clock.now - timedelta(minutes=1)} | more))


def test_agents_tell_their_system_and_machines_without_one_are_missing(here: AwsPlace, machine: Any) -> None:
    machine(platformName="Ubuntu", platformVersion="22.04")
    found = ssm.agents(here, [ONE, "i-0123456789abcdef0"])
    assert set(found) == {ONE}
    assert (found[ONE].online, found[ONE].os_type, found[ONE].os_name, found[ONE].os_version) == (
        True,
        "Linux",
        "Ubuntu",
        "22.04",
    )


def test_a_command_is_sent_once_and_found_again_by_its_token(here: AwsPlace, machine: Any, clock: Clock) -> None:
    machine()
    assert ssm.find_command(here, script(clock)) == ""
    sent = ssm.send_command(here, script(clock))
    clock.later(60)
    assert ssm.send_command(here, script(clock, since=clock.now - timedelta(minutes=2))) == sent
    other = ssm.send_command(here, script(clock, token="finance.1.shop.web1.install-agent.2"))
    assert other != sent


def test_a_command_runs_and_gives_its_output(here: AwsPlace, machine: Any, clock: Clock) -> None:
    machine(outcomes=[{"stdout": "done", "duration": "PT1M"}])
    sent = ssm.send_command(here, script(clock))
    clock.later(5)
    assert ssm.read_command(here, sent, ONE).running
    clock.later(120)
    ended = ssm.read_command(here, sent, ONE)
    assert (ended.running, ended.succeeded, ended.exit_code, ended.stdout) == (False, True, 0, "done")


def test_a_failed_command_gives_its_exit_code(here: AwsPlace, machine: Any, clock: Clock) -> None:
    machine(outcomes=[{"result": "failure", "exitCode": 43, "stderr": "no space left"}])
    sent = ssm.send_command(here, script(clock))
    clock.later(600)
    ended = ssm.read_command(here, sent, ONE)
    assert (ended.running, ended.succeeded, ended.exit_code) == (False, False, 43)
    assert "no space left" in ended.stderr


def test_a_command_that_aws_does_not_know_yet_is_pending(here: AwsPlace, machine: Any) -> None:
    machine()
    assert ssm.read_command(here, "7dbd1bf1-1111-2222-3333-444455556666", ONE).running


def test_a_command_is_cancelled(here: AwsPlace, machine: Any, clock: Clock) -> None:
    machine(outcomes=[{"duration": "PT1H"}])
    sent = ssm.send_command(here, script(clock))
    clock.later(10)
    ssm.cancel_command(here, sent, ONE)
    clock.later(60)
    assert not ssm.read_command(here, sent, ONE).running


def test_a_machine_without_an_agent_is_refused(here: AwsPlace, clock: Clock) -> None:
    with pytest.raises(CloudRefused) as raised:
        ssm.send_command(here, script(clock))
    assert raised.value.facts.code == "InvalidInstanceId"


def test_a_windows_machine_gets_powershell(here: AwsPlace, machine: Any, clock: Clock, ssm_url: str) -> None:
    machine(platformType="Windows", platformName="Microsoft Windows Server 2019 Datacenter")
    ssm.send_command(here, script(clock, windows=True))
    assert httpx.get(f"{ssm_url}/control/commands").json()[0]["DocumentName"] == "AWS-RunPowerShellScript"


@pytest.mark.parametrize("fault", [{}, {"after": True}, {"code": "ThrottlingException", "status": 400}])
def test_a_command_sent_over_a_bad_line_is_still_sent_once(
    here: AwsPlace, machine: Any, clock: Clock, ssm_url: str, fault: dict[str, Any]
) -> None:
    machine()
    answer = httpx.post(f"{ssm_url}/control/faults", json={"operation": "SendCommand", **fault})
    assert answer.status_code == 204, answer.text
    with pytest.raises(Busy):
        ssm.send_command(here, script(clock))
    sent = ssm.send_command(here, script(clock))
    assert [each["CommandId"] for each in httpx.get(f"{ssm_url}/control/commands").json()] == [sent]
