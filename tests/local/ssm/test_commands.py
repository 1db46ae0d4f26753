"""What a person with boto3 sees of a command."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

INSTALL = [
    "set -- --appliance 10.0.2.4 --installer s3://agents/a.tar.gz --config s3://agents/web1.json",
    "UnifiedAgentConfigurator.sh",
]


def send(ssm: Any, *ids: Any, commands: Any = ("echo hi",), **more: Any) -> Any:
    document = more.pop("DocumentName", "AWS-RunShellScript")
    more["Parameters"] = {"commands": list(commands)} | more.pop("Parameters", {})
    return ssm.send_command(InstanceIds=list(ids), DocumentName=document, **more)["Command"]


def state(ssm: Any, command: Any, instance: Any) -> Any:
    return ssm.get_command_invocation(CommandId=command["CommandId"], InstanceId=instance)


def code(raised: Any) -> Any:
    return raised.value.response["Error"]["Code"]


def test_a_command_is_pending_then_running_then_a_success(ssm: Any, machine: Any, around: Any) -> None:
    instance = machine(outcomes=[{"stdout": "done", "duration": "PT1M"}])
    command = send(ssm, instance, Comment="azferry:fin.1")
    assert command["Status"] == "Pending"
    assert state(ssm, command, instance)["Status"] == "Pending"
    around.later(2)
    assert state(ssm, command, instance)["Status"] == "InProgress"
    assert state(ssm, command, instance)["ResponseCode"] == -1
    around.later(60)
    ended = state(ssm, command, instance)
    assert (ended["Status"], ended["ResponseCode"], ended["StandardOutputContent"]) == ("Success", 0, "done")
    assert ended["ExecutionElapsedTime"] == "PT60S"


def test_a_failed_script_shows_its_exit_code_and_its_error_output(ssm: Any, machine: Any, around: Any) -> None:
    instance = machine(outcomes=[{"result": "failure", "exitCode": 43, "stderr": "no space left"}])
    command = send(ssm, instance)
    around.later(60)
    ended = state(ssm, command, instance)
    assert (ended["Status"], ended["ResponseCode"]) == ("Failed", 43)
    assert ended["StandardErrorContent"].startswith("no space left")
    assert ssm.list_commands(CommandId=command["CommandId"])["Commands"][0]["ErrorCount"] == 1


def test_a_wrapped_script_ends_with_its_mark_and_the_wrappers_own_code(ssm: Any, machine: Any, around: Any) -> None:
    instance = machine(outcomes=[{"result": "failure", "exitCode": 194, "stdout": "stopping"}])
    command = send(ssm, instance, commands=["printf 'azferry-end 0abc %s' $?", "exit 1"])
    around.later(60)
    ended = state(ssm, command, instance)
    assert (ended["Status"], ended["ResponseCode"]) == ("Failed", 1)
    assert ended["StandardOutputContent"] == "stopping\nazferry-end 0abc 194\n"
    assert ended["StandardErrorContent"] == "failed to run commands: exit status 1"


def test_a_script_that_asks_for_a_restart_runs_again_and_again(ssm: Any, machine: Any, around: Any) -> None:
    instance = machine(outcomes=[{"result": "failure", "exitCode": 194}])
    command = send(ssm, instance, Parameters={"executionTimeout": ["600"]})
    around.later(500)
    assert state(ssm, command, instance)["Status"] == "InProgress"


@pytest.mark.parametrize(
    ("result", "code", "words"),
    [("restarted", 0, "document process failed unexpectedly"), ("killed", -1, "signal: killed")],
)
def test_what_did_not_end_fails_without_a_mark(
    ssm: Any, machine: Any, around: Any, result: str, code: int, words: str
) -> None:
    instance = machine(outcomes=[{"result": result}])
    command = send(ssm, instance, commands=["printf 'azferry-end 0abc %s' $?", "exit 1"])
    around.later(60)
    ended = state(ssm, command, instance)
    assert (ended["Status"], ended["ResponseCode"]) == ("Failed", code)
    assert words in ended["StandardOutputContent"] + ended["StandardErrorContent"]
    assert "azferry-end" not in ended["StandardOutputContent"]


def test_a_script_that_hangs_times_out_after_its_execution_timeout(ssm: Any, machine: Any, around: Any) -> None:
    instance = machine(outcomes=[{"result": "timeOut"}])
    command = send(ssm, instance, Parameters={"executionTimeout": ["600"]})
    around.later(599)
    assert state(ssm, command, instance)["Status"] == "InProgress"
    around.later(3)
    assert state(ssm, command, instance)["StatusDetails"] == "ExecutionTimedOut"


def test_an_agent_that_lost_its_connection_is_shown_and_its_command_is_never_delivered(
    ssm: Any, machine: Any, around: Any
) -> None:
    instance = machine(pingStatus="ConnectionLost")
    assert ssm.describe_instance_information()["InstanceInformationList"][0]["PingStatus"] == "ConnectionLost"
    command = send(ssm, instance, TimeoutSeconds=30)
    around.later(20)
    assert state(ssm, command, instance)["Status"] == "Delayed"
    around.later(20)
    assert state(ssm, command, instance)["StatusDetails"] == "DeliveryTimedOut"


def test_an_instance_without_an_agent_is_unknown(ssm: Any, machine: Any) -> None:
    instance = machine(agent=False)
    assert ssm.describe_instance_information()["InstanceInformationList"] == []
    with pytest.raises(ClientError) as raised:
        send(ssm, instance)
    assert code(raised) == "InvalidInstanceId"


def test_a_region_sees_its_own_instances_and_commands_only(client: Any, machine: Any) -> None:
    instance = machine(region="eu-west-1")
    send(client("eu-west-1"), instance)
    assert client("us-east-1").describe_instance_information()["InstanceInformationList"] == []
    assert client("us-east-1").list_commands()["Commands"] == []


def test_a_shell_script_does_not_run_on_windows(ssm: Any, machine: Any) -> None:
    instance = machine(platformType="Windows")
    with pytest.raises(ClientError) as raised:
        send(ssm, instance)
    assert code(raised) == "UnsupportedPlatformType"
    assert send(ssm, instance, DocumentName="AWS-RunPowerShellScript")["TargetCount"] == 1


def test_a_command_is_found_again_by_its_comment(ssm: Any, machine: Any, around: Any) -> None:
    instance = machine()
    for number in range(60):
        send(ssm, instance, Comment=f"azferry:{number}")
        around.later(1)
    pages = ssm.get_paginator("list_commands").paginate(InstanceId=instance)
    comments = [command["Comment"] for page in pages for command in page["Commands"]]
    assert comments == [f"azferry:{number}" for number in reversed(range(60))]


def test_commands_are_forgotten_after_thirty_days(ssm: Any, machine: Any, around: Any) -> None:
    send(ssm, machine())
    around.later(31 * 86400)
    assert ssm.list_commands()["Commands"] == []


def test_a_succeeded_agent_install_registers_the_machine_when_it_ends(ssm: Any, machine: Any, around: Any) -> None:
    instance = machine(privateIp="10.0.2.15", outcomes=[{"duration": "PT5M"}])
    send(ssm, instance)
    assert around.notices == []
    send(ssm, instance, commands=INSTALL)
    assert around.notices == [{"ip": "10.0.2.15", "at": "2026-11-21T05:05:01+00:00"}]


def test_a_failed_agent_install_registers_nothing(ssm: Any, machine: Any, around: Any) -> None:
    send(ssm, machine(outcomes=[{"result": "failure"}]), commands=INSTALL)
    assert around.notices == []


def test_a_cancelled_agent_install_is_taken_back(ssm: Any, machine: Any, around: Any) -> None:
    instance = machine(privateIp="10.0.2.15", outcomes=[{"duration": "PT5M"}])
    command = send(ssm, instance, commands=INSTALL)
    around.later(10)
    ssm.cancel_command(CommandId=command["CommandId"])
    around.later(600)
    assert around.notices[-1] == {"ip": "10.0.2.15", "at": None}
    assert state(ssm, command, instance)["Status"] == "Cancelled"


def test_a_command_that_ended_stays_as_it_ended_when_cancelled(ssm: Any, machine: Any, around: Any) -> None:
    instance = machine()
    command = send(ssm, instance)
    around.later(60)
    ssm.cancel_command(CommandId=command["CommandId"])
    assert state(ssm, command, instance)["Status"] == "Success"


def test_nothing_is_sent_when_the_simulator_cannot_be_told(ssm: Any, machine: Any, around: Any) -> None:
    around.broken = True
    with pytest.raises(ClientError) as raised:
        send(ssm, machine(), commands=INSTALL)
    assert code(raised) == "InternalServerError"
    assert ssm.list_commands()["Commands"] == []


def test_an_outcome_counts_its_times_and_the_next_one_follows(ssm: Any, machine: Any, around: Any) -> None:
    instance = machine(outcomes=[{"match": "Unified", "result": "failure", "times": 1}, {"stdout": "second"}])
    first, other, again = (send(ssm, instance, commands=text) for text in (INSTALL, ["ls"], INSTALL))
    around.later(60)
    assert [state(ssm, each, instance)["Status"] for each in (first, other, again)] == ["Failed", "Success", "Success"]


def test_a_lost_reply_leaves_the_command_to_be_found(ssm: Any, machine: Any, tell: Any) -> None:
    instance = machine()
    tell("POST", "faults", {"operation": "SendCommand", "after": True}).raise_for_status()
    with pytest.raises(ClientError):
        send(ssm, instance, Comment="azferry:lost")
    assert [each["Comment"] for each in ssm.list_commands()["Commands"]] == ["azferry:lost"]
    tell("POST", "faults", {"operation": "SendCommand", "code": "ThrottlingException", "status": 400})
    with pytest.raises(ClientError) as raised:
        send(ssm, instance)
    assert code(raised) == "ThrottlingException"
    assert len(ssm.list_commands()["Commands"]) == 1


def test_invocations_are_listed_with_their_output_when_details_are_asked_for(
    ssm: Any, machine: Any, around: Any
) -> None:
    ids = [machine(f"i-0000000{n}", outcomes=[{"stdout": str(n)}], tags={"App": "shop"}) for n in range(3)]
    parameters = {"commands": ["ls"]}
    command = ssm.send_command(
        Targets=[{"Key": "tag:App", "Values": ["shop"]}], DocumentName="AWS-RunShellScript", Parameters=parameters
    )["Command"]
    around.later(60)
    rows = ssm.list_command_invocations(CommandId=command["CommandId"], Details=True)["CommandInvocations"]
    assert {row["InstanceId"]: row["CommandPlugins"][0]["Output"] for row in rows} == dict(zip(ids, "012", strict=True))
    done = [{"key": "Status", "value": "Success"}]
    assert len(ssm.list_command_invocations(InstanceId=ids[0], Filters=done)["CommandInvocations"]) == 1


def test_information_is_filtered_and_paged(ssm: Any, machine: Any) -> None:
    for number in range(12):
        machine(f"i-000000{number:02}", platformType="Windows" if number % 2 else "Linux")
    first = ssm.describe_instance_information(MaxResults=5)
    assert (len(first["InstanceInformationList"]), "NextToken" in first) == (5, True)
    windows = ssm.describe_instance_information(Filters=[{"Key": "PlatformTypes", "Values": ["Windows"]}])
    assert len(windows["InstanceInformationList"]) == 6
    named = ssm.describe_instance_information(Filters=[{"Key": "InstanceIds", "Values": ["i-00000003"]}])
    assert named["InstanceInformationList"][0]["PlatformType"] == "Windows"


@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("get_command_invocation", {"CommandId": "a" * 36, "InstanceId": "i-00000001"}, "InvocationDoesNotExist"),
        ("cancel_command", {"CommandId": "a" * 36}, "InvalidCommandId"),
        ("send_command", {"InstanceIds": ["i-00000001"], "DocumentName": "AWS-Nothing"}, "InvalidDocument"),
        ("list_documents", {}, "UnknownOperationException"),
    ],
)
def test_a_refused_call_names_its_error(ssm: Any, machine: Any, call: Any, arguments: Any, expected: Any) -> None:
    machine("i-00000001")
    with pytest.raises(ClientError) as raised:
        getattr(ssm, call)(**arguments)
    assert code(raised) == expected


def test_the_control_api_refuses_a_field_it_does_not_know(tell: Any) -> None:
    assert tell("PUT", "instances", [{"instanceId": "i-00000001", "agnet": True}]).status_code == 422
