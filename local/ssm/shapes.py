"""The JSON shapes of SSM's replies, from the stand-in's own state."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .command import ENDED, LISTED, SHOWN, Command, Invocation, Seen, overall, seen
from .machines import Instance

Json = dict[str, Any]
# What the agent says of a worker that it does not find again, e.g. after a restart (agent 3.3.1142, its source).
_CRASHED = (
    "document process failed unexpectedly: document worker timed out , "
    "check [ssm-document-worker]/[ssm-session-worker] log for crash reason"
)


def command_shape(command: Command, now: datetime) -> Json:
    """Write a Command: counts and the worst status of its invocations; `Pending` with no target yet."""
    states = [seen(each, now) for each in command.invocations.values()]
    status = overall(states) if states else "Success"
    failed = [each for each in states if each.status in ("Failed", "TimedOut")]
    return {
        **_head(command),
        "DocumentVersion": command.version,
        "ExpiresAfter": command.requested.timestamp() + command.timeout_seconds,
        "Parameters": {key: list(value) for key, value in command.parameters.items()},
        "InstanceIds": list(command.request.get("InstanceIds", ())),  # type: ignore[call-overload]  # JSON as it was sent
        "Targets": list(command.targets),
        "Status": status,
        "StatusDetails": status,
        "OutputS3Region": command.region,
        "OutputS3BucketName": command.request.get("OutputS3BucketName", ""),
        "OutputS3KeyPrefix": command.request.get("OutputS3KeyPrefix", ""),
        "MaxConcurrency": command.request.get("MaxConcurrency", "50"),
        "MaxErrors": command.request.get("MaxErrors", "0"),
        "TargetCount": len(states),
        "CompletedCount": sum(each.status in ENDED for each in states),
        "ErrorCount": sum(each.status == "Failed" for each in failed),
        "DeliveryTimedOutCount": sum(each.details == "DeliveryTimedOut" for each in failed),
        "ServiceRole": "",
        "NotificationConfig": {"NotificationArn": "", "NotificationEvents": [], "NotificationType": ""},
        "CloudWatchOutputConfig": {"CloudWatchLogGroupName": "", "CloudWatchOutputEnabled": False},
        "TimeoutSeconds": command.timeout_seconds,
        "AlarmConfiguration": {"IgnorePollAlarmFailure": False, "Alarms": []},
        "TriggeredAlarms": [],
    }


def invocation_shape(command: Command, invocation: Invocation, now: datetime, *, details: bool) -> Json:
    """One row of ListCommandInvocations; plug-ins only with `details`."""
    state = seen(invocation, now)
    return {
        **_head(command),
        "InstanceId": invocation.instance_id,
        "InstanceName": invocation.instance_name,
        "DocumentVersion": command.version,
        "Status": state.status,
        "StatusDetails": state.details,
        "StandardOutputUrl": "",
        "StandardErrorUrl": "",
        "CommandPlugins": [_plugin(command, invocation, state)] if details else [],
        "ServiceRole": "",
        "NotificationConfig": {"NotificationArn": "", "NotificationEvents": [], "NotificationType": ""},
        "CloudWatchOutputConfig": {"CloudWatchLogGroupName": "", "CloudWatchOutputEnabled": False},
    }


def result_shape(command: Command, invocation: Invocation, now: datetime) -> Json:
    """GetCommandInvocation: times are text here, and empty until they are known."""
    state = seen(invocation, now)
    out, err = _outputs(invocation, state)
    elapsed = (state.ended - state.started).total_seconds() if state.started and state.ended else None
    return {
        "CommandId": command.command_id,
        "InstanceId": invocation.instance_id,
        "Comment": command.comment,
        "DocumentName": command.document,
        "DocumentVersion": command.version,
        "PluginName": command.plugin,
        "ResponseCode": state.code,
        "ExecutionStartDateTime": _iso(state.started),
        "ExecutionElapsedTime": "" if elapsed is None else f"PT{elapsed:g}S",
        "ExecutionEndDateTime": _iso(state.ended),
        "Status": state.status,
        "StatusDetails": state.details,
        "StandardOutputContent": out[:SHOWN],
        "StandardOutputUrl": "",
        "StandardErrorContent": err[:SHOWN],
        "StandardErrorUrl": "",
        "CloudWatchOutputConfig": {"CloudWatchLogGroupName": "", "CloudWatchOutputEnabled": False},
    }


def instance_shape(instance: Instance, now: datetime) -> Json:
    """Write an InstanceInformation; an agent that was lost pinged an hour ago."""
    lost = 0 if instance.ping == "Online" else 3600
    return {
        "InstanceId": instance.instance_id,
        "PingStatus": instance.ping,
        "LastPingDateTime": now.timestamp() - lost,
        "AgentVersion": instance.agent_version,
        "IsLatestVersion": True,
        "PlatformType": instance.platform_type,
        "PlatformName": instance.platform_name,
        "PlatformVersion": instance.platform_version,
        "ResourceType": "EC2Instance",
        "IPAddress": instance.private_ip,
        "ComputerName": instance.computer_name,
    }


def _head(command: Command) -> Mapping[str, Any]:
    return {
        "CommandId": command.command_id,
        "Comment": command.comment,
        "DocumentName": command.document,
        "RequestedDateTime": command.requested.timestamp(),
    }


def _plugin(command: Command, invocation: Invocation, state: Seen) -> Json:
    out, err = _outputs(invocation, state)
    times = {"ResponseStartDateTime": state.started, "ResponseFinishDateTime": state.ended}
    return {
        "Name": command.plugin,
        "Status": "InProgress" if state.status == "Delayed" else state.status,
        "StatusDetails": state.details,
        "ResponseCode": state.code,
        **{key: value.timestamp() for key, value in times.items() if value},
        "Output": (out + (f"\n----------ERROR-------\n{err}" if err else ""))[:LISTED],
        "StandardOutputUrl": "",
        "StandardErrorUrl": "",
        "OutputS3Region": command.region,
        "OutputS3BucketName": "",
        "OutputS3KeyPrefix": "",
    }


def _outputs(invocation: Invocation, state: Seen) -> tuple[str, str]:
    if state.ended is None or state.status == "Cancelled":
        return "", ""
    outcome = invocation.outcome
    if outcome.result == "restarted":
        return _CRASHED, ""
    if state.status == "Failed":
        ended = "signal: killed" if outcome.result == "killed" else f"exit status {state.code}"
        return invocation.ran.stdout, (outcome.stderr + f"\nfailed to run commands: {ended}").lstrip("\n")
    return invocation.ran.stdout, outcome.stderr


def _iso(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z" if moment else ""
