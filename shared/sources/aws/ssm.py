"""AWS Systems Manager: which agents answer, commands sent once, and what they came to.

| operation | IAM action |
| --- | --- |
| agents | ssm:DescribeInstanceInformation |
| send_command, find_command | ssm:SendCommand, ssm:ListCommands |
| send_to_many, find_by_tokens | ssm:SendCommand, ssm:ListCommands |
| read_command | ssm:GetCommandInvocation |
| read_invocations | ssm:ListCommandInvocations |
| cancel_command | ssm:CancelCommand |
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError
from pydantic import Field

from shared.models import Model
from shared.sources.aws.instances import batched
from shared.sources.aws.refusals import asking, code_of
from shared.sources.aws.session import AwsPlace, ssm

LINUX, WINDOWS = "AWS-RunShellScript", "AWS-RunPowerShellScript"
IN_ONE_FILTER = 50
DELIVERED_WITHIN = 300  # seconds: an agent that answers takes a command within moments
LONGEST_COMMENT = 100  # documented
RUNNING = frozenset({"Pending", "InProgress", "Delayed", "Cancelling"})


class SsmAgent(Model):
    """What the management agent of an instance reports."""

    instance: str
    online: bool = False
    os_type: str = Field(default="", description="Windows, Linux or MacOS")
    os_name: str = ""
    os_version: str = ""
    host: str = ""
    version: str = ""


class SsmScript(Model):
    """A script to run on one instance; `token` is the same for every attempt, so that it is found again."""

    instance: str
    windows: bool
    lines: tuple[str, ...]
    token: str = Field(max_length=LONGEST_COMMENT)
    since: datetime = Field(description="shortly before the first attempt")
    timeout: int = Field(default=3600, description="seconds that the script may run")


class CommandResult(Model):
    """How a command stands on its instance; AWS keeps the first 24,000 characters of each output (documented)."""

    status: str = Field(default="Pending", description="as AWS says, e.g. Success, Failed, TimedOut, InProgress")
    details: str = ""
    exit_code: int = -1
    stdout: str = ""
    stderr: str = ""

    @property
    def running(self) -> bool:
        """Tell whether it has not ended."""
        return self.status in RUNNING

    @property
    def succeeded(self) -> bool:
        """Tell whether it ended well."""
        return self.status == "Success"


def agents(place: AwsPlace, ids: Iterable[str]) -> dict[str, SsmAgent]:
    """Give the agents that have ever reported, by instance id; an instance without one is missing."""
    found: dict[str, SsmAgent] = {}
    with asking("looking which management agents answer"):
        for some in batched(ids, IN_ONE_FILTER):
            filters: Any = [{"Key": "InstanceIds", "Values": some}]
            pages = ssm(place).get_paginator("describe_instance_information").paginate(Filters=filters)
            found |= {raw["InstanceId"]: _agent(raw) for page in pages for raw in page["InstanceInformationList"]}
    return found


def send_command(place: AwsPlace, script: SsmScript) -> str:
    """Run a script on an instance, once: a command with our token is looked for first. Give the command's id."""
    known = find_command(place, script)
    if known:
        return known
    parameters = {"commands": list(script.lines), "executionTimeout": [str(script.timeout)]}
    with asking(f"sending a command to {script.instance}"):
        made = ssm(place).send_command(
            InstanceIds=[script.instance],
            DocumentName=WINDOWS if script.windows else LINUX,
            Comment=script.token,
            Parameters=parameters,
        )
    return str(made["Command"]["CommandId"])


def find_command(place: AwsPlace, script: SsmScript) -> str:
    """Find again the command that was sent with this token; empty when it was never sent."""
    after = f"{script.since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    filters: Any = [{"key": "InvokedAfter", "value": after}]
    with asking(f"looking for commands of {script.instance}"):
        pages = ssm(place).get_paginator("list_commands").paginate(InstanceId=script.instance, Filters=filters)
        return next((str(raw["CommandId"]) for page in pages for raw in page["Commands"] if _ours(raw, script)), "")


def _ours(raw: Any, script: SsmScript) -> bool:
    return bool(raw.get("Comment") == script.token)


def send_to_many(place: AwsPlace, ids: Sequence[str], script: SsmScript) -> str:
    """Run one script on up to 50 instances at once, as one command; `script.instance` is not asked. Give the command's id.

    It is not looked for before: `find_by_tokens` does that for many commands at once.
    """
    parameters = {"commands": list(script.lines), "executionTimeout": [str(script.timeout)]}
    with asking(f"sending a command to {len(ids)} instances"):
        made = ssm(place).send_command(
            InstanceIds=list(ids),
            DocumentName=WINDOWS if script.windows else LINUX,
            Comment=script.token,
            Parameters=parameters,
            TimeoutSeconds=DELIVERED_WITHIN,
            MaxErrors="100%",  # one that fails does not keep the others from being asked
        )
    return str(made["Command"]["CommandId"])


def find_by_tokens(place: AwsPlace, since: datetime) -> dict[str, str]:
    """Give the commands that were sent since a moment, by their comments."""
    filters: Any = [{"key": "InvokedAfter", "value": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}]
    with asking("looking for commands that were sent"):
        pages = ssm(place).get_paginator("list_commands").paginate(Filters=filters)
        return {str(raw.get("Comment", "")): str(raw["CommandId"]) for page in pages for raw in page["Commands"]}


def read_invocations(place: AwsPlace, command: str) -> dict[str, CommandResult]:
    """Look once at a command on all its instances, by their ids; AWS keeps 2,500 characters of each output here (documented)."""
    with asking(f"reading command {command}"):
        paginator = ssm(place).get_paginator("list_command_invocations")
        pages = paginator.paginate(CommandId=command, Details=True, PaginationConfig={"PageSize": IN_ONE_FILTER})
        return {raw["InstanceId"]: _result(raw) for page in pages for raw in page["CommandInvocations"]}


def _result(raw: Any) -> CommandResult:
    plugin: Any = next(iter(raw.get("CommandPlugins") or ()), {})
    return CommandResult(
        status=raw["Status"],
        details=raw.get("StatusDetails", ""),
        exit_code=plugin.get("ResponseCode", -1),
        stdout=plugin.get("Output", ""),
    )


def read_command(place: AwsPlace, command: str, instance: str) -> CommandResult:
    """Look once at a command; one that AWS does not know yet is pending."""
    with asking(f"reading command {command}"):
        try:
            raw = ssm(place).get_command_invocation(CommandId=command, InstanceId=instance)
        except ClientError as error:
            if code_of(error) != "InvocationDoesNotExist":
                raise
            return CommandResult()
    return CommandResult(
        status=raw["Status"],
        details=raw.get("StatusDetails", ""),
        exit_code=raw.get("ResponseCode", -1),
        stdout=raw.get("StandardOutputContent", ""),
        stderr=raw.get("StandardErrorContent", ""),
    )


def cancel_command(place: AwsPlace, command: str, instance: str) -> None:
    """Ask a command to stop; one that has ended is fine."""
    with asking(f"cancelling command {command}"):
        ssm(place).cancel_command(CommandId=command, InstanceIds=[instance])


def _agent(raw: Any) -> SsmAgent:
    return SsmAgent(
        instance=raw["InstanceId"],
        online=raw.get("PingStatus") == "Online",
        os_type=raw.get("PlatformType", ""),
        os_name=raw.get("PlatformName", ""),
        os_version=raw.get("PlatformVersion", ""),
        host=raw.get("ComputerName", ""),
        version=raw.get("AgentVersion", ""),
    )
