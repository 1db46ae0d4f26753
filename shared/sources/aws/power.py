"""Power of EC2 instances: states, stop, start, an image kept, and termination.

| operation | IAM action |
| --- | --- |
| states | ec2:DescribeInstances |
| stop, start | ec2:StopInstances, ec2:StartInstances |
| keep_image, find_image | ec2:CreateImage, ec2:CreateTags, ec2:DescribeImages |
| protected_from_termination, protected_from_stop | ec2:DescribeInstanceAttribute |
| terminate | ec2:TerminateInstances |
"""

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError
from pydantic import Field

from shared.models import Model
from shared.problems import Busy, Refused
from shared.sources.aws.instances import batched
from shared.sources.aws.refusals import asking, code_of
from shared.sources.aws.session import AwsPlace, ec2

NAME_TAKEN = "InvalidAMIName.Duplicate"


class KeptImage(Model):
    """An image of a machine."""

    id: str
    name: str
    state: str = Field(default="", description="pending, available, failed, …")
    reason: str = ""


def states(place: AwsPlace, ids: Sequence[str]) -> dict[str, str]:
    """Give the state of each instance that AWS still knows: also of terminated ones."""
    found: dict[str, str] = {}
    with asking("reading the state of instances"):
        for some in batched(ids):
            filters: Any = [{"Name": "instance-id", "Values": some}]
            for page in ec2(place).get_paginator("describe_instances").paginate(Filters=filters):
                each = [raw for reservation in page["Reservations"] for raw in reservation.get("Instances", ())]
                found |= {raw["InstanceId"]: raw["State"]["Name"] for raw in each}
    return found


def stop(place: AwsPlace, instance_id: str) -> str:
    """Stop an instance unless it is stopped or stopping; give the state seen before. Raises `Refused` when it is gone."""
    state = _known_state(place, instance_id)
    if state in ("pending", "running"):
        with asking(f"stopping {instance_id}"):
            ec2(place).stop_instances(InstanceIds=[instance_id])
    return state


def start(place: AwsPlace, instance_id: str) -> str:
    """Start an instance that is stopped; give the state seen before. Raises `Refused` when it is gone.

    A stopping one cannot be started yet: the state says so, look again.
    """
    state = _known_state(place, instance_id)
    if state == "stopped":
        with asking(f"starting {instance_id}"):
            ec2(place).start_instances(InstanceIds=[instance_id])
    return state


def _known_state(place: AwsPlace, instance_id: str) -> str:
    state = states(place, [instance_id]).get(instance_id, "gone")
    if state in ("gone", "terminated", "shutting-down"):
        raise Refused(
            f"instance {instance_id} is {state}", id="source-gone", title="The source machine does not exist any more"
        )
    return state


def find_image(place: AwsPlace, name: str) -> KeptImage | None:
    """Give our own image of that name, or None."""
    filters: Any = [{"Name": "name", "Values": [name]}]
    with asking(f"looking for image {name}"):
        answer = ec2(place).describe_images(Owners=["self"], Filters=filters)
    return next((_image(raw) for raw in answer["Images"]), None)


def keep_image(place: AwsPlace, instance_id: str, name: str, tags: Mapping[str, str]) -> KeptImage:
    """Make an image of an instance without starting or stopping it; found again by its name, which is unique.

    The image and its snapshots bear the tags. Raise `Busy` when EC2 knows the name already but does not show it yet.
    """
    known = find_image(place, name)
    if known:
        return known
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    kinds: Any = [{"ResourceType": kind, "Tags": listed} for kind in ("image", "snapshot")]
    with asking(f"making an image of {instance_id}"):
        try:
            made = ec2(place).create_image(
                InstanceId=instance_id, Name=name, NoReboot=True, TagSpecifications=kinds if listed else []
            )
        except ClientError as error:
            if code_of(error) != NAME_TAKEN:
                raise
            return _made_before(place, name)
    return KeptImage(id=made["ImageId"], name=name, state="pending")


def _made_before(place: AwsPlace, name: str) -> KeptImage:
    """Give the image that a try before made. Raises `Busy` while AWS does not show it yet."""
    known = find_image(place, name)
    if known is None:
        raise Busy(f"AWS says that there is an image {name}, and does not show it yet")
    return known


def protected_from_stop(place: AwsPlace, instance_id: str) -> bool:
    """Tell whether the instance is protected from being stopped, and so from termination, too."""
    with asking(f"reading the stop protection of {instance_id}"):
        answer = ec2(place).describe_instance_attribute(InstanceId=instance_id, Attribute="disableApiStop")
    return bool((answer.get("DisableApiStop") or {}).get("Value"))


def protected_from_termination(place: AwsPlace, instance_id: str) -> bool:
    """Tell whether the instance is protected from termination."""
    with asking(f"reading the termination protection of {instance_id}"):
        answer = ec2(place).describe_instance_attribute(InstanceId=instance_id, Attribute="disableApiTermination")
    return bool(answer["DisableApiTermination"].get("Value"))


def terminate(place: AwsPlace, instance_id: str, *, approved: bool) -> None:
    """Terminate a stopped instance for ever. Raises `Refused` without approval or while it runs; gone is fine."""
    state = states(place, [instance_id]).get(instance_id, "terminated")
    if state in ("terminated", "shutting-down"):
        return
    if not approved or state != "stopped":
        why = "nobody approved it" if not approved else f"it is {state}, not stopped"
        raise Refused(
            f"instance {instance_id} is not terminated: {why}",
            id="not-terminated",
            title="The source was not terminated",
            advice="Approve it at the gate decommission." if not approved else "Stop it, then retry.",
        )
    with asking(f"terminating {instance_id}"):
        ec2(place).terminate_instances(InstanceIds=[instance_id])


def _image(raw: Any) -> KeptImage:
    return KeptImage(
        id=raw["ImageId"],
        name=raw.get("Name", ""),
        state=raw.get("State", ""),
        reason=raw.get("StateReason", {}).get("Message", ""),
    )
