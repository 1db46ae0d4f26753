"""What the orchestration trigger hands to the SDK."""

import json

from .instance import Instance

SCHEMA = (
    '"upperSchemaVersion":1,"upperSchemaVersionNew":3,"longRunningTimerIntervalDuration":"3.00:00:00",'
    '"maximumShortTimerDuration":"6.00:00:00","defaultHttpAsyncRequestSleepTimeMillseconds":30000}'
)


def turn_payload(instance: Instance, history: str, *, is_replaying: bool = True) -> str:
    """Return the payload of one turn; `history` is the events as JSON text with commas between them."""
    parent = json.dumps(instance.parent.id if instance.parent else None)
    replaying = "true" if is_replaying else "false"
    return (
        f'{{"history":[{history}],"input":{instance.input or "null"},"instanceId":{json.dumps(instance.id)},'
        f'"isReplaying":{replaying},"parentInstanceId":{parent},"sourceInstanceId":{json.dumps(instance.source)},{SCHEMA}'
    )
