"""The six calls, each from its JSON request to its JSON reply.

Five are what installing an agent needs. ListCommands is the sixth: SendCommand has no client token, so a caller that died
after sending can only find its command again by the Comment it gave, and only ListCommands shows that for every command.
"""

import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from .command import Command, Invocation, seen
from .errors import SsmError
from .machines import Instance
from .service import Service
from .shapes import Json, command_shape, instance_shape, invocation_shape, result_shape

T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """One request: who is asked what, where and when."""

    service: Service
    parameters: Mapping[str, Any]
    region: str
    now: datetime


async def send_command(call: Call) -> Json:
    """Answer SendCommand with the new command."""
    if not call.parameters.get("InstanceIds") and not call.parameters.get("Targets"):
        raise SsmError("InvalidInstanceId", "InstanceIds or Targets must be given")
    if len(set(call.parameters.get("InstanceIds", ()))) != len(call.parameters.get("InstanceIds", ())):
        raise SsmError("DuplicateInstanceId", "an instance is named twice")
    command = await call.service.send(call.parameters, call.region, call.now)
    return {"Command": command_shape(command, call.now)}


async def cancel_command(call: Call) -> Json:
    """Answer CancelCommand with nothing."""
    command = _command(call)
    wanted: Sequence[str] = call.parameters.get("InstanceIds", ())
    for instance_id in wanted:
        _invocation(command, instance_id, "InvalidInstanceId")
    await call.service.cancel(command, wanted, call.now)
    return {}


async def get_command_invocation(call: Call) -> Json:
    """Answer GetCommandInvocation; a command or instance it does not know is InvocationDoesNotExist."""
    command = call.service.commands.get(str(call.parameters["CommandId"]))
    if command is None or command.region != call.region:
        raise SsmError("InvocationDoesNotExist", "")
    invocation = _invocation(command, str(call.parameters["InstanceId"]), "InvocationDoesNotExist")
    if (plugin := call.parameters.get("PluginName")) and plugin != command.plugin:
        raise SsmError("InvalidPluginName", "")
    return result_shape(command, invocation, call.now)


async def list_commands(call: Call) -> Json:
    """Answer ListCommands, newest first."""
    found = [each for each in _commands(call) if _kept(each, call)]
    page, token = _page(found, call.parameters)
    return {"Commands": [command_shape(each, call.now) for each in page], **token}


async def list_command_invocations(call: Call) -> Json:
    """Answer ListCommandInvocations, newest command first."""
    pairs = [
        (command, invocation)
        for command in _commands(call)
        for invocation in command.invocations.values()
        if call.parameters.get("InstanceId") in (None, invocation.instance_id) and _kept(command, call, invocation)
    ]
    page, token = _page(pairs, call.parameters)
    details = bool(call.parameters.get("Details"))
    return {"CommandInvocations": [invocation_shape(*pair, call.now, details=details) for pair in page], **token}


async def describe_instance_information(call: Call) -> Json:
    """Answer DescribeInstanceInformation: only instances whose agent reports."""
    filters = [(each["Key"], each["Values"]) for each in call.parameters.get("Filters", ())]
    filters += [(each["key"], each["valueSet"]) for each in call.parameters.get("InstanceInformationFilterList", ())]
    found = [
        instance
        for instance in call.service.managed(call.region)
        if all(_described(instance, *each) for each in filters)
    ]
    page, token = _page(found, call.parameters)
    return {"InstanceInformationList": [instance_shape(each, call.now) for each in page], **token}


OPERATIONS: Mapping[str, Callable[[Call], Awaitable[Json]]] = {
    "SendCommand": send_command,
    "CancelCommand": cancel_command,
    "GetCommandInvocation": get_command_invocation,
    "ListCommands": list_commands,
    "ListCommandInvocations": list_command_invocations,
    "DescribeInstanceInformation": describe_instance_information,
}


def _command(call: Call) -> Command:
    command = call.service.commands.get(str(call.parameters["CommandId"]))
    if command is None or command.region != call.region:
        raise SsmError("InvalidCommandId", "")
    return command


def _commands(call: Call) -> list[Command]:
    wanted = call.parameters.get("CommandId")
    if wanted is not None:
        return [_command(call)]
    instance = call.parameters.get("InstanceId")
    known = call.service.known(call.region, call.now)
    return [each for each in known if instance is None or instance in each.invocations]


def _invocation(command: Command, instance_id: str, code: str) -> Invocation:
    if instance_id not in command.invocations:
        raise SsmError(code, "")
    return command.invocations[instance_id]


def _kept(command: Command, call: Call, invocation: Invocation | None = None) -> bool:
    return all(_passes(command, call, each, invocation) for each in call.parameters.get("Filters", ()))


def _passes(command: Command, call: Call, each: Mapping[str, str], invocation: Invocation | None) -> bool:
    key, value = each["key"], each["value"]
    if key == "DocumentName":
        return command.document == value
    if key == "Status":
        shown = seen(invocation, call.now).status if invocation else command_shape(command, call.now)["Status"]
        return bool(shown == value)
    if key in ("InvokedAfter", "InvokedBefore"):
        moment = datetime.fromisoformat(value).astimezone(UTC)
        return command.requested >= moment if key == "InvokedAfter" else command.requested <= moment
    raise SsmError("InvalidFilterKey", f"{key} is not valid here")


def _described(instance: Instance, key: str, values: Sequence[str]) -> bool:
    if key.startswith("tag:"):
        return instance.tags.get(key.removeprefix("tag:")) in values
    shown = {
        "InstanceIds": instance.instance_id,
        "PingStatus": instance.ping,
        "PlatformTypes": instance.platform_type,
        "AgentVersion": instance.agent_version,
        "ResourceType": "EC2Instance",
    }
    if key not in shown:
        raise SsmError("InvalidInstanceInformationFilterValue", f"The filter {key} is not served here")
    return shown[key] in values


def _page(found: Sequence[T], request: Mapping[str, Any]) -> tuple[Sequence[T], Json]:
    """Cut one page out; the token is opaque text that says where the next one begins."""
    size = int(request.get("MaxResults", 50))
    try:
        start = int(base64.urlsafe_b64decode(request["NextToken"])) if request.get("NextToken") else 0
    except ValueError as error:
        raise SsmError("InvalidNextToken", "") from error
    more = start + size < len(found)
    token = {"NextToken": base64.urlsafe_b64encode(str(start + size).encode()).decode()} if more else {}
    return found[start : start + size], token
