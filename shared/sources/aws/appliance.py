"""The replication appliance's machine on EC2: launched once, found again by its tag.

| operation | IAM action |
| --- | --- |
| find_appliance | ec2:DescribeInstances |
| newest_windows | ec2:DescribeImages |
| launch_appliance | ec2:RunInstances, ec2:CreateTags, iam:PassRole |
"""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from shared.models import Model
from shared.problems import Refused
from shared.sources.aws.instances import GONE, Ec2Instance, find_instances, get_instance
from shared.sources.aws.power import states
from shared.sources.aws.refusals import asking
from shared.sources.aws.session import AwsPlace, ec2

TAG = "azferry:appliance"
NEWEST = ("2022",)
WINDOWS = "Windows_Server-{release}-English-Full-Base-*"
# documented: 8 vCPU and 16 GB at least, 80 GB for the system and 620 GB for the cache
INSTANCE_TYPE, OS_DISK_GB, CACHE_DISK_GB = "m5.2xlarge", 80, 620


class Launching(Model):
    """What to launch; `token` is the same for every attempt of one launch."""

    name: str
    subnet: str
    groups: tuple[str, ...]
    token: str = Field(max_length=64)
    migration: str = ""
    image_id: str = Field(default="", description="empty = the newest of the releases")
    releases: tuple[str, ...] = Field(
        default=NEWEST, description="systems that its set-up runs on, the preferred first, as Amazon's images name them"
    )
    instance_type: str = INSTANCE_TYPE
    key_name: str = ""
    profile_arn: str = ""
    os_disk_gb: int = OS_DISK_GB
    cache_disk_gb: int = CACHE_DISK_GB


def find_appliance(place: AwsPlace, name: str, vpc: str = "") -> Ec2Instance | None:
    """Give the appliance that was launched under this name and is not gone, or None."""
    return next(iter(find_instances(place, tags={TAG: name}, vpc=vpc)), None)


def launch_appliance(place: AwsPlace, request: Launching) -> Ec2Instance:
    """Give the appliance, launched if it was not there. Twice is fine: its tag is looked for, AWS knows the token.

    Raises `Refused` when the one that this token launched was terminated since: another needs another token.
    """
    known = find_appliance(place, request.name)
    if known:
        return known
    image = request.image_id or newest_windows(place, request.releases)
    with asking(f"launching appliance {request.name}"):
        made = ec2(place).run_instances(**_request(request, image))
    return _launched(place, made["Instances"][0]["InstanceId"])


def _launched(place: AwsPlace, instance_id: str) -> Ec2Instance:
    """Read what was launched; EC2 may need a moment to show it."""
    if states(place, [instance_id]).get(instance_id) in GONE:
        raise Refused(
            f"the appliance {instance_id} that was launched for this is terminated",
            id="appliance-gone",
            title="The appliance is gone",
            advice="Retry: a new round launches another appliance.",
        )
    return get_instance(place, instance_id) or Ec2Instance(id=instance_id, state="pending", region=place.region)


def newest_windows(place: AwsPlace, releases: Sequence[str] = NEWEST) -> str:
    """Give the newest image of the first of these releases that Amazon still offers. Raises `Refused` when it offers none."""
    for release in releases:
        if images := _offered(place, WINDOWS.format(release=release)):
            return str(max(images, key=lambda image: image.get("CreationDate", ""))["ImageId"])
    raise Refused(
        f"{place.region} has no image of Windows Server {' or '.join(releases)}",
        id="no-appliance-image",
        title="No image for the appliance",
        advice="Name an image of your own in the plan: replication.appliance.imageId.",
    )


def _offered(place: AwsPlace, name: str) -> list[Any]:
    filters: Any = [{"Name": "name", "Values": [name]}, {"Name": "state", "Values": ["available"]}]
    with asking("looking for an image for the appliance"):
        return list(ec2(place).describe_images(Owners=["amazon"], Filters=filters)["Images"])


def _request(launching: Launching, image: str) -> dict[str, Any]:
    named = {"Name": launching.name, TAG: launching.name} | (
        {"azferry:migration": launching.migration} if launching.migration else {}
    )
    tags = [{"Key": key, "Value": value} for key, value in named.items()]
    request: dict[str, Any] = {
        "ImageId": image,
        "InstanceType": launching.instance_type,
        "MinCount": 1,
        "MaxCount": 1,
        "ClientToken": launching.token,
        "SubnetId": launching.subnet,
        "SecurityGroupIds": list(launching.groups),
        "MetadataOptions": {"HttpTokens": "required"},
        "BlockDeviceMappings": [_disk("/dev/sda1", launching.os_disk_gb), _disk("xvdf", launching.cache_disk_gb)],
        "TagSpecifications": [{"ResourceType": kind, "Tags": tags} for kind in ("instance", "volume")],
    }
    if launching.key_name:
        request["KeyName"] = launching.key_name
    if launching.profile_arn:
        request["IamInstanceProfile"] = {"Arn": launching.profile_arn}
    return request


def _disk(device: str, size: int) -> dict[str, Any]:
    return {"DeviceName": device, "Ebs": {"VolumeSize": size, "VolumeType": "gp3", "Encrypted": True}}
